"""Every way of reading a learner's data leaves an entry, before the answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lessons.errors import Unavailable
from lessons.events import CaptionFinal, EventDraft, HandRaised
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.disclosures import DisclosureLog
from serving.web.services import Services


@pytest.fixture
async def spoken(services: Services, lesson: Lesson, learner: Participant) -> str:
    """The path of a lesson in which the learner raised a hand and spoke."""
    said = {"participant_id": learner.id, "participant_name": learner.name}
    caption = CaptionFinal.model_validate({**CaptionFinal.example, **said})
    drafts = [EventDraft(HandRaised(), 1, learner.id), EventDraft(caption, 2, learner.id)]
    await services.ledger.append(lesson.tenant_id, lesson.id, drafts)
    return f"/v1/lessons/{lesson.id}"


async def _entries(
    services: Services, lesson: Lesson, person: Participant
) -> list[tuple[str, str]]:
    log = await services.disclosures.list_disclosures(lesson.tenant_id, person.person_id)
    return [(entry.what, entry.purpose) for entry in log]


async def test_pages_and_downloads_are_entered_with_their_purpose(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, learner: Participant, spoken: str
) -> None:
    await api.get(f"{spoken}/events", headers={"Lectern-Purpose": "marking"})
    await api.get(f"{spoken}/captions.vtt")
    await api.get(f"{spoken}/events")
    assert await _entries(services, lesson, learner) == [
        ("captions", "the platform's own systems"),
        ("events", "marking"),
    ]


async def test_a_stream_enters_each_person_once(
    api: httpx.AsyncClient,
    gateway_url: str,
    api_key: str,
    services: Services,
    lesson: Lesson,
    learner: Participant,
    spoken: str,
) -> None:
    headers = {"Authorization": f"Bearer {api_key}", "Accept": "text/event-stream"}
    other = await services.lessons.add_participant(lesson.tenant_id, lesson.id, "Ben", Role.LEARNER)
    async with (
        httpx.AsyncClient(base_url=gateway_url, timeout=10) as client,
        client.stream("GET", f"{spoken}/events", headers=headers) as stream,
    ):
        lines = stream.aiter_lines()
        await _next_event(lines, "caption.final")
        assert await _entries(services, lesson, learner) == [
            ("events", "the platform's own systems")
        ]
        assert await _entries(services, lesson, other) == []
        draft = EventDraft(HandRaised(), 3, other.id)
        await services.ledger.append(lesson.tenant_id, lesson.id, [draft])
        await _next_event(lines, "hand.raised")
    assert len(await _entries(services, lesson, learner)) == 1
    assert len(await _entries(services, lesson, other)) == 1


async def _next_event(lines: Any, name: str) -> dict[str, Any]:
    async for line in lines:
        if line.startswith("data:") and f'"type":"{name}"' in line:
            found: dict[str, Any] = json.loads(line.removeprefix("data:"))
            return found
    raise AssertionError(name)


async def test_many_streams_of_one_reader_at_once_are_one_entry(
    services: Services, lesson: Lesson, learner: Participant, api_key: str
) -> None:
    caller = await services.api_keys.authenticate(api_key)
    await asyncio.gather(
        *(
            services.disclosures.record(
                caller, "events", lesson_id=lesson.id, participant_ids=[learner.id]
            )
            for _ in range(40)
        )
    )
    assert len(await _entries(services, lesson, learner)) == 1


async def test_what_cannot_be_entered_is_not_shown(
    api: httpx.AsyncClient, spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise Unavailable("The log cannot be written.")

    monkeypatch.setattr(DisclosureLog, "record", fail)
    for path in (f"{spoken}/events", f"{spoken}/captions.txt"):
        assert (await api.get(path)).status_code == 503


async def test_a_learner_who_reads_their_own_is_not_entered(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    learner: Participant,
    spoken: str,
    token_of: Callable[..., str],
) -> None:
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    assert (await api.get(f"{spoken}/events", headers=headers)).status_code == 200
    assert await _entries(services, lesson, learner) == []
