"""The cookies of a signed-in browser, and the defence against other sites that would use them.

A cookie goes along with whatever the browser sends, so one is honoured only where the browser says
that our own page asks: by Fetch Metadata (W3C), else by `Origin` (RFC 6454).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi.requests import HTTPConnection
from fastapi.responses import Response

from lessons.errors import NotAllowed

SIGN_IN_COOKIE = "lectern_sign_in"
SECURE_PREFIX = "__Host-"
"""Browsers take such a cookie only over TLS, for all of this host and no other (RFC 6265bis)."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_PAGE = frozenset({"same-origin", "none"})


def is_secure(origin: str) -> bool:
    """Tell whether browsers reach us there over TLS."""
    return origin.startswith("https://")


def cookie_name(name: str, *, secure: bool) -> str:
    """Return the name under which the cookie is set."""
    return f"{SECURE_PREFIX}{name}" if secure else name


def sign_in_of(connection: HTTPConnection, *, secure: bool) -> str | None:
    """Return the proof that the browser holds, or None where it holds none.

    Raises:
        NotAllowed: it does, but another site's page asks.
    """
    proof = connection.cookies.get(cookie_name(SIGN_IN_COOKIE, secure=secure))
    if proof:
        require_own_page(connection)
    return proof or None


def require_own_page(connection: HTTPConnection) -> None:
    """Let pass what our own page asks, or a user who follows a link to something that is read.

    Raises:
        NotAllowed: another site's page asks, or nothing tells who does where that matters.
    """
    if not _is_own_page(connection):
        raise NotAllowed(
            "Another site's page sent this request with your sign-in.",
            field="Origin",
            fix="Send it from Lectern's own page, or with 'Authorization: Bearer ...'.",
        )


def set_cookie(response: Response, name: str, value: str, seconds: int, *, secure: bool) -> None:
    """Give the browser a cookie that no script can read and no other site's form sends along."""
    response.set_cookie(
        cookie_name(name, secure=secure),
        value,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def delete_cookie(response: Response, name: str, *, secure: bool) -> None:
    """Take a cookie from the browser."""
    response.delete_cookie(
        cookie_name(name, secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )


def _is_own_page(connection: HTTPConnection) -> bool:
    reads = connection.scope["type"] == "http" and connection.scope["method"] in _SAFE_METHODS
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        follows_link = connection.headers.get("sec-fetch-mode") == "navigate"
        return site in _OWN_PAGE or (reads and follows_link)
    origin = connection.headers.get("origin")
    if origin is None:
        return reads
    return urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()
