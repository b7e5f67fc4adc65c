"""Objectives by what was said: no more is read for them than counts, and nothing less."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from eval.played_lessons import objectives_taught, played_lesson
from features.reading.material import LessonMaterial, Material
from features.reading.parts import Objective
from features.reading.words import content_words
from models.embeddings.interface import Array, Encoder
from models.embeddings.loading import load_encoder
from models.reading.objectives import (
    FEWEST_WORDS,
    LEAST_ALONE,
    LEAST_LIKENESS,
    OFFSET,
    SLOPE,
    Likeness,
    likeness_of,
)
from tests.ledger_events import appended
from tests.unit.eval.played_class import PEOPLE

OBJECTIVES = objectives_taught()


class CountedEncoder:
    """An encoder that keeps what it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.version, self.dimension = encoder.name, encoder.version, encoder.dimension
        self.texts: list[str] = []
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Array:
        self.texts += texts
        return self._encoder.encode(texts)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def material() -> Material:
    taking = LessonMaterial(PEOPLE)
    for number, one in enumerate(played_lesson(PEOPLE, 6), 1):
        taking.take(appended(one.draft, number))
    return taking.material()


def by_reading_everything(
    material: Material, objectives: Sequence[Objective], encoder: Encoder
) -> Likeness:
    """Return the likeness of every utterance, with those around it and alone, to everything."""

    def likeness(texts: Sequence[str]) -> Likeness:
        cosines = encoder.encode(texts) @ encoder.encode([one.title for one in objectives]).T
        found: Likeness = 1 / (1 + np.exp(-SLOPE * (cosines.astype(np.float64) - OFFSET)))
        return found

    texts = [one.text for one in material.utterances]
    around = likeness([" ".join(texts[max(0, row - 1) : row + 2]) for row in range(len(texts))])
    around[likeness(texts) < LEAST_ALONE] = 0.0
    for row, text in enumerate(texts):
        if len(content_words(text, "en")) < FEWEST_WORDS:
            around[row] = 0.0
    return around


def test_what_counts_is_what_reading_everything_would_give(
    material: Material, encoder: Encoder
) -> None:
    found = likeness_of(material.utterances, OBJECTIVES, encoder)
    everything = by_reading_everything(material, OBJECTIVES, encoder)
    counts = everything >= LEAST_LIKENESS
    assert counts.any()
    assert not counts.all(axis=1).any()
    # Texts of other lengths around one change the last digits of its vector.
    assert found[counts] == pytest.approx(everything[counts], abs=1e-4)
    assert ((found >= LEAST_LIKENESS) == counts).all()


def test_what_says_too_little_or_is_about_nothing_near_is_not_read_alone(
    material: Material, encoder: Encoder
) -> None:
    counted = CountedEncoder(encoder)
    found = likeness_of(material.utterances, OBJECTIVES, counted)
    read = counted.texts[len(OBJECTIVES) :]
    said = [one.text for one in material.utterances]
    short = [text for text in said if len(content_words(text, "en")) < FEWEST_WORDS]
    assert short
    assert not set(short) & set(read)
    assert len(read) < 2 * len(said) - 2 * len(short)
    about = [text for row, text in enumerate(said) if found[row].any()]
    assert set(about) <= set(read)


def test_of_nothing_that_tells_nothing_is_read(encoder: Encoder) -> None:
    counted = CountedEncoder(encoder)
    assert likeness_of((), OBJECTIVES, counted).shape == (0, len(OBJECTIVES))
    assert counted.texts == []
