"""Scores of states, against the reference implementation and on learners drawn whole."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from models.engagement.baseline import softmax
from models.engagement.states import STATES, STUCK
from training.calibration import best_temperature
from training.engagement_scores import Told, gain, scores_of

LEARNERS, WINDOWS = 12, 200


def _told(sharpness: float, seed: int = 1) -> Told:
    """Return learners of whom a model knows more the sharper it is."""
    generator = np.random.default_rng(seed)
    truth, chances = [], []
    for _ in range(LEARNERS):
        states = generator.integers(0, len(STATES), WINDOWS)
        logits = generator.normal(0, 1, (WINDOWS, len(STATES)))
        logits[np.arange(WINDOWS), states] += sharpness
        truth.append(states)
        chances.append(softmax(logits.astype(np.float32)))
    return Told(truth, chances)


def test_the_figures_are_those_of_the_reference() -> None:
    told = _told(1.5)
    truth, chances = np.concatenate(told.truth), np.concatenate(told.chances)
    scores = scores_of(told)
    assert scores.macro_f1.value == pytest.approx(
        f1_score(truth, chances.argmax(axis=1), average="macro")
    )
    stuck = STATES.index(STUCK)
    assert scores.needs["stuck"].value == pytest.approx(
        average_precision_score(truth == stuck, chances[:, stuck])
    )
    assert scores.macro_f1.low < scores.macro_f1.value < scores.macro_f1.high


def test_ties_are_told_of_together() -> None:
    truth = np.array([STATES.index(STUCK), 0, 0, 0])
    told = Told([truth], [np.full((4, len(STATES)), 1 / len(STATES), np.float32)])
    assert scores_of(told).needs["stuck"].value == pytest.approx(0.25)


def test_a_sharper_model_surely_gains_and_an_equal_one_gains_nothing() -> None:
    blunt, sharp = _told(1.0), _told(2.5)
    assert gain(sharp, blunt).low > 0
    assert gain(blunt, blunt).high == 0


def test_temperature_takes_back_what_was_too_sure() -> None:
    told = _told(1.5)
    truth = np.concatenate(told.truth)
    # softmax of normal noise plus 1.5 for the right state is the truth of this world: fit it
    logits = np.log(np.concatenate(told.chances)).astype(np.float32)
    assert best_temperature(logits * 3, truth) == pytest.approx(
        3 * best_temperature(logits, truth), rel=0.1
    )
    sure = Told([truth], [softmax(logits * 3)])
    temperature = np.float32(best_temperature(logits * 3, truth))
    told_now = Told([truth], [softmax(logits * 3 / temperature)])
    assert scores_of(told_now).calibration_error.value < scores_of(sure).calibration_error.value / 3
