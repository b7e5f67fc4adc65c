"""What an institutional client sees: numbers under its own contract, and no speech at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from lessons.identifiers import new_id
from lessons.store.database import driver_url
from serving.jobs.learning_record import LearningRecordFollower
from serving.web.services import Services


@dataclass
class Client:
    """A signed-in client with a contract."""

    headers: dict[str, str]
    person_id: str
    contract_id: str


@pytest.fixture
async def client(api: httpx.AsyncClient, services: Services, tenant_id: str) -> Client:
    person = (await api.post("/v1/people", json={"name": "Client"})).json()["id"]
    contract = {
        "title": "Reading support",
        "purposes": ["attendance", "progress"],
        "valid_from": "2020-01-01",
        "client_person_id": person,
    }
    made = (await api.post("/v1/contracts", json=contract)).json()
    _, proof = await services.sign_ins.begin(tenant_id, person)
    return Client({"Authorization": f"Bearer {proof}"}, person, made["id"])


async def teach(
    api: httpx.AsyncClient, services: Services, database_url: str, tenant_id: str, learners: int
) -> str:
    """Hold a lesson of a course with so many learners, last week."""
    curriculum = (await api.post("/v1/curricula", json={"title": "Reading"})).json()["id"]
    objective = {"code": "r1", "statement": "Reads aloud"}
    made = await api.post(f"/v1/curricula/{curriculum}/objectives", json=objective)
    body = {"title": "Reading", "curriculum_id": curriculum}
    course = (await api.post("/v1/courses", json=body)).json()["id"]
    lesson = (await api.post("/v1/lessons", json={"title": "1", "course_id": course})).json()["id"]
    await api.post(f"/v1/lessons/{lesson}/start")
    events: list[dict[str, Any]] = []
    for number in range(learners):
        body = {"name": f"Learner {number}", "role": "learner", "external_id": new_id("u")}
        added = (await api.post(f"/v1/lessons/{lesson}/participants", json=body)).json()["id"]
        answer = {"item_id": "i1", "objective_id": made.json()["id"], "correct": number > 0}
        events.append(
            {
                "id": new_id("evt"),
                "type": "assessment.item_answered",
                "subject": added,
                "data": answer,
            }
        )
    posted = await api.post(f"/v1/lessons/{lesson}/events", json={"events": events})
    assert {result["status"] for result in posted.json()["results"]} == {201}, posted.text
    await api.post(f"/v1/lessons/{lesson}/end")
    await LearningRecordFollower(services.database, services.learning_record.model).catch_up_tenant(
        tenant_id
    )
    with psycopg.connect(driver_url(database_url)) as connection:
        connection.execute(
            "UPDATE lessons SET started_at = started_at - interval '7 days', "
            "ended_at = ended_at - interval '7 days' + interval '30 minutes' WHERE id = %s",
            [lesson],
        )
        connection.execute(
            "UPDATE attendances SET first_seen_at = first_seen_at - interval '7 days' "
            "WHERE lesson_id = %s",
            [lesson],
        )
    return str(course)


async def test_a_client_sees_five_people_and_not_four(
    api: httpx.AsyncClient,
    services: Services,
    database_url: str,
    tenant_id: str,
    client: Client,
) -> None:
    five = await teach(api, services, database_url, tenant_id, 5)
    four = await teach(api, services, database_url, tenant_id, 4)
    query = {"contract_id": client.contract_id}
    answer = await api.get("/v1/aggregates", params=query, headers=client.headers)
    assert answer.status_code == 200, answer.text
    by_course = {item["course_id"]: item for item in answer.json()["aggregates"]}
    assert (by_course[five]["learners"], by_course[five]["attendances"]) == (5, 5)
    assert by_course[five]["minutes"] == pytest.approx(150, abs=2)
    assert (by_course[five]["answers"], by_course[five]["share_correct"]) == (5, 0.8)
    hidden = set(by_course[four]) - {"tenant_id", "week", "course_id"}
    assert {by_course[four][name] for name in hidden} == {None}


async def test_a_client_sees_numbers_under_its_own_contract_only(
    api: httpx.AsyncClient, services: Services, tenant_id: str, client: Client
) -> None:
    other = {"title": "Other", "purposes": ["attendance"], "valid_from": "2020-01-01"}
    foreign = (await api.post("/v1/contracts", json=other)).json()["id"]
    for params in ({}, {"contract_id": foreign}, {"contract_id": "ctr_none"}):
        refused = await api.get("/v1/aggregates", params=params, headers=client.headers)
        assert refused.status_code == 403
    listed = (await api.get("/v1/contracts", headers=client.headers)).json()["contracts"]
    assert [item["id"] for item in listed] == [client.contract_id]
    assert (await api.get(f"/v1/contracts/{foreign}", headers=client.headers)).status_code == 403
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    await api.patch(f"/v1/contracts/{client.contract_id}", json={"valid_until": yesterday})
    over = await api.get(
        "/v1/aggregates", params={"contract_id": client.contract_id}, headers=client.headers
    )
    assert over.status_code == 403


async def test_a_client_reads_no_speech_and_nobodys_name(
    api: httpx.AsyncClient, services: Services, database_url: str, tenant_id: str, client: Client
) -> None:
    course = await teach(api, services, database_url, tenant_id, 5)
    lessons = (await api.get(f"/v1/courses/{course}/lessons")).json()["lessons"]
    lesson = f"/v1/lessons/{lessons[0]['id']}"
    for path in (
        "/v1/lessons",
        "/v1/people",
        "/v1/events",
        lesson,
        f"{lesson}/events",
        f"{lesson}/captions.txt",
        f"{lesson}/briefing",
        f"/v1/courses/{course}/events",
    ):
        assert (await api.get(path, headers=client.headers)).status_code == 403, path


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"first": "2026-02-01", "last": "2026-01-01"}, "first"),
        ({"first": "2020-01-01", "last": "2026-01-01"}, "first"),
        ({"first": "0001-01-01"}, "first"),
        ({"last": "9999-12-31"}, "last"),
        ({"first": "yesterday"}, "first"),
    ],
)
async def test_days_that_make_no_sense_are_refused(
    api: httpx.AsyncClient, query: dict[str, str], field: str
) -> None:
    refused = await api.get("/v1/aggregates", params=query)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
