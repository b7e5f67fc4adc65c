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
from tests.unit.features.reading.test_material import read
from tests.unit.features.reading.told_lessons import ADA, TUTOR, ToldLesson

OBJECTIVES = objectives_taught()
FRACTIONS = Objective("frac.add", "Add fractions with unlike denominators")


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
    for number, one in enumerate(played_lesson(PEOPLE, 4), 1):
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


def test_what_says_too_little_is_not_read_nor_alone_what_is_about_nothing_near(
    encoder: Encoder,
) -> None:
    fractions = "To add fractions with unlike denominators we need a common denominator."
    short = "Yes."
    off = ("My cat sleeps on the sofa.", "She drinks warm milk at night.", "Dogs chase her away.")
    lesson = ToldLesson()
    lesson.joined(TUTOR, ADA)
    for number, text in enumerate((fractions, short, fractions, *off)):
        lesson.said(ADA if text == short else TUTOR, 5_000 * number, 5_000 * number + 4_000, text)
    counted = CountedEncoder(encoder)
    found = likeness_of(read(lesson.events).utterances, [FRACTIONS], counted)
    assert found[:, 0] == pytest.approx([found[0, 0], 0, found[2, 0], 0, 0, 0])
    assert min(found[0, 0], found[2, 0]) >= LEAST_LIKENESS
    assert fractions in counted.texts
    # The first of them stands beside talk about fractions, and is read alone to be told apart.
    assert not {short, *off[1:]} & set(counted.texts)
    assert " ".join(off) in counted.texts


def test_of_nothing_that_tells_nothing_is_read(encoder: Encoder) -> None:
    counted = CountedEncoder(encoder)
    assert likeness_of((), OBJECTIVES, counted).shape == (0, len(OBJECTIVES))
    assert counted.texts == []
