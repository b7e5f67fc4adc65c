from __future__ import annotations

import socket
from pathlib import Path

import pytest

from eval import own_lectern
from eval.own_lectern import free_port

GIVEN_AWAY = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_a_port_is_free_and_none_that_a_connection_may_get() -> None:
    first, last = map(int, GIVEN_AWAY.read_text().split())
    port = free_port()
    assert port not in range(first, last + 1)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_taken_port_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = free_port()
    with socket.create_server(("127.0.0.1", taken)):
        monkeypatch.setattr(own_lectern, "OWN_PORTS", range(taken, taken + 2))
        assert free_port() == taken + 1
        monkeypatch.setattr(own_lectern, "OWN_PORTS", range(taken, taken + 1))
        with pytest.raises(RuntimeError, match="are taken"):
            free_port()
