"""A stream does not outlive its credential: once that is over, it ends within 5 s."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.web.services import Services

WITHIN_SECONDS = 5.0
NOT_AUTHENTICATED = 4401


@dataclass
class Held:
    """A credential, and what ends it."""

    token: str
    end: Callable[[], Awaitable[object]]


@pytest.fixture
def participant(
    services: Services, lesson: Lesson, learner: Participant, token_of: Callable[..., str]
) -> Held:
    tenant_id = lesson.tenant_id

    async def end() -> None:
        await services.participant_tokens.revoke(tenant_id, lesson.id, learner.id)

    return Held(token_of(learner), end)


@pytest.fixture
async def revoked_key(services: Services, tenant_id: str) -> Held:
    record, key = await services.api_keys.create(tenant_id, "leaked")
    return Held(key, lambda: services.api_keys.revoke(tenant_id, record.id))


@pytest.fixture
async def rotated_key(services: Services, tenant_id: str) -> Held:
    record, key = await services.api_keys.create(tenant_id, "rotated")
    return Held(key, lambda: services.api_keys.rotate(tenant_id, record.id, timedelta()))


@pytest.fixture
async def signed_in(services: Services, tenant_id: str) -> Held:
    person = await services.people.create(tenant_id, "Ada")
    await services.people.assign(tenant_id, person.id, Role.ADMINISTRATOR)
    begun, proof = await services.sign_ins.begin(tenant_id, person.id)
    return Held(proof, lambda: services.sign_ins.end(tenant_id, person.id, begun.id))


@pytest.fixture(params=["participant", "revoked_key", "rotated_key", "signed_in"])
def held(request: pytest.FixtureRequest) -> Held:
    found: Held = request.getfixturevalue(request.param)
    return found


async def test_server_sent_events_end_and_are_not_given_again(
    held: Held, gateway_url: str, lesson: Lesson
) -> None:
    url = f"{gateway_url}/v1/lessons/{lesson.id}/events"
    headers = {"Authorization": f"Bearer {held.token}", "Accept": "text/event-stream"}
    async with httpx.AsyncClient(timeout=WITHIN_SECONDS, headers=headers) as client:
        async with client.stream("GET", url) as response:
            assert response.status_code == 200
            lines = response.aiter_lines()
            await anext(lines)
            await held.end()
            async with asyncio.timeout(WITHIN_SECONDS):
                async for _ in lines:
                    pass
        again = await client.get(url)
    assert again.status_code == 401


async def test_a_websocket_is_closed_with_the_reason(
    participant: Held, gateway_url: str, lesson: Lesson
) -> None:
    url = f"{gateway_url.replace('http', 'ws')}/v1/lessons/{lesson.id}/stream"
    headers = {"Authorization": f"Bearer {participant.token}"}
    async with connect(url, additional_headers=headers) as socket:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.1)
        await participant.end()
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), WITHIN_SECONDS)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == NOT_AUTHENTICATED


async def test_somebody_elses_stream_goes_on(
    participant: Held,
    services: Services,
    lesson: Lesson,
    gateway_url: str,
    token_of: Callable[..., str],
) -> None:
    other = await services.lessons.add_participant(lesson.tenant_id, lesson.id, "Ben", Role.LEARNER)
    url = f"{gateway_url.replace('http', 'ws')}/v1/lessons/{lesson.id}/stream"
    async with (
        connect(url, additional_headers={"Authorization": f"Bearer {participant.token}"}) as ended,
        connect(
            url, additional_headers={"Authorization": f"Bearer {token_of(other)}"}
        ) as other_one,
    ):
        await participant.end()
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(ended.recv(), WITHIN_SECONDS)
        await services.lessons.start_lesson(lesson.tenant_id, lesson.id)
        assert "lesson.started" in str(await asyncio.wait_for(other_one.recv(), WITHIN_SECONDS))


async def test_a_key_that_expires_ends_its_stream(
    services: Services, tenant_id: str, gateway_url: str, lesson: Lesson
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    _, key = await services.api_keys.create(tenant_id, "brief", expires_at=soon)
    url = f"{gateway_url.replace('http', 'ws')}/v1/lessons/{lesson.id}/stream"
    async with connect(url, additional_headers={"Authorization": f"Bearer {key}"}) as socket:
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 1 + WITHIN_SECONDS)
    assert socket.close_code == NOT_AUTHENTICATED
