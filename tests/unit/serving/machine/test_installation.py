from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lessons.errors import Conflict
from serving.machine.installation import only_one, require_free_ports
from serving.settings import Settings, load_settings

HOLD = """
import sys
from pathlib import Path
from serving.machine.installation import only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def settings_on(port: int, models_port: int) -> Settings:
    return load_settings(port=port, models_url=f"http://127.0.0.1:{models_port}")


def test_a_second_supervisor_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[4],
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(Conflict) as refusal, only_one(tmp_path):
        pass
    assert str(tmp_path) in refusal.value.reason
    assert str(holder.pid) in refusal.value.reason
    assert "--data-dir" in (refusal.value.fix or "")
    holder.kill()
    holder.wait()
    with only_one(tmp_path):
        pass


def test_free_ports_pass() -> None:
    require_free_ports(settings_on(free_port(), free_port()))


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        with pytest.raises(Conflict) as gateway:
            require_free_ports(settings_on(taken, free_port()))
        with pytest.raises(Conflict) as models:
            require_free_ports(settings_on(free_port(), taken))
    assert f"Port {taken} on 127.0.0.1 is taken" in gateway.value.reason
    assert f"lectern up --port {taken + 1}" in (gateway.value.fix or "")
    assert "LECTERN_MODELS_URL" in (models.value.fix or "")
