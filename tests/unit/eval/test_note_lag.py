"""How late live notes came, worked out from what was in the ledger when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eval.note_lag import AT_END, MOVES, SEGMENTS, Lags, LessonClock, Watched, table
from eval.played_lessons import MINUTE_MS, played_lesson
from eval.taught_school import LiveLesson
from lessons.events import CaptionFinal, EventDraft, SegmentClosed
from serving.jobs.notes_worker import note_models
from serving.notes.lesson_notes import LessonNotes
from serving.notes.present import Present
from serving.reading.models import InProcessModels
from tests.ledger_events import appended
from tests.unit.eval.played_class import LESSON, PEOPLE

LATE_S = 1.5
MINUTES = 25
"""The first segment of such a lesson closes some minutes before its end."""


@pytest.fixture(scope="module")
def watched() -> Watched:
    """A lesson of which notes were taken after every caption; each was there `LATE_S` later."""
    watched = Watched(LiveLesson(LESSON, PEOPLE))
    notes = LessonNotes(note_models(InProcessModels()), Present(PEOPLE))

    def tell(drafts: list[EventDraft], at: float) -> None:
        for draft in drafts:
            watched.told.append((appended(draft, len(watched.told) + 1), at + LATE_S))

    for number, one in enumerate(played_lesson(PEOPLE, MINUTES), 1):
        notes.take(appended(one.draft, number))
        watched.wrote(one)
        if isinstance(one.draft.data, CaptionFinal):
            tell(notes.notes(one.at_ms), watched.committed[one.draft.id])
    watched.ended = max(watched.committed.values()) + 10.0
    tell(notes.end(), watched.ended)
    return watched


def test_every_note_is_late_by_what_lies_between_it_and_its_cause(watched: Watched) -> None:
    lags = Lags()
    watched.add_to(lags)
    assert set(lags.seconds) >= {MOVES, SEGMENTS, AT_END}
    assert sum(len(each) for each in lags.seconds.values()) == len(watched.told)
    for kind in (MOVES, SEGMENTS, AT_END):
        assert lags.seconds[kind] == pytest.approx([LATE_S] * len(lags.seconds[kind]), abs=1e-3)
    # A segment is told some utterances after it ended, of which there are nine or ten a minute.
    assert all(MINUTE_MS < ms < 15 * MINUTE_MS for ms in lags.closing_ms)


def test_a_note_without_a_cause_is_an_error(watched: Watched) -> None:
    closed = [one for one in watched.told if isinstance(one[0].data, SegmentClosed)]
    nothing_written = Watched(watched.live, told=closed[:1])
    with pytest.raises(RuntimeError, match="lets segment"):
        nothing_written.add_to(Lags())


async def test_a_lesson_s_clock_runs_as_fast_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    slept: list[float] = []
    monkeypatch.setattr("eval.note_lag.time.perf_counter", lambda: now)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("eval.note_lag.asyncio.sleep", sleep)
    began = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    clock = LessonClock(began, 4.0)
    assert clock() == began
    clock.start()
    now = 103.0
    assert clock() == began + timedelta(seconds=12)
    await clock.until(20_000)
    await clock.until(5_000)
    assert slept == [2.0, 0.0]


def test_the_table_has_a_line_for_what_was_not_told() -> None:
    lags = Lags()
    lags.seconds[MOVES] += [1.0, 2.0, 3.0]
    shown = table("1 x 12 min", lags)
    assert [str(cell) for cell in shown.columns[1].cells][:2] == ["3", "0"]
    assert [str(cell) for cell in shown.columns[2].cells][:2] == ["2.0 s", "-"]
