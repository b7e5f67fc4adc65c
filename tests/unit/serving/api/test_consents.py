from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.web.services import Services


@pytest.fixture
def path(lesson: Lesson, learner: Participant) -> str:
    return f"/v1/lessons/{lesson.id}/participants/{learner.id}/consents"


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_consent_is_given_and_taken_back_and_every_decision_stays(
    api: httpx.AsyncClient, path: str, learner: Participant
) -> None:
    body = {"purposes": ["audio", "captions"], "basis": "guardian", "note": "form 7"}
    given = await api.post(path, json=body)
    assert given.status_code == 201
    assert [item["purpose"] for item in given.json()["decisions"]] == ["audio", "captions"]
    taken = await api.delete(f"{path}/audio")
    assert (taken.status_code, taken.json()["decisions"][0]["granted"]) == (200, False)
    states = {item["purpose"]: item for item in (await api.get(path)).json()["purposes"]}
    assert (states["audio"]["permitted"], states["audio"]["decided"]) == (False, False)
    assert (states["captions"]["permitted"], states["captions"]["decided"]) == (True, True)
    assert (states["video"]["permitted"], states["video"]["decided"]) == (True, None)
    history = f"/v1/people/{learner.person_id}/consents"
    first = (await api.get(history, params={"limit": 2})).json()
    rest = (await api.get(history, params={"before": first["next"]})).json()
    decided = [
        (item["purpose"], item["granted"]) for item in first["decisions"] + rest["decisions"]
    ]
    assert decided[0] == ("audio", False)
    assert sorted(decided[1:]) == [("audio", True), ("captions", True)]
    assert rest["next"] is None


async def test_a_tenant_that_demands_consent_refuses_events_until_there_is_one(
    api: httpx.AsyncClient, services: Services, tenant_id: str, lesson: Lesson, learner: Participant
) -> None:
    await services.tenants.change(
        tenant_id, tenant_id, settings={"consent": {"required_purposes": ["activity"]}}
    )
    event = {"id": "e1", "type": "attention.focused", "subject": learner.id, "data": {}}
    refused = (await api.post(f"/v1/lessons/{lesson.id}/events", json=event)).json()["results"][0]
    assert (refused["status"], refused["problem"]["code"]) == (403, "consent_missing")
    assert "consents" in refused["problem"]["fix"]
    everywhere = f"/v1/people/{learner.person_id}/consents"
    await api.post(everywhere, json={"purposes": ["activity"], "basis": "school_contract"})
    stored = (await api.post(f"/v1/lessons/{lesson.id}/events", json=event)).json()["results"][0]
    assert stored["status"] == 201


async def test_a_learner_decides_for_themselves_and_nobody_else_does(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    learner: Participant,
    path: str,
    token_of: Callable[..., str],
) -> None:
    tutor = await services.lessons.add_participant(
        lesson.tenant_id, lesson.id, "Mo", Role.INSTRUCTOR
    )
    own, other = _bearer(token_of(learner)), _bearer(token_of(tutor))
    assert (await api.delete(f"{path}/video", headers=own)).status_code == 200
    assert (await api.get(path, headers=own)).status_code == 200
    assert (await api.get(path, headers=other)).status_code == 200
    assert (await api.delete(f"{path}/video", headers=other)).status_code == 403


async def test_the_basis_of_the_tenant_is_taken_where_none_is_named(
    api: httpx.AsyncClient, services: Services, tenant_id: str, path: str
) -> None:
    refused = await api.post(path, json={"purposes": ["audio"]})
    assert (refused.status_code, refused.json()["field"]) == (422, "basis")
    await services.tenants.change(
        tenant_id, tenant_id, settings={"consent": {"basis_default": "school_contract"}}
    )
    given = await api.post(path, json={"purposes": ["audio"]})
    assert given.json()["decisions"][0]["basis"] == "school_contract"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"purposes": [], "basis": "own"}, "purposes"),
        ({"purposes": ["singing"], "basis": "own"}, "purposes.0"),
        ({"purposes": ["audio"], "basis": "none"}, "basis"),
        ({"purpose": ["audio"], "basis": "own"}, "purpose"),
    ],
)
async def test_a_malformed_decision_is_refused_by_name(
    api: httpx.AsyncClient, path: str, body: dict[str, object], field: str
) -> None:
    refused = await api.post(path, json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_who_is_not_there_is_not_found(api: httpx.AsyncClient, lesson: Lesson) -> None:
    nobody = f"/v1/lessons/{lesson.id}/participants/par_nobody/consents"
    assert (await api.get(nobody)).status_code == 404
    assert (await api.delete(f"{nobody}/audio")).status_code == 404
    assert (await api.get("/v1/people/per_nobody/consents")).status_code == 404
    assert (await api.delete("/v1/people/per_nobody/consents/audio")).status_code == 404
