"""Lessons and participants over the API: the usual way, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.tokens import read_participant_token
from serving.web.services import Services


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_lesson_is_created_listed_started_and_ended(api: httpx.AsyncClient) -> None:
    body = {"title": "Fractions", "vocabulary": ["numerator"]}
    created = await api.post("/v1/lessons", json=body)
    assert created.status_code == 201
    lesson = created.json()
    assert (lesson["title"], lesson["status"], lesson["language"]) == (
        "Fractions",
        "scheduled",
        "en",
    )
    listed = (await api.get("/v1/lessons")).json()
    assert [item["id"] for item in listed["lessons"]] == [lesson["id"]]
    assert listed["next"] is None
    path = f"/v1/lessons/{lesson['id']}"
    for _ in range(2):
        assert (await api.post(f"{path}/start")).json()["status"] == "live"
    for _ in range(2):
        assert (await api.post(f"{path}/end")).json()["status"] == "ended"
    assert (await api.post(f"{path}/start")).status_code == 409


async def test_pages_of_lessons_follow_each_other(api: httpx.AsyncClient) -> None:
    for number in range(3):
        await api.post("/v1/lessons", json={"title": f"Lesson {number}"})
    first = (await api.get("/v1/lessons?limit=2")).json()
    second = (await api.get("/v1/lessons", params={"limit": 2, "before": first["next"]})).json()
    titles = [item["title"] for item in first["lessons"] + second["lessons"]]
    assert titles == ["Lesson 2", "Lesson 1", "Lesson 0"]
    assert second["next"] is None


async def test_a_lesson_is_read_with_its_people_and_tracks(
    api: httpx.AsyncClient, lesson: Lesson, learner: Participant
) -> None:
    found = (await api.get(f"/v1/lessons/{lesson.id}")).json()
    assert [person["name"] for person in found["participants"]] == [learner.name]
    assert found["tracks"] == []


async def test_a_minted_token_says_who_its_bearer_is(
    api: httpx.AsyncClient, services: Services, lesson: Lesson
) -> None:
    people = f"/v1/lessons/{lesson.id}/participants"
    added = await api.post(people, json={"name": "Ada", "role": "learner", "external_id": "u17"})
    assert added.status_code == 201
    minted = await api.post(f"{people}/{added.json()['id']}/token", json={"lifetime_seconds": 60})
    credential = read_participant_token(services.token_secret, minted.json()["token"])
    assert (credential.lesson_id, credential.role) == (lesson.id, Role.LEARNER)
    without_body = await api.post(f"{people}/{added.json()['id']}/token")
    assert without_body.status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "word"),
    [
        ({"name": "Ada", "role": "lerner"}, "role", "learner"),
        ({"name": "Ada", "role": "learner", "extenal_id": "x"}, "extenal_id", "external_id"),
        ({"role": "learner"}, "name", "name"),
        ({"name": "", "role": "learner"}, "name", "docs"),
    ],
)
async def test_a_bad_participant_is_refused_by_field_and_fix(
    api: httpx.AsyncClient, lesson: Lesson, body: dict[str, str], field: str, word: str
) -> None:
    response = await api.post(f"/v1/lessons/{lesson.id}/participants", json=body)
    problem = response.json()
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["code"]) == (422, "invalid_input")
    assert problem["field"] == field
    assert word in problem["fix"]


async def test_a_body_that_is_not_json_is_refused(api: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    response = await api.post("/v1/lessons", content=b'{"title": ', headers=headers)
    assert response.status_code == 422
    assert "not valid JSON" in response.json()["detail"]


async def test_limits_of_a_query_are_told(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/lessons?limit=0")
    assert (response.status_code, response.json()["field"]) == (422, "limit")


async def test_an_external_id_is_taken_once(api: httpx.AsyncClient, lesson: Lesson) -> None:
    body = {"name": "Ada", "role": "learner", "external_id": "u17"}
    people = f"/v1/lessons/{lesson.id}/participants"
    assert (await api.post(people, json=body)).status_code == 201
    again = await api.post(people, json=body)
    assert (again.status_code, again.json()["field"]) == (409, "external_id")


async def test_another_tenant_sees_nothing(
    api: httpx.AsyncClient, services: Services, lesson: Lesson
) -> None:
    _, foreign_key = await services.api_keys.create(new_id("ten"), "somebody else")
    for path in ("", "/events", "/captions.vtt"):
        response = await api.get(f"/v1/lessons/{lesson.id}{path}", headers=bearer(foreign_key))
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert (await api.get("/v1/lessons", headers=bearer(foreign_key))).json()["lessons"] == []


async def test_bad_credentials_are_refused_each_with_its_reason(
    api: httpx.AsyncClient, lesson: Lesson, learner: Participant, token_of: Callable[..., str]
) -> None:
    expired = token_of(learner, lifetime=timedelta(seconds=-5))
    forged = token_of(learner, secret="somebody else's secret of enough length")
    cases = {
        f"Bearer {expired}": "expired",
        f"Bearer {forged}": "signature",
        "Bearer lk_key_nonsense": "API key",
        "Bearer not-a-token": "malformed",
        "Basic dXNlcjpwYXNz": "Bearer",
        "": "Bearer",
    }
    for header, word in cases.items():
        response = await api.get(f"/v1/lessons/{lesson.id}", headers={"Authorization": header})
        assert response.status_code == 401, header
        assert word in response.json()["detail"]
        assert response.headers["www-authenticate"].startswith("Bearer")
    del api.headers["Authorization"]
    assert (await api.get(f"/v1/lessons/{lesson.id}")).json()["code"] == "not_authenticated"


async def test_a_participant_token_covers_its_own_lesson_only(
    api: httpx.AsyncClient, lesson: Lesson, learner: Participant, token_of: Callable[..., str]
) -> None:
    own = bearer(token_of(learner))
    assert (await api.get(f"/v1/lessons/{lesson.id}", headers=own)).status_code == 200
    elsewhere = bearer(token_of(learner, lesson_id=new_id("les")))
    assert (await api.get(f"/v1/lessons/{lesson.id}", headers=elsewhere)).status_code == 403
    for method, path in [
        ("POST", "/v1/lessons"),
        ("GET", "/v1/lessons"),
        ("POST", f"/v1/lessons/{lesson.id}/end"),
        ("POST", f"/v1/lessons/{lesson.id}/participants/{learner.id}/token"),
        ("GET", "/v1/workers"),
    ]:
        json = {"title": "x"} if path == "/v1/lessons" and method == "POST" else None
        response = await api.request(method, path, headers=own, json=json)
        assert (response.status_code, response.json()["code"]) == (403, "not_allowed"), path


async def test_a_revoked_key_is_worthless(
    api: httpx.AsyncClient, services: Services, tenant_id: str, api_key: str
) -> None:
    key_id = api_key.removeprefix("lk_").rpartition("_")[0]
    await services.api_keys.revoke(tenant_id, key_id)
    response = await api.get("/v1/lessons")
    assert response.status_code == 401
    assert "revoked" in response.json()["detail"]
