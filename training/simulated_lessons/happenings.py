"""What happens in a simulated lesson, before it is delivered: data, a time and whose doing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lessons.events import EventData
from lessons.lesson_context import LessonContext
from models.engagement.states import STATES
from training.simulated_lessons.conduct import Conduct
from training.simulated_lessons.learners import SimulatedLearner
from training.simulated_lessons.script import WINDOW_MS, Script

MINUTE_WINDOWS = 60_000 / WINDOW_MS


@dataclass(frozen=True, slots=True)
class Happening:
    """One event to be.

    Attributes:
        told_ms: when it is told: at once, or when what it counts is over.
        of_browser: whether the learner's browser tells it, with its clock and over its network.
        similarity: for a caption, how near it is to the objective, -1 to 1.
    """

    told_ms: int
    data: EventData
    subject: str | None = None
    of_browser: bool = False
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """One window of one learner: what is true of it, and what shows."""

    start_ms: int
    context: LessonContext
    state: str
    conduct: Conduct

    @property
    def end_ms(self) -> int:
        """End on the lesson clock."""
        return self.start_ms + WINDOW_MS


@dataclass(frozen=True, slots=True)
class Attendance:
    """One learner's part in one lesson; everything that happens is drawn from it."""

    learner: SimulatedLearner
    script: Script
    states: NDArray[np.int8]

    def windows(self) -> Iterator[Window]:
        """Yield the windows from the first to the last."""
        program = self.learner.program
        for place, (state, context) in enumerate(
            zip(self.states, self.script.contexts, strict=True)
        ):
            name = STATES[state]
            yield Window(place * WINDOW_MS, context, name, program.conduct(name))

    def spells(self, state: str) -> Iterator[tuple[int, int]]:
        """Yield start and end, in milliseconds, of each spell in a state."""
        inside = np.concatenate(([False], self.states == STATES.index(state), [False]))
        edges = np.flatnonzero(np.diff(inside.astype(np.int8)))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            yield int(first) * WINDOW_MS, int(last) * WINDOW_MS


def happens(rate_a_minute: float, generator: np.random.Generator) -> bool:
    """Say whether something that happens so often in a minute happens in a window."""
    return bool(generator.random() < rate_a_minute / MINUTE_WINDOWS)


def within(window: Window, generator: np.random.Generator) -> int:
    """Return a moment of a window."""
    return window.start_ms + int(generator.integers(0, WINDOW_MS))
