"""Fits how likely talk is about an objective, by how near it lies in the encoder's space.

Windows of the lessons in `eval/spoken_lessons.json` (written for Lectern, Apache-2.0) are laid
beside their own lesson's plan and objectives, and beside those of every other lesson. Prints what
`models/reading/objectives.py` has as `OFFSET` and `SLOPE`, and how it does on lessons left out:
`python -m training.fit_objective_likeness`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from models.embeddings.interface import Encoder
from models.embeddings.loading import load_encoder
from models.reading.objectives import WINDOW_UTTERANCES

LESSONS = Path(__file__).parents[1] / "eval" / "spoken_lessons.json"

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Likenesses:
    """Best cosines of windows and topics' titles; `own` where they are of the same lesson."""

    cosines: Column
    own: Column
    lesson: Column


def main() -> None:
    """Fit on all lessons, and print the area under the curve with each lesson left out once."""
    lessons = json.loads(LESSONS.read_text("utf-8"))
    found = likenesses([*lessons["tuning"], *lessons["report"]], load_encoder())
    fitted = _fit(found.cosines, found.own)
    slope, offset = float(fitted.coef_[0, 0]), float(-fitted.intercept_[0] / fitted.coef_[0, 0])
    print(f"OFFSET = {offset:.3f}\nSLOPE = {slope:.1f}")
    held = np.zeros(len(found.own))
    for number in np.unique(found.lesson):
        out = found.lesson == number
        model = _fit(found.cosines[~out], found.own[~out])
        held[out] = model.predict_proba(found.cosines[out, None])[:, 1]
    print(f"AUC {roc_auc_score(found.own, held):.3f} over {len(held)} pairs, lessons left out")
    for least in (0.5, 0.7, 0.9):
        told = held >= least
        right = found.own[told].mean() if told.any() else float("nan")
        print(f"at {least}: {told.mean():.3f} told, {right:.3f} of them right")


def likenesses(lessons: Sequence[dict[str, list[str]]], encoder: Encoder) -> Likenesses:
    """Return the cosines of every window with the nearest title of every lesson."""
    titles = [encoder.encode([*one["plan"], *one["objectives"]]) for one in lessons]
    cosines: list[float] = []
    own: list[bool] = []
    number: list[int] = []
    for place, one in enumerate(lessons):
        for window in encoder.encode(_windows(one["said"])):
            for other, vectors in enumerate(titles):
                cosines.append(float((vectors @ window).max()))
                own.append(other == place)
                number.append(place)
    return Likenesses(np.array(cosines), np.array(own, dtype=float), np.array(number, dtype=float))


def _windows(said: Sequence[str]) -> list[str]:
    return [
        " ".join(said[row : row + WINDOW_UTTERANCES])
        for row in range(max(1, len(said) - WINDOW_UTTERANCES + 1))
    ]


def _fit(cosines: Column, own: Column) -> LogisticRegression:
    # As many own as others' count, so that 0.5 is where both are as likely.
    return LogisticRegression(C=1e6, class_weight="balanced").fit(cosines[:, None], own)


if __name__ == "__main__":
    main()
