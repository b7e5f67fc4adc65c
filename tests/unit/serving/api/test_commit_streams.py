"""Following a course or a tenant over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from lessons.events import EventDraft, LessonEnded
from lessons.records import Lesson, Participant
from lessons.store.appending import append_in
from lessons.store.courses import CourseStore
from serving.web.services import Services
from tests.unit.serving.event_source import PATIENCE_SECONDS, Received, event_source, take

AHEAD = f"{2**62}-1-1"
"""A cursor such as one of a server that was restored from a dump since."""


@pytest.fixture
def headers(api_key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key}"}


@pytest.fixture
async def course_id(services: Services, lesson: Lesson) -> str:
    """A course with the lesson in it."""
    store = CourseStore(services.database)
    course = await store.create(lesson.tenant_id, title="Fractions")
    await store.place_lesson(lesson.tenant_id, lesson.id, course.id)
    return course.id


@pytest.fixture
async def other(services: Services, tenant_id: str) -> Lesson:
    """A lesson of no course."""
    return await services.lessons.create_lesson(tenant_id, title="Decimals")


async def append(services: Services, lesson: Lesson, count: int = 1) -> None:
    drafts = [EventDraft(LessonEnded(duration_ms=0), number) for number in range(count)]
    await services.ledger.append(lesson.tenant_id, lesson.id, drafts)


def places(received: list[Received]) -> list[tuple[object, object]]:
    return [(message.data["lessonid"], message.data["ledgersequence"]) for message in received]


async def test_a_tenants_stream_has_every_lesson_in_order_and_resumes(
    services: Services, lesson: Lesson, other: Lesson, gateway_url: str, headers: dict[str, str]
) -> None:
    await append(services, lesson, 3)
    async with event_source(f"{gateway_url}/v1/events", headers) as messages:
        backlog = await take(messages, 3)
        for target in (other, lesson, other):
            await append(services, target, 2)
        live = await take(messages, 6)
    expected = [(lesson.id, n) for n in (1, 2, 3)]
    expected += [(other.id, 1), (other.id, 2), (lesson.id, 4), (lesson.id, 5)]
    expected += [(other.id, 3), (other.id, 4)]
    assert places(backlog + live) == expected
    for number, message in enumerate(backlog + live[:-1], start=1):
        resumed = headers | {"Last-Event-ID": message.id or ""}
        async with event_source(f"{gateway_url}/v1/events", resumed) as messages:
            assert places(await take(messages, 1)) == expected[number : number + 1]


async def test_a_courses_stream_has_its_lessons_only(
    services: Services,
    lesson: Lesson,
    other: Lesson,
    course_id: str,
    gateway_url: str,
    headers: dict[str, str],
) -> None:
    await append(services, other)
    url = f"{gateway_url}/v1/courses/{course_id}/events"
    async with event_source(url, headers) as messages:
        await append(services, other)
        await append(services, lesson, 2)
        assert places(await take(messages, 2)) == [(lesson.id, 1), (lesson.id, 2)]


async def test_what_an_older_transaction_held_back_comes_once_it_has_ended(
    services: Services, lesson: Lesson, other: Lesson, gateway_url: str, headers: dict[str, str]
) -> None:
    draft = EventDraft(LessonEnded(duration_ms=0), 0)
    async with event_source(f"{gateway_url}/v1/events", headers) as messages:
        taking = asyncio.create_task(take(messages, 2))
        async with services.database.transaction(lesson.tenant_id) as connection:
            await append_in(connection, lesson.tenant_id, lesson.id, [draft])
            await append(services, other)
            done, _ = await asyncio.wait({taking}, timeout=0.2)
            assert not done
        assert places(await taking) == [(lesson.id, 1), (other.id, 1)]


async def test_the_websocket_carries_the_cursor_of_each_event(
    services: Services, lesson: Lesson, course_id: str, gateway_url: str, headers: dict[str, str]
) -> None:
    await append(services, lesson, 2)
    base = gateway_url.replace("http", "ws")
    for path in ("/v1/stream", f"/v1/courses/{course_id}/stream"):
        async with connect(base + path, additional_headers=headers) as socket:
            first = json.loads(await socket.recv())
        resumed = f"{base}{path}?after={first['id']}"
        async with connect(resumed, additional_headers=headers) as socket:
            async with asyncio.timeout(PATIENCE_SECONDS):
                second = json.loads(await socket.recv())
        assert (first["data"]["ledgersequence"], second["data"]["ledgersequence"]) == (1, 2)


async def test_pages_go_on_where_the_last_one_ended(
    services: Services, lesson: Lesson, other: Lesson, course_id: str, api: httpx.AsyncClient
) -> None:
    await append(services, lesson, 5)
    await append(services, other, 5)
    for path, count in (("/v1/events", 10), (f"/v1/courses/{course_id}/events", 5)):
        after, seen = "0", 0
        while page := (await api.get(path, params={"after": after, "limit": 3})).json():
            assert len(page["events"]) <= 3
            seen += len(page["events"])
            if page["next_after"] == after:
                break
            after = page["next_after"]
        assert seen == count


async def test_what_cannot_be_followed_is_refused(
    lesson: Lesson,
    learner: Participant,
    api: httpx.AsyncClient,
    gateway_url: str,
    headers: dict[str, str],
    token_of: Callable[..., str],
) -> None:
    bad = await api.get("/v1/events", params={"after": "1-2"})
    assert (bad.status_code, bad.json()["field"]) == (422, "after")
    stream = {"Accept": "text/event-stream", "Last-Event-ID": "x"}
    bad = await api.get("/v1/events", headers=stream)
    assert (bad.status_code, bad.json()["field"]) == (422, "Last-Event-ID")
    assert (await api.get("/v1/courses/crs_x/events")).status_code == 404
    own = {"Authorization": f"Bearer {token_of(learner)}"}
    assert (await api.get("/v1/events", headers=own)).status_code == 403
    for accept in ("application/json", "text/event-stream"):
        answer = await api.get(f"/v1/events?after={AHEAD}", headers={"Accept": accept})
        assert (answer.status_code, answer.json()["code"]) == (409, "cursor_ahead")
    base = gateway_url.replace("http", "ws")
    cases = {
        ("/v1/stream", ""): 4401,
        ("/v1/stream", headers["Authorization"]): 4400,
        ("/v1/courses/crs_x/stream", headers["Authorization"]): 4404,
        (f"/v1/stream?after={AHEAD}", headers["Authorization"]): 4409,
        ("/v1/stream", own["Authorization"]): 4403,
    }
    for (path, credential), code in cases.items():
        query = "?after=x" if code == 4400 else ""
        sent = {"Authorization": credential} if credential else {}
        async with connect(f"{base}{path}{query}", additional_headers=sent) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code, path
