"""Features of off-task minutes look at nothing that is later, and at nothing the label is made of.

Each test changes what must not matter and compares every feature of every minute.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.engagement import COLUMNS
from tests.unit.training.spells import laboratory, row
from training.activity_log import ActivityLog, Floats, activity_log
from training.activity_minutes import Minutes, cut_into_minutes
from training.log_as_events import window_values
from training.score_history import score_history, score_of_others
from training.spell_features import Counts, drawn_counts, piece_features, recent_features

CUT_S = 900


def features_until(log: ActivityLog, end_s: float, counts: Counts) -> Floats:
    """Every feature of the pieces and minutes that are over by then, side by side by piece."""
    minutes, pieces = cut_into_minutes(log)
    columns = piece_features(log, minutes, pieces, counts)
    columns |= {
        name: values[pieces.minute]
        for name, values in recent_features(log, minutes, pieces, counts).items()
    }
    by_piece = np.column_stack(list(columns.values()))
    return by_piece[minutes.end_s[pieces.minute] <= end_s]


def cut_off(log: ActivityLog, at_s: float) -> ActivityLog:
    """The log as if it had gone on otherwise: what is open ends later, with other counts."""
    begun = log.start_s < at_s
    is_open = log.end_s > at_s
    return ActivityLog(
        learner=log.learner[begun],
        session=log.session[begun],
        start_s=log.start_s[begun],
        end_s=np.where(is_open, log.end_s + 777, log.end_s)[begun],
        counts=np.where(is_open[:, None], 5 * log.counts + 3, log.counts)[begun],
        off_task=(log.off_task ^ is_open)[begun],
    )


def test_what_comes_later_changes_nothing() -> None:
    log = activity_log(laboratory())
    minutes, _ = cut_into_minutes(log)
    at_s = float(minutes.end_s[0] + CUT_S)
    before = features_until(log, at_s, Counts.OVER)
    after = features_until(cut_off(log, at_s), at_s, Counts.OVER)
    assert len(before) > 100
    np.testing.assert_allclose(before, after, rtol=1e-9)


def test_counts_of_what_is_open_are_known_only_where_they_are_told_as_they_come() -> None:
    log = activity_log([row(1, 0, 299, keystroke=300)])
    minutes, pieces = cut_into_minutes(log)
    over = piece_features(log, minutes, pieces, Counts.OVER)
    drawn = piece_features(log, minutes, pieces, Counts.DRAWN)
    assert np.isnan(over["keys"][:-1]).all()
    assert over["keys"][-1] == drawn["keys"][-1] == 300
    assert (np.diff(drawn["keys"]) > 0).all()
    assert drawn["window for"].tolist() == [30, 90, 150, 210, 270, 300]
    assert drawn["window open"].tolist() == [1, 1, 1, 1, 1, 0]


def test_an_even_share_is_of_a_sum_that_ends_later() -> None:
    log = activity_log([row(1, 0, 299, keystroke=300, idle_time=600_000)])
    minutes, pieces = cut_into_minutes(log)
    even = piece_features(log, minutes, pieces, Counts.EVEN)
    assert even["keys"] == pytest.approx(even["window for"])
    assert even["idle"] == pytest.approx(2 * even["window for"])


def test_what_is_drawn_adds_up_and_comes_evenly() -> None:
    log = activity_log([row(1, 0, 2_969, keystroke=30_000), row(1, 2_970, 2_979, keystroke=7)])
    minutes, pieces = cut_into_minutes(log)
    drawn = drawn_counts(log, pieces)
    assert np.bincount(pieces.spell, drawn[:, 0]).tolist() == [30_000, 7]
    whole = drawn[1:-2, 0]
    # 606 a minute by chance: a standard deviation of 24, and no trend.
    assert np.abs(whole - 606).max() < 5 * 25
    assert abs(np.corrcoef(whole, np.arange(len(whole)))[0, 1]) < 0.5
    assert len(minutes.end_s) == 51


def test_neighbours_are_of_the_same_learner_and_lesson() -> None:
    rows = [row(1, 0, 9, keystroke=1), row(1, 10, 19, keystroke=2), row(2, 0, 9, keystroke=5)]
    log = activity_log(rows)
    minutes, pieces = cut_into_minutes(log)
    columns = piece_features(log, minutes, pieces, Counts.OVER)
    assert np.nan_to_num(columns["keys, before"], nan=-1).tolist() == [-1, 1, -1]
    assert np.nan_to_num(columns["keys, after"], nan=-1).tolist() == [2, -1, -1]
    assert np.nan_to_num(columns["window gap"], nan=-1).tolist() == [-1, 0, -1]


def test_the_label_is_never_a_feature() -> None:
    log = activity_log(laboratory())
    minutes, _ = cut_into_minutes(log)
    other = replace(log, off_task=~log.off_task)
    end_s = float(minutes.end_s.max())
    for counts in Counts:
        np.testing.assert_array_equal(
            features_until(log, end_s, counts), features_until(other, end_s, counts)
        )


def minutes_of(*learners: tuple[int, int, list[float]]) -> Minutes:
    """Minutes of learners: number, attendance and the ends of its minutes."""
    flat = [(who, where, end) for who, where, ends in learners for end in ends]
    who, where, end = (np.array(each) for each in zip(*flat, strict=True))
    ones = np.ones(len(flat))
    return Minutes(where, who, end - 60, end.astype(np.float64), 60 * ones, ones > 2)


def test_history_is_of_earlier_minutes_and_earlier_lessons_of_the_same_learner() -> None:
    minutes = minutes_of((1, 0, [60, 120, 180]), (1, 1, [9060, 9120]), (2, 2, [60]))
    score = np.array([0.1, 0.3, 0.5, 0.7, 0.9, 1.0])
    columns = score_history(minutes, score)

    def told(name: str) -> list[float]:
        values: list[float] = np.nan_to_num(columns[f"own past: {name}"], nan=-1).round(3).tolist()
        return values

    assert told("1 minutes ago") == [-1, 0.1, 0.3, -1, 0.7, -1]
    assert told("2 minutes ago") == [-1, -1, 0.1, -1, -1, -1]
    assert told("running mean 0.5") == [-1, 0.1, 0.2, -1, 0.7, -1]
    assert told("this lesson so far") == [-1, 0.1, 0.2, -1, 0.7, -1]
    assert told("earlier lessons") == [-1, -1, -1, 0.3, 0.3, -1]


def test_the_others_are_those_of_the_same_minute() -> None:
    minutes = minutes_of((1, 0, [60, 120]), (2, 1, [60]), (3, 2, [60]))
    columns = score_of_others(minutes, np.array([0.0, 0.5, 0.4, 0.8]))
    assert np.nan_to_num(columns["others: mean"], nan=-1) == pytest.approx([0.6, -1, 0.4, 0.2])
    assert columns["others: learners"].tolist() == [3, 1, 3, 3]


def test_the_products_features_read_a_log_and_look_at_nothing_later() -> None:
    log = activity_log(laboratory(learners=3, spells=25))
    minutes, pieces = cut_into_minutes(log)
    at_s = float(minutes.end_s[0] + CUT_S)
    values = window_values(log, minutes, pieces, Counts.OVER)
    known = values[minutes.end_s <= at_s]
    cut = cut_off(log, at_s)
    cut_minutes, cut_pieces = cut_into_minutes(cut)
    again = window_values(cut, cut_minutes, cut_pieces, Counts.OVER)
    np.testing.assert_array_equal(known, again[cut_minutes.end_s <= at_s])
    assert not np.isnan(known).all(axis=1).any()
    keys = values[:, COLUMNS["keys_120s"]]
    assert np.nanmax(keys) > 50
