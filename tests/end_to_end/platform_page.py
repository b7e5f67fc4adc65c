"""A platform's classroom page on an origin of its own, which loads `lectern.js` from a gateway."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CLASSROOM = """<!doctype html>
<html lang="en">
<title>A classroom</title>
<textarea id="work"></textarea>
<button id="press">Press</button>
<div style="height: 4000px"></div>
<script type="module">
  import {{ Lectern }} from "{gateway}/lectern.js";
  const token = async () => (await fetch("/token")).text();
  window.Lectern = Lectern;
  window.told = [];
  window.lectern = await Lectern.join({{ token }});
  for (const name of ["refused", "dropped"]) {{
    lectern.addEventListener(name, ({{ detail }}) => told.push({{ name, ...detail }}));
  }}
</script>
"""


@contextmanager
def classroom(gateway_url: str, mint_token: Callable[[], str]) -> Iterator[str]:
    """Serve the page for the time of the context; its server mints tokens as a platform's does.

    Yields:
        The page's address, on another origin than the gateway.
    """
    page = CLASSROOM.format(gateway=gateway_url).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_token = self.path == "/token"
            body = mint_token().encode() if is_token else page
            self.send_response(200)
            self.send_header("Content-Type", "text/plain" if is_token else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
