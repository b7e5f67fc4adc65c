"""Every operation and every stream, with every credential of another tenant: nothing leaks.

The two tenants are siblings below one institution. What is called is read off the application, so
a new endpoint is in here by itself; a new kind of id must be given in `whole_tenant.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from lessons.roles import Role
from serving.web.services import Services
from tests.unit.serving.operations import (
    EVENT_STREAM,
    Operation,
    filled,
    operations_of,
    undocumented_paths,
    websocket_paths,
)
from tests.unit.serving.whole_tenant import WholeTenant, build_tenant, rows_of, speak

CREDENTIALS = [
    "key",
    "key of a tenant below",
    "key of a tenant below the other",
    *(f"{kind} {role}" for kind in ("token", "sign-in") for role in Role),
]
LISTENING_SECONDS = 0.6
"""For how long a stream that stays open, of our own tenant, is listened to."""
PATIENCE_SECONDS = 20
SPEAKING_PAUSE_SECONDS = 0.05
STREAMS_AT_ONCE = 32
CLOSED_TO_STRANGERS = {4401, 4403, 4404}
DENIED = {401, 403, 404}

# Their paths name nothing of a tenant's.
WITHOUT_TENANT = {"/docs", "/docs/events", "/docs/events/{page}"}


@pytest.fixture
async def tenants(
    services: Services, api: httpx.AsyncClient, tenant_id: str
) -> tuple[WholeTenant, WholeTenant]:
    """Ours and theirs, side by side."""
    built = []
    for name in ("ours", "theirs"):
        tenant = await services.tenants.create(tenant_id, tenant_id, name, "school", {})
        built.append(await build_tenant(services, api, tenant.id))
    return built[0], built[1]


async def bearer(
    services: Services, ours: WholeTenant, theirs: WholeTenant, credential: str
) -> dict[str, str]:
    if credential == "key":
        return {"Authorization": f"Bearer {ours.key}"}
    if credential.startswith("key"):
        parent = theirs if credential.endswith("other") else ours
        below = await services.tenants.create(
            parent.tenant_id, parent.tenant_id, "below", "class", {}
        )
        _, key = await services.api_keys.create(below.id, "below")
        return {"Authorization": f"Bearer {key}"}
    kind, _, role = credential.partition(" ")
    held = ours.tokens if kind == "token" else ours.sign_ins
    return {"Authorization": f"Bearer {held[Role(role)]}"}


def with_ids(example: Any, identifiers: dict[str, str]) -> Any:
    """Return a body whose ids are these."""
    if isinstance(example, dict):
        return {
            name: identifiers.get(_known(name), value)
            if isinstance(value, str | None)
            else with_ids(value, identifiers)
            for name, value in example.items()
        }
    if isinstance(example, list):
        return [with_ids(item, identifiers) for item in example]
    return example


def _known(name: str) -> str:
    return {"client_person_id": "person_id", "parent_id": "tenant_id"}.get(name, name)


def request_of(
    operation: Operation, path_ids: dict[str, str], other_ids: dict[str, str]
) -> dict[str, Any]:
    """Return what to send: ids of one tenant in the path, of another in query and body."""
    request: dict[str, Any] = {
        "method": operation.method,
        "url": filled(operation.path, path_ids),
        "params": {name: other_ids[name] for name in operation.query if name in other_ids},
    }
    if operation.media_type == "application/json":
        request["json"] = with_ids(operation.example, other_ids)
    elif operation.media_type == "multipart/form-data":
        request["files"] = {"files": ("a.opus", b"OggS")}
    elif operation.media_type is not None:
        request["content"] = str(operation.example or "x")
        request["headers"] = {"Content-Type": operation.media_type}
    return request


def leaks(
    operation: Operation, response: httpx.Response, theirs: WholeTenant, request: dict[str, Any]
) -> Iterator[str]:
    """Yield what of theirs stands in an answer, besides ids that were sent and are named as bad."""
    sent = json.dumps([request["url"], request["params"], request.get("json")])
    taken = response.is_success and not operation.is_open
    for secret in theirs.secrets:
        if secret in response.text and (taken or secret not in sent):
            yield secret
    if response.status_code == 500:
        yield response.text


@pytest.mark.timeout(300)  # nearly two thousand requests: 20 s on a machine of one's own
async def test_nothing_of_another_tenant_is_read_or_changed(
    app: FastAPI,
    api: httpx.AsyncClient,
    services: Services,
    tenants: tuple[WholeTenant, WholeTenant],
    database_url: str,
) -> None:
    ours, theirs = tenants
    before = rows_of(database_url, theirs.tenant_id)
    found: list[str] = []
    for credential in CREDENTIALS:
        headers = await bearer(services, ours, theirs, credential)
        for operation in in_order(operations_of(app)):
            request = request_of(operation, theirs.identifiers, theirs.identifiers)
            response = await api.request(**with_headers(request, headers))
            problems = [*leaks(operation, response, theirs, request)]
            if _names_theirs(operation) and response.status_code not in DENIED:
                problems.append(response.text[:200])
            found += [f"{credential}: {operation}: {problem}" for problem in problems]
    assert not found
    assert rows_of(database_url, theirs.tenant_id) == before


@pytest.mark.parametrize("credential", ["key", "sign-in administrator", "token administrator"])
async def test_nothing_of_another_tenant_comes_in_by_a_body_or_a_query(
    app: FastAPI,
    api: httpx.AsyncClient,
    services: Services,
    tenants: tuple[WholeTenant, WholeTenant],
    database_url: str,
    credential: str,
) -> None:
    ours, theirs = tenants
    headers = await bearer(services, ours, theirs, credential)
    before = rows_of(database_url, theirs.tenant_id)
    found: list[str] = []
    for operation in in_order(operations_of(app)):
        request = request_of(operation, ours.identifiers, theirs.identifiers)
        response = await api.request(**with_headers(request, headers))
        found += [f"{operation}: {leak}" for leak in leaks(operation, response, theirs, request)]
    assert not found
    assert rows_of(database_url, theirs.tenant_id) == before


async def test_another_tenant_cannot_be_acted_on(
    api: httpx.AsyncClient, services: Services, tenants: tuple[WholeTenant, WholeTenant]
) -> None:
    ours, theirs = tenants
    for credential in CREDENTIALS:
        headers = await bearer(services, ours, theirs, credential)
        named = headers | {"Lectern-Tenant": theirs.tenant_id}
        by_query = {"tenant": theirs.tenant_id}
        for refused in (
            await api.get("/v1/lessons", headers=named),
            await api.get("/v1/lessons", headers=headers, params=by_query),
        ):
            assert (refused.status_code, refused.json()["field"]) == (403, "Lectern-Tenant")


def in_order(operations: Iterable[Operation]) -> list[Operation]:
    """Return the operations with those last that end the credential itself."""
    return sorted(operations, key=lambda operation: operation.path == "/v1/sign-out")


def with_headers(request: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    return request | {"headers": headers | request.get("headers", {})}


def _names_theirs(operation: Operation) -> bool:
    """Tell whether the path names something of a tenant's; some paths name a word of the API."""
    return bool(set(operation.parameters) - {"event_type"}) and operation.method != "OPTIONS"


