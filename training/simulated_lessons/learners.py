"""Simulated learners: a program of behaviour, a person's own tempo, and what reaches Lectern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.engagement.states import STATES
from training.simulated_lessons.programs import Program


class Group(StrEnum):
    """Groups of simulated learners that a model must serve alike."""

    ORDINARY = "ordinary"
    SLOW_INPUT = "slow input"
    SECOND_LANGUAGE = "second language"
    TOUCH_DEVICE = "touch device"


_GROUP_SHARES = (0.55, 0.15, 0.15, 0.15)
BROWSER, MICROPHONE, CAMERA = 0.92, 0.85, 0.45
"""Shares of learners from whom each reaches Lectern; the camera needs a consent of its own."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What of a learner reaches Lectern, and how badly.

    Attributes:
        browser: whether the browser tells of input and of what is in front.
        microphone_until_ms, camera_until_ms: until when they reach Lectern: 0 never. A camera ends
            in mid-lesson where its consent is withdrawn.
        skew_ms: how far the client's lesson clock is off.
        offline_ms: spells in which the network is gone: what the browser tells comes after them.
    """

    browser: bool
    microphone_until_ms: int
    camera_until_ms: int
    skew_ms: int
    offline_ms: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SimulatedLearner:
    """One learner of one lesson.

    Attributes:
        tempo: factors of this person on keys and clicks, on speech and on response times.
        habit: exponents on the weights of states, by state: how this person differs from the kind.
    """

    participant_id: str
    program: Program
    group: Group
    tempo: tuple[float, float, float]
    habit: NDArray[np.float64]
    equipment: Equipment


def draw_learner(
    participant_id: str, programs: Sequence[Program], end_ms: int, generator: np.random.Generator
) -> SimulatedLearner:
    """Draw a learner of one of the kinds for a lesson of `end_ms`."""
    program = programs[int(generator.integers(len(programs)))]
    group = Group(generator.choice(list(Group), p=_GROUP_SHARES))
    own = np.exp(generator.normal(0.0, (0.35, 0.4, 0.25)))
    keys, speech, waits = own * _FACTORS[group]
    return SimulatedLearner(
        participant_id,
        program,
        group,
        (float(keys), float(speech), float(waits)),
        np.exp(generator.normal(0.0, 0.35, len(STATES))),
        _draw_equipment(program, end_ms, generator),
    )


_FACTORS = {
    Group.ORDINARY: np.array([1.0, 1.0, 1.0]),
    Group.SLOW_INPUT: np.array([0.35, 1.0, 1.7]),
    Group.SECOND_LANGUAGE: np.array([0.9, 0.45, 1.5]),
    Group.TOUCH_DEVICE: np.array([0.5, 1.0, 1.1]),
}


def _draw_equipment(program: Program, end_ms: int, generator: np.random.Generator) -> Equipment:
    has = generator.random(3) < (BROWSER, MICROPHONE, CAMERA)
    if program.has_photo:
        has[2] = True
    if not has.any():
        has[0] = True
    lasts = np.where(generator.random(2) < 0.9, end_ms, generator.integers(1, end_ms, 2))
    skewed = generator.random() < 0.05
    return Equipment(
        bool(has[0]),
        int(lasts[0] * has[1]),
        int(lasts[1] * has[2]),
        int(generator.integers(-20_000, 20_000)) if skewed else 0,
        _draw_offline(end_ms, generator),
    )


def _draw_offline(end_ms: int, generator: np.random.Generator) -> tuple[tuple[int, int], ...]:
    if generator.random() >= 0.12:
        return ()
    starts = np.sort(generator.integers(60_000, end_ms - 90_000, generator.integers(1, 4)))
    lengths = generator.integers(10_000, 70_000, len(starts))
    return tuple((int(a), int(a + b)) for a, b in zip(starts, lengths, strict=True))
