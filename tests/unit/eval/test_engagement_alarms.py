"""Alarms about learners: what counts as found, and what as false."""

from __future__ import annotations

import numpy as np

from eval.engagement_alarms import (
    PATIENCE_MS,
    alarms_at,
    best_alarms,
    spells_of,
    trailing_mean,
)
from eval.engagement_rivals import LastActivityRule
from features.engagement import COLUMNS, FEATURES, WINDOW_MS
from models.engagement.states import DRIFTING, STATES, STUCK, WORKING
from training.engagement_rows import LearnerRows
from training.engagement_scores import Told

HOUR = 3_600_000 // WINDOW_MS
WAIT = PATIENCE_MS // WINDOW_MS


def _rows(truth: np.ndarray) -> LearnerRows:
    values = np.zeros((len(truth), len(FEATURES)), np.float32)
    quiet = np.zeros(len(truth), np.int64)
    return LearnerRows("ada", "one", "a kind", "ordinary", values, truth, [], quiet)


def _said(states: np.ndarray, sure: float = 0.9) -> np.ndarray:
    chances = np.full((len(states), len(STATES)), (1 - sure) / (len(STATES) - 1), np.float32)
    chances[np.arange(len(states)), states] = sure
    return chances


def _hour(state: str, first: int, last: int) -> np.ndarray:
    truth = np.full(HOUR, STATES.index(WORKING))
    truth[first:last] = STATES.index(state)
    return truth


def test_a_spell_is_one_that_outlasts_what_nudges_wait() -> None:
    patience = np.full(HOUR, WAIT)
    assert spells_of(_hour(STUCK, 100, 100 + WAIT), patience) == []
    assert spells_of(_hour(STUCK, 100, 140), patience) == [(100, 140)]


def test_a_model_that_sees_the_truth_finds_everything_and_raises_no_false_alarm() -> None:
    truth = _hour(DRIFTING, 100, 160)
    best = best_alarms([_rows(truth)], Told([truth], [_said(truth)]))
    assert best is not None
    assert (best.recall.value, best.false_per_hour.value, best.spells) == (1.0, 0.0, 1)


def test_an_alarm_about_somebody_who_works_is_false_and_is_not_repeated_at_once() -> None:
    truth = _hour(STUCK, 0, 0)
    said = _hour(STUCK, 100, 140)
    found = alarms_at(0.5, [_rows(truth)], Told([truth], [_said(said)]))
    assert found.false_per_hour.value == 1.0
    assert found.recall.value == 0.0


def test_a_model_that_finds_too_little_has_no_figure() -> None:
    truth = _hour(STUCK, 100, 160)
    nothing = _hour(STUCK, 0, 0)
    assert best_alarms([_rows(truth)], Told([truth], [_said(nothing, 0.99)])) is None


def test_a_mean_needs_its_whole_time() -> None:
    means = trailing_mean(np.ones(6), np.array([4, 4, 4, 4, 2, 2]))
    assert means.tolist() == [0, 0, 0, 1, 1, 1]


def test_the_rule_calls_it_drifting_past_a_minute_without_input() -> None:
    values = np.full((4, len(FEATURES)), np.nan, np.float32)
    values[:3, COLUMNS["since_input_s"]] = [5, 59, 61]
    said = [STATES[each] for each in LastActivityRule().over_lesson(values).argmax(axis=1)]
    assert said == [WORKING, WORKING, DRIFTING, WORKING]
