"""What a tenant has masked leaves by no way that captions leave by; the record keeps it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from integrations.webhooks.signing import new_secret
from lessons.events import CaptionWord, EventDraft, PartialCaption
from lessons.exports import Exporter, open_export
from lessons.exports.layout import tenant_folder
from lessons.records import Lesson, Participant
from lessons.store.tables import lessons as lesson_table
from serving.jobs.webhook_worker import open_webhook_work
from serving.jobs.zoom_worker import open_zoom_work
from serving.settings import Settings
from serving.web.services import Services
from tests.unit.integrations.captions.spoken import final
from tests.unit.integrations.captions.zoom_meeting import running_meeting
from tests.unit.integrations.webhooks.receiver import running_receiver
from tests.unit.serving.event_source import event_source, take

SWORN = "bullshit"
ADDRESS = "ada@example.org"
SAID = f"that is {SWORN} write to {ADDRESS}"
SHOWN = "that is *** write to ***"
RULES = {"captions": {"mask_profanity": True, "mask_personal_data": True}}

PLACES = (
    "/v1/lessons/{lesson}/events",
    "/v1/events",
    "/v1/lessons/{lesson}/captions.vtt",
    "/v1/lessons/{lesson}/captions.srt",
    "/v1/lessons/{lesson}/captions.txt",
    "/v1/lessons/{lesson}/captions.json",
    "/v1/lessons/{lesson}/captions/hls/segment-0.vtt",
    "/v1/lessons/{lesson}/transcription-stream",
)


@dataclass
class Spoken:
    """A lesson in which a learner has said what is masked."""

    lesson: Lesson
    learner: Participant
    services: Services

    async def set(self, rules: dict[str, Any]) -> None:
        tenant_id = self.lesson.tenant_id
        await self.services.tenants.change(tenant_id, tenant_id, settings=rules)


@pytest.fixture
async def spoken(services: Services, lesson: Lesson, learner: Participant) -> Spoken:
    began = datetime.now(UTC) - timedelta(minutes=1)
    async with services.database.transaction(lesson.tenant_id) as connection:
        await connection.execute(
            update(lesson_table)
            .where(lesson_table.c.tenant_id == lesson.tenant_id, lesson_table.c.id == lesson.id)
            .values(started_at=began, status="live")
        )
    words = [
        CaptionWord(text=word, start_ms=100 * at, end_ms=100 * at + 99, confidence=0.9)
        for at, word in enumerate(SAID.split())
    ]
    data = final(SAID, 0, 900, caption_id="cap_1", participant_id=learner.id, words=words)
    await services.ledger.append(
        lesson.tenant_id, lesson.id, [EventDraft(data, 0, learner.id, id="cap_1")]
    )
    told = Spoken(lesson, learner, services)
    await told.set(RULES)
    return told


def is_clean(text: str) -> bool:
    return SWORN not in text and ADDRESS not in text


@pytest.mark.parametrize("place", PLACES)
async def test_no_reading_shows_what_is_masked(
    api: httpx.AsyncClient, spoken: Spoken, place: str
) -> None:
    answer = await api.get(place.format(lesson=spoken.lesson.id))
    assert answer.status_code == 200
    assert is_clean(answer.text)
    assert "***" in answer.text


async def test_the_words_keep_their_times(api: httpx.AsyncClient, spoken: Spoken) -> None:
    answer = await api.get(f"/v1/lessons/{spoken.lesson.id}/captions.json")
    (caption,) = answer.json()["captions"]
    assert caption["text"] == SHOWN
    assert [word["text"] for word in caption["words"]] == SHOWN.split()
    assert caption["words"][4]["start_ms"] == 400


@pytest.mark.parametrize("stream", ["events", "transcription-stream"])
async def test_no_stream_shows_what_is_masked_nor_what_may_become_it(
    spoken: Spoken, gateway_url: str, api_key: str, stream: str
) -> None:
    url = f"{gateway_url}/v1/lessons/{spoken.lesson.id}/{stream}"
    async with event_source(url, {"Authorization": f"Bearer {api_key}"}) as messages:
        (stored,) = await take(messages, 1)
        growing = PartialCaption(
            caption_id="cap_2",
            track_id="trk_1",
            participant_id=spoken.learner.id,
            role=spoken.learner.role,
            participant_name="Ada",
            revision=1,
            start_ms=0,
            end_ms=500,
            stable_text=f"{SWORN} my number is 0 2 0",
            unstable_text="7 9 and ada@exam",
            language="en",
        )
        where = (spoken.lesson.tenant_id, spoken.lesson.id)
        await spoken.services.feed.publish_partial(*where, growing)
        (passing,) = await take(messages, 1)
    assert is_clean(str(stored.data))
    shown = str(passing.data)
    assert SWORN not in shown
    assert "@" not in shown.replace("@platform", "")
    assert "7 9" not in shown
    assert "my number is" in shown


async def test_a_correction_is_masked_as_well(api: httpx.AsyncClient, spoken: Spoken) -> None:
    path = f"/v1/lessons/{spoken.lesson.id}/captions/cap_1/corrections"
    body = {"text": f"it is {SWORN}", "reason": f"she said {SWORN}"}
    assert (await api.post(path, json=body)).status_code == 201
    for place in PLACES:
        assert is_clean((await api.get(place.format(lesson=spoken.lesson.id))).text)


@pytest.fixture
async def delivered(spoken: Spoken, settings: Settings, served_database: str) -> AsyncIterator[str]:
    """What a webhook got."""
    settings = settings.model_copy(update={"webhook_allowed_networks": ["127.0.0.0/8"]})
    services, lesson = spoken.services, spoken.lesson
    async with (
        running_receiver() as receiver,
        open_webhook_work(settings, served_database, services.database, services.feed) as work,
    ):
        webhook = await services.webhooks.create(
            lesson.tenant_id, url=receiver.url, secret=new_secret()
        )
        data = final(SAID, 1_000, 1_900, caption_id="cap_2", participant_id=spoken.learner.id)
        draft = EventDraft(data, 1_000, spoken.learner.id, id="cap_2")
        await services.ledger.append(lesson.tenant_id, lesson.id, [draft])
        await work.relay.relay(lesson.tenant_id)
        await work.delivery.deliver(lesson.tenant_id, webhook.id)
        yield "".join(one.body.decode() for one in receiver.received)


async def test_no_webhook_and_no_export_carries_what_is_masked(
    spoken: Spoken, delivered: str, tmp_path: Path
) -> None:
    assert SHOWN in delivered
    assert is_clean(delivered)
    tenant_id = spoken.lesson.tenant_id
    await Exporter(spoken.services.database).export(tenant_id, tmp_path, lambda _: None)
    with open_export(tenant_folder(tmp_path, tenant_id)) as connection:
        rows = str(connection.execute("SELECT * FROM events").fetchall())
    assert SHOWN in rows
    assert is_clean(rows)


async def test_no_meeting_hears_what_is_masked(
    spoken: Spoken, settings: Settings, served_database: str
) -> None:
    settings = settings.model_copy(update={"webhook_allowed_networks": ["127.0.0.0/8"]})
    services, where = spoken.services, (spoken.lesson.tenant_id, spoken.lesson.id)
    database = services.database
    async with (
        running_meeting() as meeting,
        open_zoom_work(settings, served_database, database, services.feed) as work,
    ):
        await services.caption_outputs.put(*where, url=meeting.url, host="h", language="en-US")
        data = final(SAID, 1_000, 1_900, caption_id="cap_2", participant_id=spoken.learner.id)
        await services.ledger.append(
            *where, [EventDraft(data, 1_000, spoken.learner.id, id="cap_2")]
        )
        await work.captions.send(*where)
    assert meeting.lines == [f"Ada: {SHOWN}\n"]


async def test_the_record_keeps_what_was_said(api: httpx.AsyncClient, spoken: Spoken) -> None:
    own = await spoken.services.personal_records.gather(
        spoken.lesson.tenant_id, spoken.learner.person_id
    )
    assert SAID in own.model_dump_json(), "a person takes away what is kept of them"
    await spoken.set({"captions": None})
    answer = await api.get(f"/v1/lessons/{spoken.lesson.id}/captions.txt")
    assert SAID in answer.text


async def test_what_was_stored_is_still_known_again(spoken: Spoken) -> None:
    """Idempotency compares bodies as they are, not as they are read."""
    data = final(SAID, 0, 900, caption_id="cap_9", participant_id=spoken.learner.id)
    where, draft = (
        (spoken.lesson.tenant_id, spoken.lesson.id),
        EventDraft(data, 0, spoken.learner.id, id="cap_9"),
    )
    (first,) = await spoken.services.ledger.append(*where, [draft])
    (again,) = await spoken.services.ledger.append(*where, [draft])
    assert (first.created, again.created) == (True, False)
