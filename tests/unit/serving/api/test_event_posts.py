"""Bad input among posted events: refused by name, and never at the cost of the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from lessons.events import DATA_TYPES
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.tables import lessons as lesson_table
from serving.web.services import Services

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def events_path(lesson: Lesson) -> str:
    return f"/v1/lessons/{lesson.id}/events"


def event(identifier: str, subject: str, **changes: Any) -> dict[str, Any]:
    return {"id": identifier, "type": "hand.raised", "subject": subject} | changes


async def outcomes(api: httpx.AsyncClient, path: str, *events: Any) -> list[dict[str, Any]]:
    response = await api.post(path, json={"events": list(events)})
    assert response.status_code == 200, response.text
    results: list[dict[str, Any]] = response.json()["results"]
    return results


@pytest.mark.parametrize(
    "body",
    [
        b'{"events": [',
        b"",
        b'{"id": "\xff\xfe"}',
        b'{"id": "\\ud800"}',
        b'{"id": "a\x00b"}',
        b'{"lessontimems": NaN}',
        b'{"lessontimems": Infinity}',
        b"[" * 300 + b"]" * 300,
        b'{"data":' * 5000 + b"1" + b"}" * 5000,
        b'{"lessontimems": 1' + b"0" * 5000 + b"}",
        b"7",
        b'"text"',
        b"null",
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_a_body_that_is_no_event_in_json_is_refused(
    api: httpx.AsyncClient, events_path: str, body: bytes
) -> None:
    response = await api.post(events_path, content=body, headers=JSON)
    assert (response.status_code, response.json()["field"]) == (422, "body")


async def test_a_body_of_another_media_type_is_refused(
    api: httpx.AsyncClient, events_path: str, learner: Participant
) -> None:
    text = json.dumps(event("p-1", learner.id)).encode()
    for declared in ({"Content-Type": "text/plain"}, {}):
        response = await api.post(events_path, content=text, headers=declared)
        assert (response.status_code, response.json()["field"]) == (415, "Content-Type")
        assert "application/json" in response.json()["fix"]


async def test_a_batch_in_the_form_of_cloudevents_is_taken(
    api: httpx.AsyncClient, events_path: str, learner: Participant
) -> None:
    batch = json.dumps([event("p-1", learner.id), event("p-2", learner.id)])
    headers = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}
    results = (await api.post(events_path, content=batch, headers=headers)).json()["results"]
    assert [result["status"] for result in results] == [201, 201]


async def test_a_body_past_a_mebibyte_is_too_large(
    api: httpx.AsyncClient, events_path: str, learner: Participant
) -> None:
    batch = [event(f"p-{n}", learner.id, source="x" * 2_000) for n in range(500)]
    assert (await api.post(events_path, json={"events": batch * 2})).status_code == 413


async def test_bad_events_cost_the_good_ones_nothing(
    api: httpx.AsyncClient, events_path: str, learner: Participant
) -> None:
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"data": deep}
    now = datetime.now(UTC)
    results = await outcomes(
        api,
        events_path,
        event("good", learner.id),
        event("nul", learner.id, data={"a\0b": 1}),
        event("deep", learner.id, data=deep),
        event("future", learner.id, time=(now + timedelta(minutes=6)).isoformat()),
        event("ancient", learner.id, time=(now - timedelta(days=2)).isoformat()),
        event("oldest", learner.id, time="0001-01-01T00:00:00+14:00"),
        event("last", learner.id, time="9999-12-31T23:59:59-14:00"),
        event("clock", learner.id, lessontimems=48 * 3600 * 1000),
        event("field", learner.id, data={"lowered": "x"}, type="hand.lowered"),
        event("infinite", learner.id, type="assessment.graded", data=_graded("Infinity")),
        event("x" * 201, learner.id),
        event("also good", learner.id),
    )
    assert [result["status"] for result in results] == [201, *[422] * 10, 201]
    fields = [result["problem"]["field"] for result in results[1:-1]]
    assert fields == [
        "data",
        "data",
        "time",
        "time",
        "time",
        "time",
        "lessontimems",
        "data.lowered",
        "data.score",
        "id",
    ]
    assert "lowered_by" in results[8]["problem"]["fix"]
    page = (await api.get(events_path)).json()
    assert [stored["id"] for stored in page["events"]] == ["good", "also good"]


def _graded(score: object) -> dict[str, Any]:
    return {"assessment_id": "quiz-3", "score": score, "max_score": 2}


async def test_data_of_an_older_version_is_taken_and_read_as_the_newest(
    api: httpx.AsyncClient, events_path: str, learner: Participant
) -> None:
    older = event(
        "p-1",
        learner.id,
        type="activity.counted",
        dataschema="urn:lectern:event:activity.counted:1",
        data={"start_ms": 0, "end_ms": 10_000, "clicks": 3},
    )
    newer = older | {
        "dataschema": "urn:lectern:event:activity.counted:2",
        "data": {"start_ms": 0, "bucket_ms": 10_000, "buckets": [{"clicks": 3}]},
    }
    assert [result["status"] for result in await outcomes(api, events_path, older)] == [201]
    # The same fact in today's words is the same event.
    assert [result["status"] for result in await outcomes(api, events_path, newer)] == [200]
    (stored,) = (await api.get(events_path)).json()["events"]
    assert stored["dataschema"].endswith(":2")
    assert stored["data"]["buckets"][0]["clicks"] == 3


@pytest.mark.parametrize(
    "schema",
    ["urn:lectern:event:hand.raised:2", "urn:lectern:event:hand.raised:0", "urn:other", "hand:1"],
)
async def test_data_of_no_version_is_refused(
    api: httpx.AsyncClient, events_path: str, learner: Participant, schema: str
) -> None:
    (result,) = await outcomes(api, events_path, event("p-1", learner.id, dataschema=schema))
    assert (result["status"], result["problem"]["field"]) == (422, "dataschema")
    assert "hand.raised:1" in result["problem"]["fix"]


async def end(services: Services, lesson: Lesson, ago: timedelta) -> None:
    """End the lesson as if that had been a while ago."""
    await services.lessons.end_lesson(lesson.tenant_id, lesson.id)
    async with services.database.transaction(lesson.tenant_id) as connection:
        await connection.execute(
            update(lesson_table)
            .where(lesson_table.c.id == lesson.id)
            .values(ended_at=datetime.now(UTC) - ago)
        )


async def test_a_lesson_that_ended_takes_events_for_a_day(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    events_path: str,
    learner: Participant,
) -> None:
    await end(services, lesson, timedelta(hours=23))
    (in_time,) = await outcomes(api, events_path, event("p-1", learner.id))
    assert in_time["status"] == 201
    await end(services, lesson, timedelta(hours=25))
    late, homework, again, other = await outcomes(
        api,
        events_path,
        event("p-2", learner.id),
        event("p-3", learner.id, type="homework.completed", data={"homework_id": "h-1"}),
        event("p-1", learner.id),
        event("p-1", learner.id, lessontimems=7),
    )
    assert (late["status"], late["problem"]["code"]) == (409, "conflict")
    assert "late_events_minutes" in late["problem"]["fix"]
    assert homework["status"] == 201
    assert (again["status"], again["sequence"]) == (200, in_time["sequence"])
    assert (other["status"], other["problem"]["field"]) == (409, "id")


async def set_rules(services: Services, tenant_id: str, **settings: Any) -> None:
    await services.tenants.change(tenant_id, tenant_id, settings=settings)


async def test_how_long_a_lesson_takes_events_is_the_tenants_rule(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    events_path: str,
    learner: Participant,
) -> None:
    await set_rules(services, lesson.tenant_id, late_events_minutes=10)
    await end(services, lesson, timedelta(minutes=9))
    (in_time,) = await outcomes(api, events_path, event("p-1", learner.id))
    await end(services, lesson, timedelta(minutes=11))
    (late,) = await outcomes(api, events_path, event("p-2", learner.id))
    assert (in_time["status"], late["status"]) == (201, 409)


@pytest.mark.parametrize("kept", [True, False])
async def test_the_text_of_a_message_is_kept_where_the_tenant_wants_it(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    events_path: str,
    learner: Participant,
    kept: bool,
) -> None:
    await set_rules(services, lesson.tenant_id, features={"chat_text": kept})
    message = {"message_id": "m-1", "characters": 5, "text": "Hello"}
    posted = event("p-1", learner.id, type="chat.posted", data=message)
    for status in (201, 200):
        (result,) = await outcomes(api, events_path, posted)
        assert result["status"] == status
    (stored,) = (await api.get(events_path)).json()["events"]
    assert stored["data"]["characters"] == 5
    assert stored["data"]["text"] == ("Hello" if kept else None)


async def test_a_learner_does_not_speak_for_those_who_teach(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    events_path: str,
    learner: Participant,
    token_of: Callable[..., str],
) -> None:
    grade = event("p-1", learner.id, type="assessment.graded", data=_graded(2))
    poll = event(
        "p-2", learner.id, type="poll.opened", data=dict(DATA_TYPES["poll.opened"].example)
    )
    teacher = await services.lessons.add_participant(
        lesson.tenant_id, lesson.id, "Tess", Role.INSTRUCTOR
    )
    statuses = {}
    for who in (learner, teacher):
        api.headers["Authorization"] = f"Bearer {token_of(who)}"
        results = await outcomes(api, events_path, grade, poll)
        statuses[who.role] = [result["status"] for result in results]
    assert statuses == {Role.LEARNER: [403, 403], Role.INSTRUCTOR: [201, 201]}
