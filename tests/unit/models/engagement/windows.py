"""Windows of one learner, with the features that a test is about."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from features.engagement import COLUMNS, FEATURES, WINDOW_MS, LearnerWindow
from lessons.lesson_context import LessonContext
from models.engagement.states import STATES

ADA = "par_ada"
PRESENT = {
    "connected": 1.0,
    "disconnected_s": 0.0,
    "declared_away": 0.0,
    "hidden_for_s": 0.0,
    "input_5s": 0.0,
}


def window(
    number: int = 0,
    seen: Mapping[str, float] = MappingProxyType({}),
    *,
    participant_id: str = ADA,
    context: LessonContext = LessonContext.INDIVIDUAL_WORK,
    events: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> LearnerWindow:
    """Return the window of that number; features that are not named are missing."""
    row = np.full(len(FEATURES), np.nan, dtype=np.float32)
    for name, value in {**PRESENT, **seen}.items():
        row[COLUMNS[name]] = value
    start_ms = number * WINDOW_MS
    return LearnerWindow(participant_id, start_ms, start_ms + WINDOW_MS, row, context, events)


def sure_of(state: str, probability: float = 0.93) -> NDArray[np.float32]:
    """Return probabilities in which one state stands out."""
    rest = (1 - probability) / (len(STATES) - 1)
    row = np.full(len(STATES), rest, dtype=np.float32)
    row[STATES.index(state)] = probability
    return row
