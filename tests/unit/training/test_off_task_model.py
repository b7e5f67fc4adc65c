"""Off-task minutes are found among learners whom nothing was fitted on."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve

from tests.unit.training.spells import laboratory
from training.activity_log import ActivityLog, Floats, activity_log
from training.activity_minutes import cut_into_minutes
from training.log_as_events import window_values
from training.off_task_model import (
    FOLDS,
    MinuteChances,
    folds_by_learner,
    off_task_chances,
    window_chances,
)
from training.rare_event_scores import RareEventScore, score_rare_events
from training.spell_features import Counts


@pytest.fixture(scope="module")
def log() -> ActivityLog:
    return activity_log(laboratory(learners=10, spells=40))


@pytest.fixture(scope="module")
def values(log: ActivityLog) -> Floats:
    return window_values(log, *cut_into_minutes(log), Counts.DRAWN)


def score(found: MinuteChances) -> RareEventScore:
    return score_rare_events(found.minutes.learner, found.minutes.off_task, found.chance)


def test_who_behaves_otherwise_off_task_is_found(log: ActivityLog, values: Floats) -> None:
    found = score(off_task_chances(log, Counts.DRAWN, values))
    assert found.average_precision.value > 4 * found.rate
    assert found.average_precision.low <= found.average_precision.value
    assert found.average_precision.value <= found.average_precision.high


def test_labels_that_mean_nothing_teach_nothing(log: ActivityLog) -> None:
    found = score(off_task_chances(log, Counts.OVER, shuffled=True))
    assert found.average_precision.value < 2 * found.rate


def test_the_products_features_find_them_too(log: ActivityLog, values: Floats) -> None:
    minutes, _ = cut_into_minutes(log)
    for found in map(score, window_chances(minutes, values)):
        assert found.average_precision.value > 3 * found.rate


def test_no_learner_is_in_two_folds() -> None:
    learner = np.random.default_rng(1).integers(0, 40, 2_000)
    fold = folds_by_learner(learner)
    assert set(fold) == set(range(FOLDS))
    for each in np.unique(learner):
        assert len(set(fold[learner == each])) == 1


def test_scores_are_what_they_are_called() -> None:
    generator = np.random.default_rng(2)
    learner = np.repeat(np.arange(10), 50)
    event = generator.random(500) < 0.2
    chance = np.round(0.3 * event + generator.random(500), 1)
    found = score_rare_events(learner, event, chance)
    assert found.average_precision.value == pytest.approx(average_precision_score(event, chance))
    precision, recall, _ = precision_recall_curve(event, chance)
    assert found.precision.value == pytest.approx(precision[recall >= 0.5].max())
    for interval in (found.average_precision, found.precision):
        assert interval.low < interval.value < interval.high


def test_chance_finds_no_more_than_there_is() -> None:
    learner, event = np.repeat([1, 2, 3, 4], 5), np.tile([True, False, False, False, False], 4)
    perfect = score_rare_events(learner, event, event.astype(np.float64))
    assert perfect.average_precision.low == pytest.approx(1)
    blind = score_rare_events(learner, event, np.zeros(20))
    assert blind.average_precision.value == pytest.approx(0.2)
    assert blind.rate == pytest.approx(0.2)
