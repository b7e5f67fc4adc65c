"""A log of spells is read as it was published, and cut into minutes without losing a second."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput, NotFound
from tests.unit.training.spells import laboratory, row
from training.activity_log import COUNTED, activity_log, read_activity_log
from training.activity_minutes import cut_into_minutes


def test_a_file_is_read_and_put_in_order(tmp_path: Path) -> None:
    rows = [
        row(2, 10, 12, "Other", keystroke=3),
        row(1, 50, 55, "Blank", session=2),
        row(1, 20, 25, "Study_Es_1_1", idle_time=-2.0e14, mouse_movement=84),
        row(1, 0, 19),
    ]
    path = tmp_path / "events.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    log = read_activity_log(path)
    assert log.learner.tolist() == [1, 1, 1, 2]
    assert log.attendance.tolist() == [0, 0, 1, 2]
    assert log.off_task.tolist() == [False, False, True, True]
    assert (log.end_s - log.start_s).tolist() == [20, 6, 6, 3]
    assert log.counts[1, COUNTED.index("idle_time")] == 0, "large negative idle times are none"
    assert log.counts[1, COUNTED.index("mouse_movement")] == 84
    assert log.counts[3, COUNTED.index("keystroke")] == 3


def test_a_clock_put_back_ends_no_spell_before_it_began() -> None:
    log = activity_log([row(1, 600, -12)])
    assert log.end_s - log.start_s == 1


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as absent:
        read_activity_log(tmp_path / "events.csv.gz")
    assert absent.value.field == "LECTERN_DATA"
    with pytest.raises(InvalidInput) as wrong:
        activity_log([row(1, 0, 5), row(1, 6, 9) | {"start_time": "yesterday"}])
    assert wrong.value.field == "rows[2]"
    incomplete = row(1, 0, 5)
    del incomplete["keystroke"]
    with pytest.raises(InvalidInput, match="keystroke"):
        activity_log([incomplete])
    with pytest.raises(InvalidInput, match="no rows"):
        activity_log([])


def test_a_minute_is_off_task_from_half_of_what_was_seen_of_it() -> None:
    # The log begins at 11:25:30, half a minute into its first minute.
    rows = [
        row(1, 0, 29, "Other"),
        row(1, 30, 59, "Other"),
        row(1, 60, 89, "Deeds"),
        row(1, 90, 118, "Blank"),
        row(1, 119, 149, "Deeds"),
    ]
    minutes, _ = cut_into_minutes(activity_log(rows))
    assert minutes.seen_s.tolist() == [30, 60, 60]
    assert minutes.off_task.tolist() == [True, True, False]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(-5, 400)), min_size=1, max_size=8))
def test_no_second_is_lost_or_doubled(spells: list[tuple[int, int]]) -> None:
    log = activity_log(
        [row(1, gap + 500 * n, gap + 500 * n + length) for n, (gap, length) in enumerate(spells)]
    )
    minutes, pieces = cut_into_minutes(log)
    assert np.bincount(pieces.spell, pieces.seconds) == pytest.approx(log.end_s - log.start_s)
    assert minutes.seen_s.sum() == pytest.approx(pieces.seconds.sum())
    assert (pieces.seconds > 0).all()
    assert (pieces.seconds <= 60).all()
    assert np.all(minutes.end_s[pieces.minute] > log.start_s[pieces.spell])


def test_the_longest_piece_of_each_minute_is_found() -> None:
    log = activity_log([row(1, 0, 9), row(1, 10, 29), row(1, 30, 34), row(1, 35, 95)])
    _, pieces = cut_into_minutes(log)
    assert pieces.spell[pieces.longest].tolist() == [1, 3, 3]
    assert pieces.seconds[pieces.longest].tolist() == [20, 55, 6]


def test_means_over_a_minute_go_by_length() -> None:
    log = activity_log(laboratory(learners=2, spells=5))
    minutes, pieces = cut_into_minutes(log)
    assert pieces.mean(np.ones(len(pieces.spell))) == pytest.approx(np.ones(len(minutes.end_s)))
    share = pieces.mean(log.off_task[pieces.spell].astype(np.float64))
    assert ((share >= 0.5) == minutes.off_task).all()
