"""Figures of talk, and how sure they are."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import matthews_corrcoef

from models.talk_moves.interface import STUDENT_MOVES, Exchange
from training.exchange_scores import score_exchanges
from training.move_scores import PIECE, bootstrap, score_moves
from training.talk_sets import LabelledExchange


def test_the_figures_are_those_of_their_definitions() -> None:
    labels = np.asarray([0, 0, 1, 2, 3, 4] * PIECE)
    told = np.asarray([0, 1, 1, 2, 3, 4] * PIECE)
    figures = score_moves(labels, told, STUDENT_MOVES)
    assert figures["F1 of none"].value == pytest.approx(2 / 3)
    assert figures["macro-F1"].value == pytest.approx((2 / 3 + 2 / 3 + 3) / 5)
    assert figures["micro-F1 without none"].value == pytest.approx(8 / 9)
    assert figures["F1 of making_a_claim"].value == 1
    assert figures["MCC"].value == pytest.approx(matthews_corrcoef(labels, told))
    assert figures["MCC"].low <= figures["MCC"].value <= figures["MCC"].high


def test_the_interval_is_over_groups_and_not_over_rows() -> None:
    values = np.repeat([0.0, 1.0, 0.0, 1.0], 100)
    groups = np.repeat(range(4), 100)
    by_group = bootstrap(groups.tolist(), lambda rows: float(values[rows].mean()))
    by_row = bootstrap(list(range(400)), lambda rows: float(values[rows].mean()))
    assert by_group.value == by_row.value == 0.5
    assert by_group.high - by_group.low > 3 * (by_row.high - by_row.low)


def test_exchanges_are_scored_on_what_they_were_rated_for() -> None:
    rated = [
        LabelledExchange(str(n), Exchange("a", "b"), uptake=n / 10, student_on_task_majority=n % 2)
        for n in range(40)
    ]
    told = np.zeros((40, 5), np.float32)
    told[:, 0] = np.exp(np.arange(40) / 10)
    told[:, 3] = np.where(np.arange(40) % 2, 2.0, -2.0)
    figures = score_exchanges(rated, told)
    assert figures["uptake Spearman"].value == pytest.approx(1)
    assert figures["student on task F1"].value == 1
    assert "focusing Pearson" not in figures
