"""The observations of a judgement: what was seen, how strongly it speaks for it, and the words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.engagement import COLUMNS, LearnerWindow
from models.engagement.observed import LOOKED_AT, SHOWN, in_words
from models.engagement.states import STATES, UNKNOWN

MOST_OBSERVATIONS = 6
"""More are not read."""

STRONG = 0.15
"""Strength from which an observation is told though its state does not usually rest on it."""


_HEARD = ("since_talk_s", "since_chat_s", "since_answer_s")


@dataclass(frozen=True, slots=True)
class Observed:
    """One thing that was seen.

    Attributes:
        name: of the feature.
        strength: in -1..1, how strongly it speaks for the state; below 0: against it.
    """

    name: str
    value: float
    strength: float
    text: str


def observations_of(
    window: LearnerWindow, state: str, strengths: NDArray[np.float32]
) -> list[Observed]:
    """Return what was seen of a learner that speaks for a state or against it, strongest first.

    Args:
        strengths: shape (states, features), in -1..1, of this window.
    """
    if state == UNKNOWN:
        return []
    row = strengths[STATES.index(state)]
    usual = LOOKED_AT[state]
    telling = [name for name in SHOWN if abs(row[COLUMNS[name]]) >= STRONG]
    found = []
    for name in dict.fromkeys((*usual, *sorted(telling))):
        value, strength = window.value(name), float(np.clip(row[COLUMNS[name]], -1.0, 1.0))
        if value is not None:
            found.append(Observed(name, round(value, 3), round(strength, 3), in_words(name, value)))
    return sorted(found, key=lambda one: -abs(one.strength))[:MOST_OBSERVATIONS]


def not_heard_observations(window: LearnerWindow) -> list[Observed]:
    """Return when a learner was last heard of, by any way."""
    values = [(name, window.value(name)) for name in _HEARD]
    return [
        Observed(name, round(value, 3), 1.0, in_words(name, value))
        for name, value in values
        if value is not None
    ]
