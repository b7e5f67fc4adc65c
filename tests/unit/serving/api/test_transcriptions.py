"""The stream of LiveKit transcriptions: partials, finals and corrections as they happen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from lessons.events import CaptionerTookOver, EventDraft, HandRaised, PartialCaption
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from serving.web.services import Services
from tests.unit.integrations.captions.spoken import final
from tests.unit.serving.event_source import event_source, take


@pytest.fixture
async def speaker(services: Services, lesson: Lesson) -> Participant:
    """Somebody whom the platform calls by a name of its own."""
    return await services.lessons.add_participant(
        lesson.tenant_id, lesson.id, "Ada", Role.LEARNER, external_id="ada@platform"
    )


async def say(services: Services, lesson: Lesson, speaker: Participant, text: str) -> None:
    data = final(text, 0, 900, caption_id="cap_1", participant_id=speaker.id)
    drafts = [
        EventDraft(HandRaised(), 0, speaker.id),
        EventDraft(data, 0, speaker.id, id=data.caption_id),
    ]
    await services.ledger.append(lesson.tenant_id, lesson.id, drafts)


def partial(
    speaker: Participant,
    stable: str,
    unstable: str,
    caption_id: str = "cap_1",
    start_ms: int = 0,
) -> PartialCaption:
    return PartialCaption(
        caption_id=caption_id,
        track_id="trk_1",
        participant_id=speaker.id,
        role=speaker.role,
        participant_name=speaker.name,
        revision=1,
        start_ms=start_ms,
        end_ms=start_ms + 500,
        stable_text=stable,
        unstable_text=unstable,
        language="en",
    )


def told(stream: dict[str, Any]) -> tuple[str, str, str]:
    attributes = stream["attributes"]
    assert attributes["lk.segment_id"] == "cap_1"
    assert attributes["lk.transcribed_track_id"] == "trk_1"
    return stream["participant_identity"], attributes["lk.transcription_final"], stream["text"]


async def test_a_segment_grows_becomes_final_and_is_corrected(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    speaker: Participant,
    gateway_url: str,
    api_key: str,
) -> None:
    path = f"/v1/lessons/{lesson.id}/transcription-stream"
    headers = {"Authorization": f"Bearer {api_key}"}
    corrections = f"/v1/lessons/{lesson.id}/captions/cap_1/corrections"
    where = (lesson.tenant_id, lesson.id)
    await say_more(services, lesson, speaker)
    async with event_source(f"{gateway_url}{path}", headers) as messages:
        await take(messages, 1)  # The stream is open: a partial that nobody hears is lost.
        await services.feed.publish_partial(*where, partial(speaker, "three", "quart"))
        (growing,) = await take(messages, 1)
        await say(services, lesson, speaker, "three quarters")
        (said,) = await take(messages, 1)
        assert (await api.post(corrections, json={"text": "three thirds"})).status_code == 201
        (corrected,) = await take(messages, 1)
    assert {one.event for one in (growing, said, corrected)} == {"lk.transcription"}
    assert (growing.id, said.id, corrected.id) == (None, "3", "4")
    assert told(growing.data) == ("ada@platform", "false", "three quart")
    assert told(said.data) == ("ada@platform", "true", "three quarters")
    assert told(corrected.data) == ("ada@platform", "true", "three thirds")


async def test_it_resumes_behind_the_last_id_by_websocket(
    services: Services,
    lesson: Lesson,
    speaker: Participant,
    gateway_url: str,
    token_of: Callable[..., str],
) -> None:
    await say(services, lesson, speaker, "three quarters")
    await say_more(services, lesson, speaker)
    address = gateway_url.replace("http", "ws")
    url = (
        f"{address}/v1/lessons/{lesson.id}/transcription-stream"
        f"?after=2&access_token={token_of(speaker)}"
    )
    async with connect(url) as socket:
        message = json.loads(await socket.recv())
    assert (message["event"], message["id"]) == ("lk.transcription", "3")
    assert message["data"]["text"] == "of a cake"


async def say_more(services: Services, lesson: Lesson, speaker: Participant) -> None:
    data = final("of a cake", 1_000, 1_900, caption_id="cap_2", participant_id=speaker.id)
    draft = EventDraft(data, 1_000, speaker.id, id=data.caption_id)
    await services.ledger.append(lesson.tenant_id, lesson.id, [draft])


async def test_a_page_holds_what_is_final(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, speaker: Participant
) -> None:
    await say(services, lesson, speaker, "three quarters")
    await say_more(services, lesson, speaker)
    path = f"/v1/lessons/{lesson.id}/transcription-stream"
    first = (await api.get(path, params={"limit": 1})).json()
    assert [one["text"] for one in first["transcriptions"]] == ["three quarters"]
    rest = (await api.get(path, params={"after": first["next_after"]})).json()
    assert [one["text"] for one in rest["transcriptions"]] == ["of a cake"]
    end = (await api.get(path, params={"after": rest["next_after"]})).json()
    assert end == {"transcriptions": [], "next_after": rest["next_after"]}


async def test_strangers_are_refused(
    services: Services, lesson: Lesson, speaker: Participant, gateway_url: str
) -> None:
    await say(services, lesson, speaker, "three quarters")
    _, key = await services.api_keys.create(new_id("ten"), "of another tenant")
    headers = {"Authorization": f"Bearer {key}"}
    path = f"/v1/lessons/{lesson.id}/transcription-stream"
    async with httpx.AsyncClient(base_url=gateway_url, headers=headers) as stranger:
        assert (await stranger.get(path)).status_code == 404
    async with connect(gateway_url.replace("http", "ws") + path, additional_headers=headers) as one:
        with pytest.raises(ConnectionClosed) as closed:
            await one.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4404


async def take_over(services: Services, lesson: Lesson, captioner: Participant) -> None:
    data = CaptionerTookOver(name=captioner.name, asked_by=captioner.id)
    draft = EventDraft(data, 500, captioner.id)
    await services.ledger.append(lesson.tenant_id, lesson.id, [draft])


async def write(
    services: Services,
    lesson: Lesson,
    speaker: Participant,
    text: str,
    start_ms: int,
    **changes: Any,
) -> None:
    data = final(text, start_ms, start_ms + 900, participant_id=speaker.id, **changes)
    draft = EventDraft(data, start_ms, speaker.id, id=data.caption_id)
    await services.ledger.append(lesson.tenant_id, lesson.id, [draft])


TYPED: dict[str, Any] = {"engine": "human", "model": "human", "track_id": None}


async def test_while_a_captioner_types_the_room_gets_their_captions_alone(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    speaker: Participant,
    gateway_url: str,
    api_key: str,
) -> None:
    where = (lesson.tenant_id, lesson.id)
    noor = await services.lessons.add_participant(*where, "Noor", Role.CAPTIONER)
    path = f"/v1/lessons/{lesson.id}/transcription-stream"
    url, headers = f"{gateway_url}{path}", {"Authorization": f"Bearer {api_key}"}
    await write(services, lesson, speaker, "heard before", 0)
    async with event_source(url, headers) as messages:
        await take(messages, 1)
        growing = partial(speaker, "hurt", "in", "cap_begun", 700)
        await services.feed.publish_partial(*where, growing)
        (begun,) = await take(messages, 1)
        await take_over(services, lesson, noor)
        await write(services, lesson, speaker, "typed instead", 800, **TYPED)
        (typed,) = await take(messages, 1)
        more = growing.model_copy(update={"unstable_text": "instead"})
        for passing in (more, partial(speaker, "hurt", "later", "cap_later", 2_000), more):
            await services.feed.publish_partial(*where, passing)
        await write(services, lesson, speaker, "hurt instead", 700, caption_id="cap_begun")
        await write(services, lesson, speaker, "typed later", 3_000, **TYPED)
        back, later = await take(messages, 2)
    assert begun.data["text"] == "hurt in"
    assert (typed.data["text"], later.data["text"]) == ("typed instead", "typed later")
    assert back.data["text"] == "", "what was begun before anybody knew is taken back, once"
    attributes: Any = back.data["attributes"]
    assert attributes["lk.segment_id"] == "cap_begun"
    assert attributes["lk.transcription_final"] == "true"
    corrections = f"/v1/lessons/{lesson.id}/captions/cap_begun/corrections"
    assert (await api.post(corrections, json={"text": "hurt, corrected"})).status_code == 201
    page = (await api.get(path)).json()
    said = [one["text"] for one in page["transcriptions"]]
    assert said == ["heard before", "typed instead", "typed later"]


async def test_who_resumes_after_the_takeover_is_told_of_no_partial_either(
    services: Services, lesson: Lesson, speaker: Participant, gateway_url: str, api_key: str
) -> None:
    where = (lesson.tenant_id, lesson.id)
    noor = await services.lessons.add_participant(*where, "Noor", Role.CAPTIONER)
    await take_over(services, lesson, noor)
    await write(services, lesson, speaker, "typed", 800, **TYPED)
    url = f"{gateway_url}/v1/lessons/{lesson.id}/transcription-stream?after=1"
    async with event_source(url, {"Authorization": f"Bearer {api_key}"}) as messages:
        await take(messages, 1)
    last = await services.commits.last_sequence(*where)
    url = url.replace("after=1", f"after={last}")
    async with event_source(url, {"Authorization": f"Bearer {api_key}"}) as messages:
        for at_ms in range(900, 1_900, 100):  # Those before the stream is open are lost.
            passing = partial(speaker, "hurt", "later", f"cap_{at_ms}", at_ms)
            await services.feed.publish_partial(*where, passing)
        await write(services, lesson, speaker, "typed later", 3_000, **TYPED)
        (first,) = await take(messages, 1)
    assert first.data["text"] == "typed later"
