"""A learner's features in one window of five seconds, and the newest events behind each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from features.engagement.catalogue import COLUMNS, FEATURES
from lessons.lesson_context import LessonContext

WINDOW_MS = 5_000
"""Length of a window; it lies on the lesson clock as [k * 5000, (k + 1) * 5000)."""

Values = NDArray[np.float32]

_SOURCES: Mapping[str, str] = MappingProxyType({one.name: one.source for one in FEATURES})


class FeatureEvents(Mapping[str, tuple[str, ...]]):
    """Ids of the newest events behind each feature; features without any are not in it.

    Args:
        by_source: ids by the kind of event, oldest first.
    """

    __slots__ = ("_by_source",)

    def __init__(self, by_source: Mapping[str, tuple[str, ...]]) -> None:
        self._by_source = by_source

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self._by_source[_SOURCES[name]]

    def __iter__(self) -> Iterator[str]:
        return (name for name, source in _SOURCES.items() if source in self._by_source)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, eq=False)
class LearnerWindow:
    """What was seen of one learner up to the end of one window.

    Attributes:
        values: shape (len(FEATURES),), float32; NaN where it is missing.
        context: what the lesson was doing, for this learner.
        events: ids of the newest events behind a feature, by its name.
    """

    participant_id: str
    start_ms: int
    end_ms: int
    values: Values
    context: LessonContext
    events: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def value(self, name: str) -> float | None:
        """Return one feature by its name, or None where it is missing."""
        value = float(self.values[COLUMNS[name]])
        return None if np.isnan(value) else value
