"""The cookie of a signed-in browser is honoured for our own page and for no other site's."""

from __future__ import annotations

import pytest
from fastapi.requests import HTTPConnection
from fastapi.responses import Response

from lessons.errors import NotAllowed
from serving.web.cookies import SIGN_IN_COOKIE, set_cookie, sign_in_of

HOST = "lectern.example"


def request(
    method: str = "GET", *, kind: str = "http", secure: bool = False, **headers: str
) -> HTTPConnection:
    name = f"__Host-{SIGN_IN_COOKIE}" if secure else SIGN_IN_COOKIE
    pairs = {"host": HOST, "cookie": f"{name}=ls_proof"} | headers
    raw = [(key.replace("_", "-").encode(), value.encode()) for key, value in pairs.items()]
    return HTTPConnection({"type": kind, "method": method, "headers": raw})


OWN_PAGE = [
    request("GET", sec_fetch_site="same-origin"),
    request("POST", sec_fetch_site="same-origin"),
    request("GET", sec_fetch_site="none", sec_fetch_mode="navigate"),
    request("GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate"),
    request("GET"),
    request("POST", origin=f"https://{HOST}"),
    request("GET", kind="websocket", origin=f"https://{HOST}"),
]
OTHERS = [
    request("POST", sec_fetch_site="cross-site", origin="https://evil.example"),
    request("POST", sec_fetch_site="cross-site", sec_fetch_mode="navigate"),
    request("POST", sec_fetch_site="same-site", origin=f"https://other.{HOST}"),
    request("GET", sec_fetch_site="cross-site", sec_fetch_mode="cors"),
    request("GET", sec_fetch_site="same-site", sec_fetch_mode="no-cors"),
    request("DELETE", origin="https://evil.example"),
    request("POST", origin="null"),
    request("POST"),
    request("GET", kind="websocket"),
    request("GET", kind="websocket", origin="https://evil.example"),
    request("GET", kind="websocket", origin=f"https://{HOST}.evil.example"),
    request("GET", kind="websocket", sec_fetch_site="cross-site", sec_fetch_mode="navigate"),
]


@pytest.mark.parametrize("connection", OWN_PAGE)
def test_our_own_page_may_use_it(connection: HTTPConnection) -> None:
    assert sign_in_of(connection, secure=False) == "ls_proof"


@pytest.mark.parametrize("connection", OTHERS)
def test_no_other_sites_page_may(connection: HTTPConnection) -> None:
    with pytest.raises(NotAllowed):
        sign_in_of(connection, secure=False)


def test_over_tls_only_the_cookie_that_a_neighbour_cannot_set_counts() -> None:
    assert sign_in_of(request(secure=True), secure=True) == "ls_proof"
    assert sign_in_of(request(secure=False), secure=True) is None


@pytest.mark.parametrize("secure", [True, False])
def test_no_script_reads_it_and_no_form_elsewhere_sends_it(secure: bool) -> None:
    response = Response()
    set_cookie(response, SIGN_IN_COOKIE, "ls_proof", 60, secure=secure)
    header = response.headers["set-cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(header.split("; "))
    assert ("Secure" in header.split("; ")) is secure
    assert header.startswith("__Host-") is secure
    assert "Domain" not in header
