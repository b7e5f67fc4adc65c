"""Notes of a scripted lesson in virtual time: what is told when, and no doubles after restarts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from eval.labelled_lessons import labelled_lessons
from lessons.events import ComprehensionObserved, LearningEvent, SegmentClosed, TalkMoveObserved
from lessons.events.lesson import LessonEnded
from lessons.privacy.consent import ParticipantConsent
from lessons.roles import Role
from serving.jobs.notes_worker import note_models
from serving.notes.lesson_notes import LessonNotes, NoteModels
from serving.notes.present import Present
from serving.reading.models import InProcessModels
from tests.ledger_events import appended, event
from tests.unit.integrations.captions.spoken import final

LOOK_MS = 2_000
SPEAKS_AS = {"tutor": Role.INSTRUCTOR, "learner": Role.LEARNER, "other": Role.OBSERVER}
BEN = "par_ben"


@pytest.fixture(scope="module")
def models() -> NoteModels:
    return note_models(InProcessModels())


def script() -> list[LearningEvent]:
    """Six lessons one after the other, each caption in the ledger as it ends."""
    events: list[LearningEvent] = []
    start_ms = 0
    for turn, lesson in enumerate([*labelled_lessons("tuning"), *labelled_lessons("held_out")]):
        for said in lesson.reading.utterances:
            data = final(
                said.text,
                start_ms + said.start_ms,
                start_ms + said.end_ms,
                caption_id=f"cap_{turn}_{said.caption_id}",
                participant_id=said.participant_id,
                participant_name=said.participant_id.removeprefix("par_").title(),
                role=SPEAKS_AS[said.role],
            )
            events.append(
                event(said.participant_id, data.end_ms, data, len(events) + 1, data.caption_id)
            )
        start_ms += lesson.reading.duration_ms + 60_000
        if turn < 5:
            data = final(
                f"Okay, perfect. Let's move on to the next question, number {turn + 2}.",
                start_ms - 4_000,
                start_ms,
                caption_id=f"cap_{turn}_on",
                participant_id="par_tina",
                participant_name="Tina",
                role=Role.INSTRUCTOR,
            )
            events.append(event("par_tina", start_ms, data, len(events) + 1, data.caption_id))
    ended = LessonEnded.model_validate(dict(LessonEnded.example))
    return [*events, event(None, start_ms, ended, len(events) + 1)]


def taken(
    models: NoteModels,
    events: Sequence[LearningEvent],
    restarts: Sequence[int] = (),
    present: Present | None = None,
) -> list[tuple[int, LearningEvent]]:
    """Return the notes, each with the moment at which it was told."""
    present = present or Present()
    notes = LessonNotes(models, present)
    written: list[tuple[int, LearningEvent]] = []
    for number, one in enumerate(events):
        if number in restarts:
            notes = LessonNotes(models, present, [told for _, told in written])
            for before in events[:number]:
                notes.take(before)
        notes.take(one)
        now_ms = one.lessontimems + LOOK_MS
        drafts = notes.end() if notes.ended_ms is not None else notes.notes(now_ms)
        written += [(now_ms, appended(draft, 9_000)) for draft in drafts]
    return written


def segments(written: Sequence[tuple[int, LearningEvent]]) -> list[SegmentClosed]:
    return [told.data for _, told in written if isinstance(told.data, SegmentClosed)]


def test_segments_moments_and_moves_are_told_as_they_can_be_known(models: NoteModels) -> None:
    events = script()
    written = taken(models, events)
    found = [one.segment for one in segments(written)]
    assert len(found) > 1
    assert all(one.end_ms <= after.start_ms for one, after in pairwise(found))
    assert (
        found[-1].end_ms
        == max(
            one.data.end_ms  # type: ignore[attr-defined]
            for one in events[:-1]
        )
    )
    moments = {
        told.data.moment.moment_id: told.data.moment
        for _, told in written
        if isinstance(told.data, ComprehensionObserved)
    }
    wrong = next(one for one in moments.values() if one.misconception and one.participant_id == BEN)
    assert wrong.reason == "contradicted_answer"
    late = [
        now_ms - told.lessontimems
        for now_ms, told in written
        if isinstance(told.data, TalkMoveObserved)
    ]
    assert late
    assert max(late) <= LOOK_MS


def test_a_restart_at_any_time_tells_nothing_twice_and_leaves_nothing_out(
    models: NoteModels,
) -> None:
    events = script()
    once = [told.id for _, told in taken(models, events)]
    assert len(once) == len(set(once))
    again = [told.id for _, told in taken(models, events, (1, 20, 61, len(events) - 1))]
    assert len(again) == len(set(again))
    assert set(again) == set(once)


def test_of_who_refuses_nothing_is_told_and_nothing_is_read(models: NoteModels) -> None:
    refusing = Present((), {BEN: ParticipantConsent({"signals": False})})
    written = taken(models, script(), present=refusing)
    assert written
    assert not [told for _, told in written if told.subject == BEN]
    cited = str([told.to_wire() for _, told in written])
    assert BEN not in cited
