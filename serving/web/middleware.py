"""ASGI middleware of the gateway: body limits and security headers."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web.problems import TooLarge, problem_response

JSON_BODY_BYTES = 1024 * 1024
SDP_BODY_BYTES = 64 * 1024
CURRICULUM_BODY_BYTES = 16 * 1024 * 1024
TRANSCRIBED_BODY_BYTES = 256 * 1024 * 1024
"""A file of the client APIs, which goes to disk as well: two hours of 16-bit mono at 16 kHz."""
TRANSCRIBED_PATHS = frozenset({"/v1/audio/transcriptions", "/v1/listen"})

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; img-src 'self' data:"
)
DOCS_CONTENT_SECURITY_POLICY = f"{CONTENT_SECURITY_POLICY}; style-src 'self' 'unsafe-inline'"
"""Swagger UI sets inline styles; its scripts stay our own."""

SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
}


class SecurityHeaders:
    """Adds the security headers to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY_HEADERS)
                headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses a request body past its limit with 413, by its declared or by its real length.

    Args:
        recording_bytes: limit of a recording's upload, which goes to disk; other bodies are read
            into memory and have the limits above.
    """

    def __init__(self, app: ASGIApp, recording_bytes: int) -> None:
        self._app = app
        self._recording_bytes = recording_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > limit:
            await problem_response(_too_large(limit))(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                # FastAPI lets only HTTPException through while it reads a body.
                raise HTTPException(413, _too_large(limit).reason)
            return message

        await self._app(scope, receive_within_limit, send)

    def _limit_of(self, path: str) -> int:
        if path.endswith("/recordings"):
            return self._recording_bytes
        if path in TRANSCRIBED_PATHS:
            return TRANSCRIBED_BODY_BYTES
        if path.startswith("/v1/curricula/import/"):
            return CURRICULUM_BODY_BYTES
        return SDP_BODY_BYTES if "/whip" in path else JSON_BODY_BYTES


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The body is larger than {limit} bytes.", field="body", fix="Send it in smaller parts."
    )
