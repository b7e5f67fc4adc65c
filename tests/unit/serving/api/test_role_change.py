"""A role that changes in mid-lesson: tokens, open streams and publishers follow at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from lessons.events import EventDraft, PollAnswered
from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.live.ingest_worker import IngestWorker
from serving.live.process import open_worker, signalling_app
from serving.settings import Settings
from serving.web.services import Services
from tests.unit.serving.event_source import event_source, take
from tests.unit.serving.serving_app import serve

CLOSED_WITHIN_SECONDS = 5
SDP = {"Content-Type": "application/sdp"}

Join = Callable[[str, Role], Awaitable[Participant]]


@pytest.fixture
def join(services: Services, lesson: Lesson) -> Join:
    async def add(name: str, role: Role) -> Participant:
        return await services.lessons.add_participant(lesson.tenant_id, lesson.id, name, role)

    return add


@pytest.fixture
def bearer(token_of: Callable[..., str]) -> Callable[[Participant], dict[str, str]]:
    return lambda participant: {"Authorization": f"Bearer {token_of(participant)}"}


def path_of(participant: Participant) -> str:
    return f"/v1/lessons/{participant.lesson_id}/participants/{participant.id}"


async def test_a_token_goes_on_with_the_new_role_and_the_lesson_tells_of_it(
    api: httpx.AsyncClient, learner: Participant, bearer: Callable[[Participant], dict[str, str]]
) -> None:
    captions = f"/v1/lessons/{learner.lesson_id}/captions/cap_none/corrections"
    own, body = bearer(learner), {"text": "three quarters"}
    assert (await api.post(captions, json=body, headers=own)).status_code == 403
    changed = await api.patch(path_of(learner), json={"role": "teaching_assistant"})
    assert (changed.status_code, changed.json()["role"]) == (200, "teaching_assistant")
    assert (await api.post(captions, json=body, headers=own)).status_code == 404
    assert (await api.patch(path_of(learner), json={"role": "teaching_assistant"})).is_success
    events = (await api.get(f"/v1/lessons/{learner.lesson_id}/events")).json()["events"]
    assert [event["type"] for event in events] == ["role.changed"]
    assert (events[0]["data"]["previous_role"], events[0]["data"]["role"]) == (
        "learner",
        "teaching_assistant",
    )


async def test_an_instructor_gives_no_role_like_their_own(
    api: httpx.AsyncClient,
    learner: Participant,
    join: Join,
    bearer: Callable[[Participant], dict[str, str]],
) -> None:
    teaching = bearer(await join("Ines", Role.INSTRUCTOR))
    helped = await api.patch(
        path_of(learner), json={"role": "teaching_assistant"}, headers=teaching
    )
    assert helped.status_code == 200
    for role in ("instructor", "administrator", "guardian"):
        refused = await api.patch(path_of(learner), json={"role": role}, headers=teaching)
        assert (refused.status_code, refused.json()["field"]) == (403, "role")
    by_learner = await api.patch(
        path_of(learner), json={"role": "instructor"}, headers=bearer(learner)
    )
    assert by_learner.status_code == 403


async def test_an_open_stream_shows_no_more_than_the_new_role_may_see(
    services: Services,
    gateway_url: str,
    learner: Participant,
    join: Join,
    bearer: Callable[[Participant], dict[str, str]],
    tenant_id: str,
) -> None:
    instructor = await join("Ines", Role.INSTRUCTOR)
    path = f"{gateway_url}/v1/lessons/{learner.lesson_id}/events"

    async def answers(poll: str) -> None:
        draft = EventDraft(PollAnswered(poll_id=poll, options=[0]), None, learner.id)
        await services.ledger.append(tenant_id, learner.lesson_id, [draft])

    async with event_source(path, bearer(instructor)) as messages:
        await answers("before")
        assert [message.event for message in await take(messages, 1)] == ["poll.answered"]
        await services.lessons.change_role(
            tenant_id, learner.lesson_id, instructor.id, Role.OBSERVER, "key_test"
        )
        await answers("after")
        await services.lessons.start_lesson(tenant_id, learner.lesson_id)
        told = [message.event for message in await take(messages, 2)]
    assert told == ["role.changed", "lesson.started"]


async def test_an_open_stream_ends_when_the_new_role_may_not_read_it(
    services: Services,
    gateway_url: str,
    learner: Participant,
    token_of: Callable[..., str],
    tenant_id: str,
) -> None:
    url = gateway_url.replace("http", "ws", 1)
    query = f"access_token={token_of(learner)}"
    async with connect(f"{url}/v1/lessons/{learner.lesson_id}/stream?{query}") as socket:
        await services.lessons.start_lesson(tenant_id, learner.lesson_id)
        assert json.loads(await socket.recv())["event"] == "lesson.started"
        await services.lessons.change_role(
            tenant_id, learner.lesson_id, learner.id, Role.INSTITUTIONAL_CLIENT, "key_test"
        )
        async with asyncio.timeout(CLOSED_WITHIN_SECONDS):
            with pytest.raises(ConnectionClosed):
                await socket.recv()
    assert socket.close_code == 4403


async def test_a_second_learner_makes_a_group_of_an_open_stream(
    services: Services,
    gateway_url: str,
    learner: Participant,
    join: Join,
    bearer: Callable[[Participant], dict[str, str]],
    tenant_id: str,
) -> None:
    path = f"{gateway_url}/v1/lessons/{learner.lesson_id}/events"
    async with event_source(path, bearer(learner)) as messages:
        await services.lessons.start_lesson(tenant_id, learner.lesson_id)
        await take(messages, 1)
        ben = await join("Ben", Role.LEARNER)
        for person in (ben, learner):
            draft = EventDraft(PollAnswered(poll_id="p", options=[0]), None, person.id)
            await services.ledger.append(tenant_id, learner.lesson_id, [draft])
        (seen,) = await take(messages, 1)
    assert seen.data["subject"] == learner.id


@pytest.fixture
async def worker(
    settings: Settings, served_database: str, services: Services
) -> AsyncIterator[IngestWorker]:
    for left in await services.workers.list_workers():
        await services.workers.remove(left.id)
    async with open_worker(settings, served_database) as opened:
        async with serve(signalling_app(opened, services.token_secret)) as url:
            await opened.register(url)
            yield opened
        await services.workers.remove(opened.id)


async def test_a_publisher_who_may_publish_no_more_is_let_go(
    api: httpx.AsyncClient,
    services: Services,
    worker: IngestWorker,
    learner: Participant,
    bearer: Callable[[Participant], dict[str, str]],
) -> None:
    own = bearer(learner)
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver(AudioStreamTrack(), direction="sendonly")
    await peer.setLocalDescription(await peer.createOffer())
    whip = f"/v1/lessons/{learner.lesson_id}/whip"
    offer = peer.localDescription.sdp
    answered = await api.post(whip, content=offer, headers=own | SDP)
    assert answered.status_code == 201, answered.text
    assert (await api.patch(path_of(learner), json={"role": "observer"})).status_code == 200

    async def has_ended() -> bool:
        tracks = (await api.get(f"/v1/lessons/{learner.lesson_id}")).json()["tracks"]
        return all(track["ended_at_ms"] is not None for track in tracks)

    async with asyncio.timeout(CLOSED_WITHIN_SECONDS):
        while not await has_ended():
            await asyncio.sleep(0.05)
    assert (await api.post(whip, content=offer, headers=own | SDP)).status_code == 403
    await peer.close()
