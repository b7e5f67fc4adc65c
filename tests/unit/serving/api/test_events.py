"""Posting and paging learning events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.web.services import Services


@pytest.fixture
def events_path(lesson: Lesson) -> str:
    return f"/v1/lessons/{lesson.id}/events"


def hand(identifier: str, subject: str) -> dict[str, Any]:
    return {"id": identifier, "type": "hand.raised", "subject": subject, "lessontimems": 1000}


async def test_an_event_is_stored_once_however_often_it_is_posted(
    api: httpx.AsyncClient, events_path: str, learner: Participant
) -> None:
    body = hand("p-1", learner.id)
    first = (await api.post(events_path, json=body)).json()["results"]
    again = (await api.post(events_path, json=body)).json()["results"]
    assert first == [{"id": "p-1", "status": 201, "sequence": 1}]
    assert again == [{"id": "p-1", "status": 200, "sequence": 1}]
    page = (await api.get(events_path)).json()
    assert [event["id"] for event in page["events"]] == ["p-1"]
    assert page["next_after"] == 1


async def test_the_same_id_with_another_body_is_a_conflict(
    api: httpx.AsyncClient, events_path: str, learner: Participant
) -> None:
    await api.post(events_path, json=hand("p-1", learner.id))
    changed = hand("p-1", learner.id) | {"lessontimems": 2000}
    result = (await api.post(events_path, json=changed)).json()["results"][0]
    assert (result["status"], result["problem"]["code"]) == (409, "conflict")


async def test_each_item_of_a_batch_has_its_own_outcome(
    api: httpx.AsyncClient, events_path: str, learner: Participant
) -> None:
    batch = [
        hand("good-1", learner.id),
        {"id": "bad-type", "type": "hand.risen", "subject": learner.id},
        {"id": "ours", "type": "caption.final", "data": {}},
        {"id": "bad-field", "type": "poll.opened", "data": {"poll_id": "p", "question": "?"}},
        {"id": "stranger", "type": "hand.raised", "subject": "par_nobody"},
        {"type": "hand.raised", "subject": learner.id},
        "not an object",
        hand("good-2", learner.id),
        hand("good-1", learner.id),
    ]
    response = await api.post(events_path, json={"events": batch})
    results = response.json()["results"]
    statuses = [result["status"] for result in results]
    assert (response.status_code, statuses) == (200, [201, 422, 403, 422, 422, 422, 422, 201, 200])
    assert "hand.raised" in results[1]["problem"]["fix"]
    assert results[3]["problem"]["field"] == "data.options"
    assert results[5]["problem"]["field"] == "id"
    page = (await api.get(events_path)).json()
    assert [event["ledgersequence"] for event in page["events"]] == [1, 2]


@pytest.mark.parametrize(
    "body", [{"events": []}, {"events": "x"}, {"events": [{}] * 501}, {"events": [], "x": 1}]
)
async def test_a_batch_of_another_shape_is_refused_whole(
    api: httpx.AsyncClient, events_path: str, body: dict[str, Any]
) -> None:
    response = await api.post(events_path, json=body)
    assert (response.status_code, response.json()["field"]) == (422, "events")


async def test_events_of_an_unknown_lesson_are_refused(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/lessons/les_nowhere/events", json=hand("p-1", "par_x"))
    assert response.status_code == 404


async def test_parallel_batches_get_consecutive_numbers(
    api: httpx.AsyncClient, events_path: str, learner: Participant
) -> None:
    await asyncio.gather(
        *(
            api.post(
                events_path,
                json={"events": [hand(f"{batch}-{item}", learner.id) for item in range(5)]},
            )
            for batch in range(6)
        )
    )
    page = (await api.get(events_path)).json()
    assert [event["ledgersequence"] for event in page["events"]] == list(range(1, 31))


async def test_pages_go_on_from_a_cursor_and_keep_the_types_asked_for(
    api: httpx.AsyncClient, events_path: str, lesson: Lesson, learner: Participant
) -> None:
    await api.post(f"/v1/lessons/{lesson.id}/start")
    await api.post(events_path, json={"events": [hand(f"p-{n}", learner.id) for n in range(3)]})
    first = (await api.get(events_path, params={"limit": 2})).json()
    rest = (await api.get(events_path, params={"after": first["next_after"]})).json()
    sequences = [event["ledgersequence"] for event in first["events"] + rest["events"]]
    assert sequences == [1, 2, 3, 4]
    started = (await api.get(events_path, params={"types": "lesson.started"})).json()
    assert [event["type"] for event in started["events"]] == ["lesson.started"]
    nothing = (await api.get(events_path, params={"after": 4})).json()
    assert nothing == {"events": [], "next_after": 4}


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=1001", "limit"), ("after=-1", "after"), ("after=x", "after"), ("types=foo", "type")],
)
async def test_a_bad_query_is_refused_by_its_name(
    api: httpx.AsyncClient, events_path: str, query: str, field: str
) -> None:
    response = await api.get(f"{events_path}?{query}")
    assert (response.status_code, response.json()["field"]) == (422, field)


async def test_a_learner_posts_only_their_own_doings(
    api: httpx.AsyncClient,
    services: Services,
    events_path: str,
    lesson: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
) -> None:
    other = await services.lessons.add_participant(lesson.tenant_id, lesson.id, "Ben", Role.LEARNER)
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    body = {"events": [hand("own", learner.id), hand("other", other.id)]}
    results = (await api.post(events_path, json=body, headers=headers)).json()["results"]
    assert [result["status"] for result in results] == [201, 403]
    assert results[1]["problem"]["field"] == "subject"
    watching = await services.lessons.add_participant(
        lesson.tenant_id, lesson.id, "Olga", Role.OBSERVER
    )
    observer = {"Authorization": f"Bearer {token_of(watching)}"}
    refused = await api.post(events_path, json=body, headers=observer)
    assert refused.status_code == 403


async def test_what_one_learner_answered_is_not_for_another(
    api: httpx.AsyncClient,
    services: Services,
    events_path: str,
    lesson: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
) -> None:
    other = await services.lessons.add_participant(lesson.tenant_id, lesson.id, "Ben", Role.LEARNER)
    answers = [
        {
            "id": f"answer-{person.id}",
            "type": "poll.answered",
            "subject": person.id,
            "data": {"poll_id": "p", "options": [0]},
        }
        for person in (learner, other)
    ]
    await api.post(events_path, json={"events": answers})
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    page = (await api.get(events_path, headers=headers)).json()
    assert [event["subject"] for event in page["events"]] == [learner.id]
    assert page["next_after"] == 2
