"""How sure a segment is: its borders by the network, its label, and whether the words are known."""

from __future__ import annotations

import numpy as np

from models.segments.decoding import FIRST_PROBLEM, Span
from models.segments.network import RowScores

_NEAR = 3
"""Rows that a border may be off."""

FOREIGN = 0.5
"""Share of known words below which the lesson is in a language that nothing was fitted on."""

NOT_SURE = 0.2
"""The most that is said of a segment of a lesson in another language."""


def confidence_of(
    span: Span, scores: RowScores, known_words: float, language: str | None, *, ended: bool
) -> float:
    """Return 0 to 1: the weaker of both borders, times how likely the label is.

    Args:
        scores: of all rows of the lesson.
        known_words: share of the segment's words that training had seen.
        language: what most of its utterances are in, or None where nobody knows.
        ended: the segment ends with the lesson, so that its end is no guess.
    """
    borders = [1.0]
    if span.start > 0:
        borders.append(_border(scores, span.start))
    if not ended:
        borders.append(_border(scores, span.end))
    labels = scores.labels[span.start : span.end, min(span.label, FIRST_PROBLEM)]
    sure = min(borders) * float(np.exp(labels.mean()))
    foreign = language is not None and not language.lower().startswith("en")
    if foreign or known_words < FOREIGN:
        sure = min(sure, NOT_SURE)
    return round(sure, 3)


def _border(scores: RowScores, row: int) -> float:
    """Return the chance that a segment begins within some rows of a row."""
    near = scores.boundary[max(0, row - _NEAR) : row + _NEAR + 1].astype(np.float64)
    return float(1.0 - np.prod(1.0 / (1.0 + np.exp(near))))
