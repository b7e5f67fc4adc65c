"""Takeovers followed in the ledger: whoever asks when, they are those of all of its events."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event as database_events

from lessons.errors import NotFound
from lessons.events import CaptionerHandedBack, CaptionerTookOver, EventDraft, LessonEnded
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.takeovers import LessonTakeovers
from lessons.takeovers import HUMAN, Takeovers
from tests.unit.integrations.captions.spoken import final


@pytest.fixture
async def captioner(lesson_store: LessonStore, lesson: Lesson) -> Participant:
    return await lesson_store.add_participant(lesson.tenant_id, lesson.id, "Noor", Role.CAPTIONER)


def said(at_ms: int, speaker: Participant, engine: str = "faster-whisper") -> EventDraft:
    data = final("three", at_ms, at_ms + 900, participant_id=speaker.id, engine=engine)
    return EventDraft(data, at_ms, speaker.id)


async def test_they_are_those_of_the_whole_ledger_at_every_step(
    database: Database, ledger: Ledger, lesson: Lesson, learner: Participant, captioner: Participant
) -> None:
    where, followed = (lesson.tenant_id, lesson.id), LessonTakeovers(database)
    took_over = CaptionerTookOver(name="Noor", asked_by=captioner.id)
    handed_back = CaptionerHandedBack(asked_by=captioner.id)
    story = [
        [said(1_000, learner)],
        [EventDraft(took_over, 2_000, captioner.id), said(3_000, learner)],
        [said(4_000, learner, HUMAN), said(33_000, learner), said(35_000, learner)],
        [EventDraft(handed_back, 40_000, captioner.id), said(41_000, learner)],
        [EventDraft(took_over, 50_000, captioner.id), said(51_000, learner, HUMAN)],
        [EventDraft(LessonEnded(duration_ms=60_000), 60_000)],
    ]
    for drafts in story:
        appended = await ledger.append(*where, drafts)
        known = await followed.through(*where, appended[-1].event.ledgersequence)
        anew = Takeovers(await ledger.read(*where))
        assert known.spans == anew.spans
        moments = range(0, 90_000, 500)
        assert [known.supersedes("e", at) for at in moments] == [
            anew.supersedes("e", at) for at in moments
        ]
    restarted = await LessonTakeovers(database).through(*where, 10)
    assert restarted.spans == anew.spans
    assert anew.supersedes("e", 3_000)
    assert not anew.supersedes("e", 35_000)


async def test_what_was_read_is_not_read_again(
    database: Database, ledger: Ledger, lesson: Lesson, learner: Participant
) -> None:
    where, followed = (lesson.tenant_id, lesson.id), LessonTakeovers(database)
    appended = await ledger.append(*where, [said(at, learner) for at in range(0, 90_000, 1_000)])
    reads: list[str] = []

    def note(_connection: object, _cursor: object, sent: str, *_: Any) -> None:
        if "learning_events" in sent:
            reads.append(sent)

    engine = database._engine.sync_engine
    database_events.listen(engine, "before_cursor_execute", note)
    for one in appended[::-1]:
        await followed.through(*where, one.event.ledgersequence)
    database_events.remove(engine, "before_cursor_execute", note)
    assert len(reads) == 1


async def test_another_tenant_s_lesson_is_none(database: Database, lesson: Lesson) -> None:
    with pytest.raises(NotFound):
        await LessonTakeovers(database).through(new_id("ten"), lesson.id, 1)
