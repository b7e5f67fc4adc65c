"""Event streams over a real socket: nothing lost, nothing doubled, resumable."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from lessons.errors import Unavailable
from lessons.events import EventDraft, HandRaised, LessonStarted, PartialCaption
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.database import driver_url
from serving.web import streams
from serving.web.services import Services
from tests.unit.serving.event_source import PATIENCE_SECONDS, event_source, take


@pytest.fixture
def headers(api_key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key}"}


@pytest.fixture
def events_url(gateway_url: str, lesson: Lesson) -> str:
    return f"{gateway_url}/v1/lessons/{lesson.id}/events"


async def raise_hands(services: Services, learner: Participant, lesson: Lesson, count: int) -> None:
    for number in range(count):
        draft = EventDraft(HandRaised(), number, learner.id)
        await services.ledger.append(lesson.tenant_id, lesson.id, [draft])


def partial(text: str) -> PartialCaption:
    return PartialCaption(
        caption_id="cap_1",
        track_id="trk_1",
        participant_id="par_1",
        role=Role.LEARNER,
        participant_name="Ada",
        revision=1,
        start_ms=0,
        end_ms=500,
        stable_text=text,
        unstable_text="",
        language="en",
    )


async def test_backlog_then_live_events_without_gap_or_double(
    services: Services,
    lesson: Lesson,
    learner: Participant,
    events_url: str,
    headers: dict[str, str],
) -> None:
    await raise_hands(services, learner, lesson, 20)
    async with event_source(events_url, headers) as messages:
        writers = asyncio.gather(
            *(raise_hands(services, learner, lesson, 20) for _ in range(3)),
        )
        received = await take(messages, 80)
        await writers
    assert [message.id for message in received] == [str(n) for n in range(1, 81)]
    assert {message.event for message in received} == {"hand.raised"}
    assert received[0].data["lessonid"] == lesson.id


async def test_readers_that_connect_amid_writing_all_get_the_same(
    services: Services,
    lesson: Lesson,
    learner: Participant,
    events_url: str,
    headers: dict[str, str],
) -> None:
    async def read_after(delay_seconds: float) -> list[str | None]:
        await asyncio.sleep(delay_seconds)
        async with event_source(events_url, headers) as messages:
            return [message.id for message in await take(messages, 60)]

    readers = asyncio.gather(*(read_after(delay / 50) for delay in range(8)))
    await raise_hands(services, learner, lesson, 60)
    for ids in await readers:
        assert ids == [str(n) for n in range(1, 61)]


async def test_last_event_id_wins_over_after(
    services: Services,
    lesson: Lesson,
    learner: Participant,
    events_url: str,
    headers: dict[str, str],
) -> None:
    await raise_hands(services, learner, lesson, 5)
    resumed = headers | {"Last-Event-ID": "3"}
    async with event_source(f"{events_url}?after=1", resumed) as messages:
        assert [message.id for message in await take(messages, 2)] == ["4", "5"]
    async with event_source(f"{events_url}?after=4", headers) as messages:
        assert [message.id for message in await take(messages, 1)] == ["5"]


async def test_partials_pass_by_without_an_id(
    services: Services, lesson: Lesson, events_url: str, headers: dict[str, str]
) -> None:
    await services.lessons.start_lesson(lesson.tenant_id, lesson.id)
    async with event_source(events_url, headers) as messages:
        await take(messages, 1)
        await services.feed.publish_partial(lesson.tenant_id, lesson.id, partial("three"))
        await services.feed.publish_progress(lesson.tenant_id, lesson.id, {"progress": 0.5})
        caption, progress = await take(messages, 2)
    assert (caption.event, caption.id) == ("caption.partial", None)
    assert caption.data["stable_text"] == "three"
    assert (progress.event, progress.data) == ("recording.progress", {"progress": 0.5})


async def test_the_stream_goes_on_after_the_lesson_has_ended(
    services: Services,
    lesson: Lesson,
    learner: Participant,
    events_url: str,
    headers: dict[str, str],
) -> None:
    async with event_source(events_url, headers) as messages:
        await services.lessons.end_lesson(lesson.tenant_id, lesson.id)
        await raise_hands(services, learner, lesson, 1)
        assert [m.event for m in await take(messages, 2)] == ["lesson.ended", "hand.raised"]


async def test_a_bad_cursor_or_no_credential_refuses_the_stream(
    gateway_url: str, lesson: Lesson, headers: dict[str, str]
) -> None:
    accept = {"Accept": "text/event-stream"}
    async with httpx.AsyncClient(base_url=f"{gateway_url}/v1/lessons/{lesson.id}") as client:
        bad = await client.get("/events", headers=headers | accept | {"Last-Event-ID": "x"})
        assert (bad.status_code, bad.json()["field"]) == (422, "Last-Event-ID")
        assert (await client.get("/events", headers=accept)).status_code == 401
        gone = await client.get(f"{gateway_url}/v1/lessons/les_x/events", headers=headers | accept)
        assert gone.status_code == 404


async def test_an_event_source_may_carry_its_token_in_the_query(
    services: Services,
    lesson: Lesson,
    learner: Participant,
    events_url: str,
    token_of: Callable[..., str],
) -> None:
    await raise_hands(services, learner, lesson, 1)
    async with event_source(f"{events_url}?access_token={token_of(learner)}", {}) as messages:
        assert (await take(messages, 1))[0].id == "1"


async def test_the_websocket_sends_the_same_messages(
    services: Services,
    lesson: Lesson,
    learner: Participant,
    gateway_url: str,
    api_key: str,
) -> None:
    await raise_hands(services, learner, lesson, 3)
    url = f"{gateway_url.replace('http', 'ws')}/v1/lessons/{lesson.id}/stream?after=1"
    async with connect(url, additional_headers={"Authorization": f"Bearer {api_key}"}) as socket:
        stored = [json.loads(await socket.recv()) for _ in range(2)]
        assert [message["data"]["ledgersequence"] for message in stored] == [2, 3]
        await services.feed.publish_partial(lesson.tenant_id, lesson.id, partial("two"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            passing = json.loads(await socket.recv())
        assert passing["event"] == "caption.partial"
        await raise_hands(services, learner, lesson, 1)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert json.loads(await socket.recv())["data"]["ledgersequence"] == 4


async def test_the_websocket_says_why_it_closes(
    lesson: Lesson, learner: Participant, gateway_url: str, token_of: Callable[..., str]
) -> None:
    base = f"{gateway_url.replace('http', 'ws')}/v1/lessons"
    expired = token_of(learner, lifetime=timedelta(seconds=-5))
    elsewhere = token_of(learner, lesson_id=new_id("les"))
    lost = token_of(learner, lesson_id="les_x")
    good = token_of(learner)
    cases = {
        f"{base}/{lesson.id}/stream": 4401,
        f"{base}/{lesson.id}/stream?access_token={expired}": 4401,
        f"{base}/{lesson.id}/stream?access_token={elsewhere}": 4403,
        f"{base}/les_x/stream?access_token={lost}": 4404,
        f"{base}/{lesson.id}/stream?access_token={good}&after=x": 4400,
    }
    for url, code in cases.items():
        async with connect(url) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code, url


async def test_a_stream_hides_what_is_not_for_the_reader(
    services: Services,
    lesson: Lesson,
    learner: Participant,
    events_url: str,
    headers: dict[str, str],
    token_of: Callable[..., str],
) -> None:
    other = await services.lessons.add_participant(lesson.tenant_id, lesson.id, "Ben", Role.LEARNER)
    async with httpx.AsyncClient(headers=headers) as client:
        body = {"id": "answer", "type": "poll.answered", "subject": other.id}
        data = {"data": {"poll_id": "p", "options": [0]}}
        await client.post(events_url, json=body | data)
    await raise_hands(services, learner, lesson, 1)
    own = {"Authorization": f"Bearer {token_of(learner)}"}
    async with event_source(events_url, own) as messages:
        first = (await take(messages, 1))[0]
    assert (first.event, first.id) == ("hand.raised", "2")


async def drain(socket: ClientConnection) -> AsyncIterator[str | bytes]:
    """What was on its way before the connection closed."""
    with contextlib.suppress(ConnectionClosed):
        async for message in socket:
            yield message


async def store_megabytes(services: Services, lesson: Lesson, events: int) -> None:
    """Fill the ledger beyond what the kernel's socket buffers hold; about 100 kB an event."""
    started = LessonStarted(title="long " * 20_000, language="en")
    for number in range(events):
        draft = EventDraft(started, number)
        await services.ledger.append(lesson.tenant_id, lesson.id, [draft])


