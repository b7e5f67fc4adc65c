"""The events of captions, remembered: few rows are read, and nothing is shown for too long."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lessons.captions import captions_of
from lessons.errors import NotFound
from lessons.events import CaptionCorrected, EventDraft, HandRaised, LearningEvent
from lessons.events.privacy import EventErased
from lessons.identifiers import new_id
from lessons.privacy.sealing import MasterKey
from lessons.records import Lesson, Participant
from lessons.store import Database, Ledger
from lessons.store.caption_records import CaptionRecords
from lessons.store.erasure import ErasureStore
from lessons.store.regions import RegionPin, WrongRegion
from lessons.store.tenants import TenantStore
from tests.keys import MASTER_KEY
from tests.row_counting import counting_rows
from tests.unit.integrations.captions.spoken import final

FINALS = 60


def said(number: int, speaker: Participant, text: str = "three") -> EventDraft:
    at_ms = number * 1_000
    data = final(text, at_ms, at_ms + 900, participant_id=speaker.id, caption_id=f"cap_{number}")
    return EventDraft(data, at_ms, speaker.id, id=data.caption_id)


@pytest.fixture
def where(lesson: Lesson) -> tuple[str, str]:
    return lesson.tenant_id, lesson.id


@pytest.fixture
async def spoken(ledger: Ledger, where: tuple[str, str], learner: Participant) -> Participant:
    """A learner who has said something sixty times."""
    await ledger.append(*where, [said(number, learner) for number in range(FINALS)])
    return learner


def texts(events: Sequence[LearningEvent]) -> list[str]:
    return [caption.text for caption in captions_of(events)]


async def test_rows_are_read_once_and_then_what_is_new(
    database: Database, ledger: Ledger, where: tuple[str, str], spoken: Participant
) -> None:
    records = CaptionRecords(database)
    with counting_rows(database) as rows:
        for _ in range(10):
            assert len(await records.events(*where)) == FINALS
        assert sum(rows) == FINALS, "600 where each reading is one of the ledger"
        await ledger.append(*where, [EventDraft(HandRaised(), 0, spoken.id), said(99, spoken)])
        assert len(await records.events(*where)) == FINALS + 1
        assert sum(rows) == FINALS + 1


async def test_they_are_what_the_ledger_says(
    database: Database, ledger: Ledger, where: tuple[str, str], spoken: Participant
) -> None:
    records = CaptionRecords(database)
    await records.events(*where)
    right = CaptionCorrected(caption_id="cap_3", revision=2, text="tree", corrected_by="par_x")
    await ledger.append(*where, [EventDraft(right, None, about=spoken.id), said(80, spoken)])
    assert list(await records.events(*where)) == await ledger.read(*where)
    assert texts(await records.events(*where))[3] == "tree"


async def test_what_was_erased_is_gone_at_once_in_every_process(
    database: Database,
    database_url: str,
    where: tuple[str, str],
    spoken: Participant,
) -> None:
    """Though an erasure has no number in the lesson, and keys are remembered for half a minute."""
    other = Database(database_url, master_key=MasterKey(MASTER_KEY))
    here, elsewhere, began_later = (
        CaptionRecords(database),
        CaptionRecords(other),
        CaptionRecords(other),
    )
    for records in (here, elsewhere):
        assert texts(await records.events(*where)) == ["three"] * FINALS
    await ErasureStore(database).erase(where[0], spoken.person_id, "key_1")
    for records in (here, elsewhere, began_later):
        events = await records.events(*where)
        assert texts(events) == []
        assert {type(one.data) for one in events} == {EventErased}
    await other.dispose()


async def test_what_is_masked_from_now_on_is_masked_at_once(
    database: Database, ledger: Ledger, where: tuple[str, str], learner: Participant
) -> None:
    await ledger.append(*where, [said(0, learner, "that is bullshit")])
    records, tenants = CaptionRecords(database), TenantStore(database)
    assert texts(await records.events(*where)) == ["that is bullshit"]
    await tenants.change(where[0], where[0], settings={"captions": {"mask_profanity": True}})
    assert texts(await records.events(*where)) == ["that is ***"]
    await tenants.change(where[0], where[0], settings={"captions": None})
    assert texts(await records.events(*where)) == ["that is bullshit"]


async def test_another_tenant_and_another_region_get_nothing_of_what_is_remembered(
    database: Database,
    database_url: str,
    where: tuple[str, str],
    spoken: Participant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lessons.store.regions.REMEMBERED_SECONDS", 0.0)
    in_america = Database(database_url, master_key=MasterKey(MASTER_KEY), pin=RegionPin("us", "us"))
    records = CaptionRecords(in_america)
    await records.events(*where)
    with pytest.raises(NotFound):
        await records.events(new_id("ten"), where[1])
    await TenantStore(database).change(where[0], where[0], settings={"region": "eu"})
    with pytest.raises(WrongRegion):
        await records.events(*where)
    await in_america.dispose()


async def test_more_than_is_remembered_is_read_all_the_same(
    database: Database,
    where: tuple[str, str],
    spoken: Participant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lessons.store.caption_records.REMEMBERED_EVENTS", FINALS)
    records = CaptionRecords(database)
    with counting_rows(database) as rows:
        for _ in range(2):
            assert len(await records.events(*where)) == FINALS
    assert sum(rows) == 2 * FINALS
