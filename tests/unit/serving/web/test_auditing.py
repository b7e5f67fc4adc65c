from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

import serving.api
import serving.compatible
from lessons.errors import Unavailable
from lessons.records import Lesson, Participant
from lessons.store.audit import AuditStore
from serving.web.auditing import _SILENT, CHANGING_METHODS
from serving.web.services import Services


async def _entries(services: Services, tenant_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    found = await services.audit.list_entries(tenant_id)
    return [(entry.action, entry.resource, entry.detail) for entry in found]


async def test_a_change_is_entered_with_what_it_made(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    made = (await api.post("/v1/people", json={"name": "Ada", "external_id": "ada"})).json()
    await api.patch(f"/v1/people/{made['id']}", json={"name": "Ada L."})
    assert await _entries(services, tenant_id) == [
        ("change person", f"people/{made['id']}", {}),
        ("create person", "people", {"made": made["id"]}),
    ]


async def test_reading_and_what_was_refused_are_not_entered(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    assert (await api.get("/v1/people")).status_code == 200
    assert (await api.post("/v1/people", json={})).status_code == 422
    assert (await api.patch("/v1/people/per_none", json={"name": "x"})).status_code == 404
    assert await _entries(services, tenant_id) == []


async def test_what_a_ledger_records_is_not_entered_a_second_time(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
) -> None:
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    event = {"id": "e1", "type": "hand.raised", "subject": learner.id, "data": {}}
    posted = await api.post(f"/v1/lessons/{lesson.id}/events", json=event, headers=headers)
    assert posted.status_code == 200
    assert (await api.post(f"/v1/lessons/{lesson.id}/start")).status_code == 200
    assert await _entries(services, lesson.tenant_id) == []


async def test_what_audits_itself_is_entered_once(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    assert (await api.post("/v1/api-keys", json={"name": "another"})).status_code == 201
    assert len(await _entries(services, tenant_id)) == 1


async def test_a_change_whose_entry_fails_is_not_answered_as_done(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Unavailable("The trail cannot be written.")

    monkeypatch.setattr(AuditStore, "record", fail)
    answer = await api.post("/v1/people", json={"name": "Ada"})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_every_operation_that_is_passed_over_is_there() -> None:
    """By name, so that one that is renamed does not slip out of the trail, or into it twice."""
    routers = [
        import_module(f"{package.__name__}.{module.name}")
        for package in (serving.api, serving.compatible)
        for module in iter_modules(package.__path__)
    ]
    changing = {
        route.name
        for module in routers
        for route in getattr(getattr(module, "router", None), "routes", [])
        if isinstance(route, APIRoute) and CHANGING_METHODS & (route.methods or set())
    }
    assert changing >= _SILENT