async def until_cut(services: Services, transport: str) -> None:
    """Wait until the gateway has let go of a reader that was too slow for it."""
    labels = {"transport": transport}
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not services.metrics.registry.get_sample_value(
            "lectern_stream_readers_cut_total", labels
        ):
            await asyncio.sleep(0.02)


async def test_a_reader_that_takes_nothing_is_disconnected(
    services: Services,
    lesson: Lesson,
    gateway_url: str,
    api_key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "SLOW_READER_SECONDS", 0.5)
    await store_megabytes(services, lesson, 120)
    address = httpx.URL(gateway_url)
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=4096)
    request = (
        f"GET /v1/lessons/{lesson.id}/events HTTP/1.1\r\nHost: {address.host}\r\n"
        f"Accept: text/event-stream\r\nAuthorization: Bearer {api_key}\r\n\r\n"
    )
    writer.write(request.encode())
    await reader.read(100)
    await until_cut(services, "sse")
    received = 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        with contextlib.suppress(ConnectionResetError):
            while chunk := await reader.read(65536):
                received += len(chunk)
    assert received < 12_000_000
    writer.close()


async def test_a_websocket_reader_that_takes_nothing_is_told_to_resume(
    services: Services,
    lesson: Lesson,
    gateway_url: str,
    api_key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "SLOW_READER_SECONDS", 0.5)
    await store_megabytes(services, lesson, 120)
    url = f"{gateway_url.replace('http', 'ws')}/v1/lessons/{lesson.id}/stream"
    headers = {"Authorization": f"Bearer {api_key}"}
    async with connect(url, additional_headers=headers, max_queue=2, compression=None) as socket:
        await until_cut(services, "websocket")
        async with asyncio.timeout(PATIENCE_SECONDS):
            received = [message async for message in drain(socket)]
    assert len(received) < 120
    assert socket.close_code == 4408


def cut_every_connection(url: str) -> None:
    with psycopg.connect(driver_url(url), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


async def test_a_stream_outlives_the_loss_of_every_database_connection(
    services: Services,
    served_database: str,
    lesson: Lesson,
    learner: Participant,
    events_url: str,
    headers: dict[str, str],
) -> None:
    async with event_source(events_url, headers) as messages:
        for number in range(12):
            if number % 4 == 2:
                await asyncio.to_thread(cut_every_connection, served_database)
            draft = EventDraft(HandRaised(), number, learner.id)
            with contextlib.suppress(Unavailable):
                await services.ledger.append(lesson.tenant_id, lesson.id, [draft])
                continue
            await services.ledger.append(lesson.tenant_id, lesson.id, [draft])
        received = await take(messages, 12)
    assert [message.id for message in received] == [str(n) for n in range(1, 13)]
