"""API keys over the API: shown once, scoped, rotated without a gap, never more than one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from lessons.identifiers import new_id
from lessons.policy import SCOPES
from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.web.services import Services

KEYS = "/v1/api-keys"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def scoped(services: Services, tenant_id: str, *scopes: str) -> dict[str, str]:
    _, key = await services.api_keys.create(tenant_id, "scoped", scopes=scopes)
    return bearer(key)


async def test_a_key_is_made_shown_once_and_listed(api: httpx.AsyncClient) -> None:
    body = {"name": "staging", "scopes": ["lessons:read"]}
    made = await api.post(KEYS, json=body)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert (await api.get("/v1/lessons", headers=bearer(made.json()["key"]))).status_code == 200
    kept = (await api.get(f"{KEYS}/{made.json()['id']}")).json()
    assert "key" not in kept
    assert kept["scopes"] == ["lessons:read"]
    assert kept["last_used_at"] is not None
    listed = (await api.get(KEYS)).json()
    assert made.json()["id"] in {key["id"] for key in listed["api_keys"]}
    assert not any("key" in key for key in listed["api_keys"])


async def test_a_scoped_key_does_only_what_its_scopes_cover(
    api: httpx.AsyncClient, services: Services, tenant_id: str, lesson: Lesson
) -> None:
    reader = await scoped(services, tenant_id, "lessons:read")
    assert (await api.get("/v1/lessons", headers=reader)).status_code == 200
    refused = await api.post("/v1/lessons", json={"title": "x"}, headers=reader)
    assert refused.status_code == 403
    assert "lessons:write" in refused.json()["detail"]
    assert (await api.get(f"/v1/lessons/{lesson.id}/events", headers=reader)).status_code == 403


async def test_who_may_write_lessons_may_not_yet_act_as_somebody(
    api: httpx.AsyncClient, services: Services, tenant_id: str, learner: Participant
) -> None:
    writer = await scoped(services, tenant_id, "lessons:write", "lessons:read")
    path = f"/v1/lessons/{learner.lesson_id}/participants/{learner.id}/token"
    refused = await api.post(path, headers=writer)
    assert (refused.status_code, "tokens:write" in refused.json()["detail"]) == (403, True)
    minter = await scoped(services, tenant_id, "tokens:write")
    assert (await api.post(path, headers=minter)).status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "word"),
    [
        ({"name": "x", "scopes": ["lesson:read"]}, "scopes", "lessons:read"),
        ({"name": "x", "scopes": []}, "scopes", "leave"),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "time to come"),
        ({"name": "x", "expires_at": "9999-12-31T23:59:59-23:59"}, "expires_at", "earlier"),
        ({"name": "x", "expires_at": "2030-01-01T00:00:00"}, "expires_at", "docs"),
        ({"name": " "}, "name", "docs"),
        ({"name": "x", "scope": ["lessons:read"]}, "scope", "scopes"),
    ],
)
async def test_a_bad_key_is_refused_by_field_and_fix(
    api: httpx.AsyncClient, body: dict[str, object], field: str, word: str
) -> None:
    refused = await api.post(KEYS, json=body)
    assert refused.status_code == 422
    assert refused.json()["field"] == field
    assert word in refused.json()["fix"]


async def test_a_rotation_leaves_no_gap_and_keeps_id_and_scopes(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    record, old = await services.api_keys.create(
        tenant_id, "platform", scopes=["keys:write", "lessons:read"]
    )
    rotated = await api.post(f"{KEYS}/{record.id}/rotate", json={"overlap_seconds": 60})
    assert rotated.status_code == 200
    assert (rotated.json()["id"], rotated.json()["scopes"]) == (record.id, record.scopes)
    for key in (old, rotated.json()["key"]):
        assert (await api.get("/v1/lessons", headers=bearer(key))).status_code == 200
    at_once = await api.post(f"{KEYS}/{record.id}/rotate", json={"overlap_seconds": 0})
    for key in (old, rotated.json()["key"]):
        assert (await api.get("/v1/lessons", headers=bearer(key))).status_code == 401
    newest = bearer(at_once.json()["key"])
    assert (await api.get("/v1/lessons", headers=newest)).status_code == 200


async def test_a_revoked_key_is_refused_at_once(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    record, key = await services.api_keys.create(tenant_id, "leaked")
    assert (await api.delete(f"{KEYS}/{record.id}")).status_code == 204
    assert (await api.get("/v1/lessons", headers=bearer(key))).status_code == 401
    assert (await api.post(f"{KEYS}/{record.id}/rotate")).status_code == 409


class TestNobodyHandsOutMoreThanTheyHave:
    """A key with `keys:write` is not every key."""

    async def test_not_more_scopes(
        self, api: httpx.AsyncClient, services: Services, tenant_id: str
    ) -> None:
        keeper = await scoped(services, tenant_id, "keys:write", "lessons:read")
        for scopes in (None, ["lessons:read", "lessons:write"], list(SCOPES)):
            body = {"name": "more", "scopes": scopes}
            refused = await api.post(KEYS, json=body, headers=keeper)
            assert (refused.status_code, refused.json()["field"]) == (403, "scopes")
        body = {"name": "less", "scopes": ["lessons:read"]}
        assert (await api.post(KEYS, json=body, headers=keeper)).status_code == 201

    async def test_not_by_rotating_a_stronger_key(
        self, api: httpx.AsyncClient, services: Services, tenant_id: str
    ) -> None:
        stronger, _ = await services.api_keys.create(tenant_id, "everything")
        keeper = await scoped(services, tenant_id, "keys:write")
        refused = await api.post(f"{KEYS}/{stronger.id}/rotate", headers=keeper)
        assert refused.status_code == 403

    async def test_not_for_longer(
        self, api: httpx.AsyncClient, services: Services, tenant_id: str
    ) -> None:
        end = datetime.now(UTC) + timedelta(hours=1)
        _, key = await services.api_keys.create(tenant_id, "trial", expires_at=end)
        later = (end + timedelta(seconds=1)).isoformat()
        for expires_at in (None, later):
            body = {"name": "longer", "expires_at": expires_at}
            refused = await api.post(KEYS, json=body, headers=bearer(key))
            assert (refused.status_code, refused.json()["field"]) == (403, "expires_at")
        body = {"name": "as long", "expires_at": end.isoformat()}
        assert (await api.post(KEYS, json=body, headers=bearer(key))).status_code == 201

    async def test_not_by_an_old_secret(
        self, api: httpx.AsyncClient, services: Services, tenant_id: str
    ) -> None:
        record, old = await services.api_keys.create(tenant_id, "platform")
        await services.api_keys.rotate(tenant_id, record.id, timedelta(minutes=5))
        rotated = await api.post(f"{KEYS}/{record.id}/rotate", headers=bearer(old))
        made = await api.post(KEYS, json={"name": "stays"}, headers=bearer(old))
        assert (rotated.status_code, made.status_code) == (403, 403)


async def test_another_tenants_key_is_not_there(api: httpx.AsyncClient, services: Services) -> None:
    foreign, _ = await services.api_keys.create(new_id("ten"), "somebody else's")
    assert (await api.get(f"{KEYS}/{foreign.id}")).status_code == 404
    assert (await api.post(f"{KEYS}/{foreign.id}/rotate")).status_code == 404
    assert (await api.delete(f"{KEYS}/{foreign.id}")).status_code == 404


@pytest.mark.parametrize("role", [Role.LEARNER, Role.INSTRUCTOR, Role.ADMINISTRATOR])
async def test_no_participant_makes_keys(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    token_of: Callable[..., str],
    role: Role,
) -> None:
    person = await services.lessons.add_participant(lesson.tenant_id, lesson.id, "Ada", role)
    refused = await api.post(KEYS, json={"name": "mine"}, headers=bearer(token_of(person)))
    assert refused.status_code == 403


async def test_a_revoked_token_is_refused_and_a_new_one_is_not(
    api: httpx.AsyncClient, lesson: Lesson, learner: Participant
) -> None:
    path = f"/v1/lessons/{lesson.id}/participants/{learner.id}/token"
    old = (await api.post(path)).json()
    assert old["token_id"].startswith("tok_")
    events = f"/v1/lessons/{lesson.id}/events"
    assert (await api.get(events, headers=bearer(old["token"]))).status_code == 200
    assert (await api.delete(path)).status_code == 204
    refused = await api.get(events, headers=bearer(old["token"]))
    assert (refused.status_code, "revoked" in refused.json()["detail"]) == (401, True)
    new = (await api.post(path)).json()
    assert (await api.get(events, headers=bearer(new["token"]))).status_code == 200
