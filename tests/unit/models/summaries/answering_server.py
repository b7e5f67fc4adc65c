"""A real HTTP server that speaks as OpenAI-compatible ones do, with answers that were recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answerer = Callable[[dict[str, Any]], tuple[int, str]]
"""Makes the status and the model's words of a request's body."""


@contextmanager
def answering(answer: Answerer) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Give the address of the API, and the requests that have come: bodies with their headers."""
    requests: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append({"path": self.path, "key": self.headers["Authorization"], **body})
            status, said = answer(body)
            message = {"choices": [{"message": {"role": "assistant", "content": said}}]}
            sent = json.dumps(message if status == 200 else {"error": {"message": said}}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
