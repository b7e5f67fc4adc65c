"""Two readers of the same sentences: how far they agree, and how sure that is.

Both are engineers of the project, and neither is a teacher. The second one read lessons and
sentences without the first one's labels, those of the writer among those made for the verifier.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.labelled_lessons import Half, LabelledClaim, labelled_lessons

FIRST = Path(__file__).with_name("judged_sentences.json")
SECOND = Path(__file__).with_name("judged_by_second_reader.json")
RESAMPLES = 10_000
SEED = 20_261_126
HALVES: tuple[Half, ...] = ("tuning", "held_out", "trap")

Pair = tuple[bool, bool]
"""Whether a sentence is supported: by the first reader and by the second."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two readers agree.

    Attributes:
        pairs: sentences that both judged.
        share: of them judged alike.
        kappa: Cohen's: agreement beyond what chance gives; not a number where both found all alike.
        low, high: its 95 % bootstrap interval, drawing sentences with replacement.
    """

    pairs: int
    share: float
    kappa: float
    low: float
    high: float


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """Compare two readers' labels; there is at least one pair."""
    labels = np.array(pairs, dtype=bool)
    drawn = np.random.default_rng(SEED).integers(0, len(labels), (RESAMPLES, len(labels)))
    resampled = [kappa(labels[rows]) for rows in drawn]
    known = [value for value in resampled if not math.isnan(value)]
    low, high = np.quantile(known, [0.025, 0.975]) if known else (math.nan, math.nan)
    share = float(np.mean(labels[:, 0] == labels[:, 1]))
    return Agreement(len(labels), share, kappa(labels), float(low), float(high))


def kappa(labels: np.ndarray) -> float:
    """Return Cohen's kappa of labels, shape (n, 2) (Educational and Psychological Measurement 20).

    It is not a number where both readers give everything the same label.
    """
    first, second = labels.mean(axis=0)
    by_chance = first * second + (1 - first) * (1 - second)
    if by_chance == 1:
        return math.nan
    return float(((labels[:, 0] == labels[:, 1]).mean() - by_chance) / (1 - by_chance))


def claim_pairs(*halves: Half) -> list[Pair]:
    """Return both readers' labels of the claims that were made for the verifier."""
    return [(one.first, one.second) for one in _claims(*halves)]


def sentence_pairs() -> list[Pair]:
    """Return both readers' labels of the extractive writer's sentences."""
    first, second = (json.loads(file.read_text("utf-8")) for file in (FIRST, SECOND))
    return [
        (label, second[lesson][text])
        for lesson, sentences in first.items()
        for text, label in sentences.items()
        if text in second.get(lesson, {})
    ]


def settled(*halves: Half) -> list[LabelledClaim]:
    """Return the claims on which the readers differed, as they settled them."""
    return [one for one in _claims(*halves) if one.first != one.second]


def _claims(*halves: Half) -> list[LabelledClaim]:
    return [one for half in halves for lesson in labelled_lessons(half) for one in lesson.claims]
