"""How well uptake, focusing and on task are told, with intervals over transcripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import f1_score

from models.talk_moves.exchanges import OUTPUTS
from training.move_scores import DRAWS, Figure, bootstrap
from training.talk_sets import LabelledExchange

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


def score_exchanges(
    labelled: Sequence[LabelledExchange], told: Floats, draws: int = DRAWS
) -> dict[str, Figure]:
    """Return the published figures of whatever the exchanges were rated for.

    Args:
        labelled: as raters saw them.
        told: shape (exchanges, outputs), columns as in OUTPUTS; chances as logits.
        draws: of each interval.
    """
    figures: dict[str, tuple[str, Callable[[Floats, Floats], float]]] = {
        "uptake Spearman": ("uptake", lambda true, seen: float(spearmanr(true, seen).statistic)),
        "focusing Pearson": ("focusing", _pearson),
        "focusing Pearson, questions only": ("focusing_filtered", _pearson),
        "student on task F1": ("student_on_task_majority", _f1),
    }
    found = {}
    for name, (label, figure) in figures.items():
        column = OUTPUTS.index(label.removesuffix("_majority"))
        truth = np.asarray([getattr(each, label) for each in labelled], np.float32)
        rows = np.flatnonzero(~np.isnan(truth))
        if len(rows):
            found[name] = _over(labelled, rows, truth, told[:, column], figure, draws)
    return found


def _over(
    labelled: Sequence[LabelledExchange],
    rows: Rows,
    truth: Floats,
    told: Floats,
    figure: Callable[[Floats, Floats], float],
    draws: int,
) -> Figure:
    groups = [labelled[row].transcript for row in rows]
    return bootstrap(groups, lambda drawn: figure(truth[rows[drawn]], told[rows[drawn]]), draws)


def _pearson(true: Floats, told: Floats) -> float:
    return float(pearsonr(true, told).statistic)


def _f1(true: Floats, told: Floats) -> float:
    return float(f1_score(true > 0.5, told > 0))
