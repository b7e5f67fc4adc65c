"""What learners said, on its way to be compared with the objective at hand."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from lessons.events import CaptionFinal, LearningEvent
from lessons.events.lesson_plan import LessonPlanItemStarted
from serving.engagement.wire import TopicPair

MOST_WAITING = 64
"""Newer utterances replace older ones: what was said minutes ago no longer counts."""

FEWEST_WORDS = 3
"""A "yes" is about nothing, and about everything."""

LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance that is to be compared with what it should be about.

    Attributes:
        known_ms: when it could be known, on the lesson clock.
    """

    caption_id: str
    pair: TopicPair
    known_ms: int


class Topics:
    """Keeps the objective at hand, and what was said since it came up."""

    def __init__(self) -> None:
        self._topic: str | None = None
        self._waiting: deque[Said] = deque(maxlen=MOST_WAITING)

    def take(self, event: LearningEvent) -> None:
        """Take a caption or a new item of the lesson's plan."""
        data = event.data
        if isinstance(data, LessonPlanItemStarted):
            self._topic = data.title
        elif isinstance(data, CaptionFinal) and self._topic is not None:
            text = data.text.strip()[:LONGEST_TEXT]
            if len(text.split()) >= FEWEST_WORDS:
                pair = TopicPair(said=text, topic=self._topic)
                known_ms = max(data.end_ms, data.finalised_at_ms or 0)
                self._waiting.append(Said(data.caption_id, pair, known_ms))

    def next(self, before_ms: int) -> list[Said]:
        """Return what waits of windows that are closed, and wait for it no longer."""
        due = [one for one in self._waiting if one.known_ms < before_ms]
        later = [one for one in self._waiting if one.known_ms >= before_ms]
        self._waiting.clear()
        self._waiting.extend(later)
        return due
