"""A line between a page and a gateway that a test can cut, whatever the browser makes of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK_BYTES = 64 * 1024


class NetworkLine:
    """Forwards TCP connections to a gateway; while it is cut, it closes every one."""

    def __init__(self, gateway_url: str) -> None:
        target = urlsplit(gateway_url)
        self._target = (target.hostname, target.port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break what is open, requests on their way included, and let nothing through."""
        with self._lock:
            self._is_cut = True
            ended, self._open = self._open, set()
        for end in ended:
            _close(end)

    def mend(self) -> None:
        """Let new connections through."""
        self._is_cut = False

    def close(self) -> None:
        """End the line."""
        self.cut()
        _close(self._server)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                self._connect(near)

    def _connect(self, near: socket.socket) -> None:
        far = socket.create_connection(self._target)
        with self._lock:
            if not self._is_cut:
                self._open |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()
                return
        _close(near)
        _close(far)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                target.sendall(chunk)
        for end in (source, target):
            _close(end)
        with self._lock:
            self._open -= {source, target}


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def network_line(gateway_url: str) -> Iterator[NetworkLine]:
    """Lay a line for the time of the context."""
    line = NetworkLine(gateway_url)
    try:
        yield line
    finally:
        line.close()
