"""Word error rate as the field reports it: Whisper's normaliser, corpus level, with an interval."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import jiwer
import numpy as np
from whisper_normalizer.english import EnglishTextNormalizer

RESAMPLES = 10_000
SEED = 20_260_101
"""Fixed, so that the same texts always give the same interval."""


@dataclass(frozen=True, slots=True)
class Score:
    """Word error rate over clips.

    Attributes:
        word_error_rate: substitutions, deletions and insertions over words of the references.
        low, high: 95 % bootstrap interval, drawing clips with replacement.
        words: words in the references, after normalising.
    """

    word_error_rate: float
    low: float
    high: float
    words: int


def score(references: Sequence[str], hypotheses: Sequence[str]) -> Score:
    """Compare what was said with what was heard, clip by clip; texts are normalised first."""
    normalise = EnglishTextNormalizer()
    pairs = zip(references, hypotheses, strict=True)
    counts = np.array(
        [_errors_and_words(normalise(said), normalise(heard)) for said, heard in pairs]
    )
    drawn = np.random.default_rng(SEED).integers(0, len(counts), (RESAMPLES, len(counts)))
    resampled = counts[drawn].sum(axis=1)
    low, high = np.quantile(resampled[:, 0] / resampled[:, 1], [0.025, 0.975])
    errors, words = counts.sum(axis=0)
    return Score(float(errors / words), float(low), float(high), int(words))


def plain_words(text: str) -> list[str]:
    """Return a text's words as they are laid side by side: lower case, without punctuation."""
    return [word for part in text.lower().split() if (word := re.sub(r"[^\w]+", "", part))]


def _errors_and_words(said: str, heard: str) -> tuple[int, int]:
    """Return word errors and reference words of one clip; the reference has at least one word."""
    result = jiwer.process_words(said, heard)
    errors = result.substitutions + result.deletions + result.insertions
    return errors, result.hits + result.substitutions + result.deletions
