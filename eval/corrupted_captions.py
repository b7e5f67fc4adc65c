"""A lesson's captions with words wrong, missing and invented, as a poor engine would give them."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from importlib.resources import files
from statistics import fmean

from rapidfuzz import process

from features.reading.parts import Utterance
from models.reading.lesson_reading import LessonReading

SUBSTITUTED, DELETED = 0.6, 0.2
"""Shares of the errors; the rest are insertions. Most errors of engines are substitutions."""

SHARPNESS = 4.0
"""How well a word's confidence tells wrong words from right ones: sum of a beta's parameters.

Between what fits Whisper's base model on our tuning lessons in quiet (6: area under the curve of
.78 at 17 % of words wrong) and in all places but the loudest (3: .81 at 29 %).
"""

NEAREST = 8


def corrupted(reading: LessonReading, rate: float, seed: int, *, told: bool) -> LessonReading:
    """Return the lesson with a share of its words heard wrong.

    Args:
        rate: word error rate that is aimed at.
        told: whether confidence tells of it: each word is then wrong as often as its confidence
            says. Else the captions stay as sure as they were.
    """
    chance = random.Random(seed)
    heard = tuple(_heard(one, rate, chance, told=told) for one in reading.utterances)
    return replace(reading, utterances=heard)


def _heard(utterance: Utterance, rate: float, chance: random.Random, *, told: bool) -> Utterance:
    heard: list[tuple[str, float]] = []
    spoken = utterance.text.split()
    for word in spoken:
        sure = _confidence(rate, chance)
        error = chance.random() >= (sure if told else 1 - rate)
        heard += [(one, sure) for one in (_wrong(word, chance) if error else [word])]
    heard = heard or [(spoken[0], 1 - rate)]
    text = " ".join(word for word, _ in heard)
    if not told:
        return replace(utterance, text=text)
    confidences = tuple(sure for _, sure in heard)
    return replace(utterance, text=text, confidence=fmean(confidences), confidences=confidences)


def _confidence(rate: float, chance: random.Random) -> float:
    return chance.betavariate(SHARPNESS * (1 - rate), SHARPNESS * rate) if rate else 1.0


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
