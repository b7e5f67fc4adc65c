"""A lesson's captions with words wrong, missing and invented, as a poor engine would give them."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from importlib.resources import files

from rapidfuzz import process

from features.reading.parts import Utterance
from models.reading.lesson_reading import LessonReading

SUBSTITUTED, DELETED = 0.6, 0.2
"""Shares of the errors; the rest are insertions. Most errors of engines are substitutions."""

NOISE = 0.05
"""How far a caption's confidence lies from the share of its right words: a deviation."""

NEAREST = 8


def corrupted(reading: LessonReading, rate: float, seed: int, *, told: bool) -> LessonReading:
    """Return the lesson with a share of its words heard wrong.

    Args:
        rate: word error rate that is aimed at.
        told: whether the captions' confidence tells of it; else it stays as it was.
    """
    chance = random.Random(seed)
    heard = tuple(_heard(one, rate, chance, told=told) for one in reading.utterances)
    return replace(reading, utterances=heard)


def _heard(utterance: Utterance, rate: float, chance: random.Random, *, told: bool) -> Utterance:
    words: list[str] = []
    errors = 0
    spoken = utterance.text.split()
    for word in spoken:
        if chance.random() >= rate:
            words.append(word)
            continue
        errors += 1
        words += _wrong(word, chance)
    sure = 1 - errors / len(spoken) + chance.gauss(0, NOISE)
    confidence = min(1.0, max(0.0, sure)) if told else utterance.confidence
    return replace(utterance, text=" ".join(words) or spoken[0], confidence=confidence)


def _wrong(word: str, chance: random.Random) -> list[str]:
    draw = chance.random()
    if draw < SUBSTITUTED:
        return [chance.choice(_alike(word.strip(".,?!").lower()))]
    return [] if draw < SUBSTITUTED + DELETED else [word, chance.choice(_ordinary())]


@cache
def _alike(word: str) -> list[str]:
    near = process.extract(word, _ordinary(), limit=NEAREST)
    return [choice for choice, *_ in near if choice != word] or [_ordinary()[0]]


@cache
def _ordinary() -> list[str]:
    listed = files("lessons.vocabulary").joinpath("ordinary_english.txt")
    return listed.read_text("utf-8").split()