def _seconds_for(path: str) -> float:
    return PATIENCE_SECONDS if "{" in path else LISTENING_SECONDS


async def _listen(url: str, headers: dict[str, str], seconds: float) -> AsyncIterator[str]:
    """Yield what a WebSocket sends; its end is told as its close code."""
    async with connect(url, additional_headers=headers) as socket:
        try:
            while True:
                yield str(await asyncio.wait_for(socket.recv(), seconds))
        except TimeoutError:
            return
        except ConnectionClosed:
            yield f"closed {socket.close_code}"


async def test_no_stream_tells_of_another_tenant(
    app: FastAPI,
    services: Services,
    gateway_url: str,
    tenants: tuple[WholeTenant, WholeTenant],
) -> None:
    ours, theirs = tenants
    sockets = gateway_url.replace("http", "ws", 1)

    # Few enough at a time for a slow machine to let each in before its patience ends.
    places = asyncio.Semaphore(STREAMS_AT_ONCE)

    async def follow(credential: str, path: str) -> str:
        headers = await bearer(services, ours, theirs, credential)
        url = sockets + filled(path, theirs.identifiers)
        async with places:
            heard = [message async for message in _listen(url, headers, _seconds_for(path))]
        closed = bool(heard) and heard[-1].removeprefix("closed ") in map(str, CLOSED_TO_STRANGERS)
        if any(theirs.marker in message for message in heard) or ("{" in path and not closed):
            return f"{credential} at {path}: {heard}"
        return ""

    async def follow_events(credential: str, path: str) -> str:
        headers = await bearer(services, ours, theirs, credential) | {"Accept": EVENT_STREAM}
        heard = ""
        url = gateway_url + filled(path, theirs.identifiers)
        async with (
            places,
            httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client,
            client.stream("GET", url, headers=headers) as got,
        ):
            try:
                async with asyncio.timeout(_seconds_for(path)):
                    async for line in got.aiter_lines():
                        heard += line
            except TimeoutError:
                pass
        denied = got.status_code in DENIED
        if theirs.marker in heard or ("{" in path and not denied):
            return f"{credential} at {path}: {got.status_code} {heard[:200]}"
        return ""

    streams = [operation.path for operation in operations_of(app) if operation.streams]
    speaking = asyncio.create_task(_keep_speaking(services, theirs))
    told = await asyncio.gather(
        *(follow(one, path) for one in CREDENTIALS for path in websocket_paths()),
        *(follow_events(one, path) for one in CREDENTIALS for path in streams),
    )
    speaking.cancel()
    assert len(streams) >= 3
    assert len(websocket_paths()) >= 3
    assert not [item for item in told if item]


async def _keep_speaking(services: Services, tenant: WholeTenant) -> None:
    while True:
        await speak(services, tenant, 1)
        await asyncio.sleep(SPEAKING_PAUSE_SECONDS)


def test_what_openapi_leaves_out_is_no_tenants() -> None:
    assert undocumented_paths() <= WITHOUT_TENANT
