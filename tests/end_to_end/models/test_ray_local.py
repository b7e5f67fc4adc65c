"""`lectern models` with a Ray of its own: how it starts, and that nothing outlives it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from models.captions.interface import CaptionWindow
from serving.captioning.client import CaptionClient
from tests.end_to_end.models.models_command import ROOT, eventually, models_command, survivors
from tests.media import sample_speech

pytestmark = pytest.mark.timeout(240)

STOP_SECONDS = 8.0
LOSS_SECONDS = 15.0
ORPHAN_SECONDS = 15.0


def _wait_for_none_of(processes: list[psutil.Process], seconds: float) -> None:
    try:
        eventually(lambda: None if survivors(processes) else True, seconds)
    finally:
        assert survivors(processes) == []


async def test_it_tells_its_start_captions_and_stops_with_everything_it_started(
    tmp_path: Path,
) -> None:
    with models_command(tmp_path) as command:
        first_told = eventually(command.captions, 20)
        assert first_told["state"] == "starting"
        captions = command.wait_until_ready()
        assert captions["engine"] == "pocketsphinx"
        assert str(captions["reason"]).startswith("Because ")
        async with CaptionClient(command.url) as client:
            window = CaptionWindow("a", sample_speech("tutor", 3.0))
            assert (await client.transcribe(window)).words
        started = command.descendants()
        command.process.send_signal(signal.SIGTERM)
        assert command.process.wait(STOP_SECONDS) == 0
        _wait_for_none_of(started, STOP_SECONDS)


async def test_it_ends_with_an_error_when_its_ray_dies(tmp_path: Path) -> None:
    with models_command(tmp_path) as command:
        command.wait_until_ready()
        started = command.descendants()
        (raylet,) = [process for process in started if process.name() == "raylet"]
        raylet.kill()
        assert command.process.wait(LOSS_SECONDS) == 1
        assert "local Ray has died" in command.log.read_text()
        _wait_for_none_of(started, STOP_SECONDS)


async def test_nothing_outlives_it_when_it_is_killed(tmp_path: Path) -> None:
    with models_command(tmp_path) as command:
        command.wait_until_ready()
        started = command.descendants()
        assert len(started) > 5
        command.process.kill()
        _wait_for_none_of(started, ORPHAN_SECONDS)


async def test_a_model_that_does_not_exist_ends_it_in_plain_words(tmp_path: Path) -> None:
    settings = {
        "LECTERN_CAPTION_ENGINE": "faster-whisper",
        "LECTERN_CAPTION_MODEL": "/no/such/folder",
    }
    with models_command(tmp_path, **settings) as command:
        assert command.process.wait(120) == 2
        told = command.log.read_text()
    assert "caption_model: There is no folder `/no/such/folder`" in told


def test_a_taken_port_ends_it_in_plain_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        ended = subprocess.run(
            [sys.executable, "-m", "lectern", "models"],
            cwd=ROOT,
            env=os.environ | {"LECTERN_DATA_DIR": str(tmp_path), "LECTERN_MODELS_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert "LECTERN_MODELS_URL" in ended.stderr
