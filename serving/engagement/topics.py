"""What learners said, on its way to be compared with the objective at hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
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


@dataclass(frozen=True, slots=True)
class _Waiting:
    caption_id: str
    text: str
    item: LessonPlanItemStarted
    known_ms: int


class Topics:
    """Keeps the item of the plan at hand, and what was said since it came up.

    Its topic is its title with what its objectives say, as far as somebody has looked that up.
    """

    def __init__(self) -> None:
        self._item: LessonPlanItemStarted | None = None
        self._statements: dict[str, str] = {}
        self._waiting: deque[_Waiting] = deque(maxlen=MOST_WAITING)

    def take(self, event: LearningEvent) -> None:
        """Take a caption or a new item of the lesson's plan."""
        data = event.data
        if isinstance(data, LessonPlanItemStarted):
            self._item = data
        elif isinstance(data, CaptionFinal) and self._item is not None:
            text = data.text.strip()[:LONGEST_TEXT]
            if len(text.split()) >= FEWEST_WORDS:
                known_ms = max(data.end_ms, data.finalised_at_ms or 0)
                self._waiting.append(_Waiting(data.caption_id, text, self._item, known_ms))

    @property
    def unknown_objectives(self) -> set[str]:
        """Names of objectives that what waits is compared with, and that nobody has looked up."""
        named = {name for one in self._waiting for name in one.item.objective_ids}
        return named - self._statements.keys()

    def know(self, names: Collection[str], statements: Mapping[str, str]) -> None:
        """Take what objectives say; a name without one is not asked for again."""
        self._statements.update({name: statements.get(name, "") for name in names})

    def next(self, before_ms: int) -> list[Said]:
        """Return what waits of windows that are closed, and wait for it no longer."""
        due = [one for one in self._waiting if one.known_ms < before_ms]
        later = [one for one in self._waiting if one.known_ms >= before_ms]
        self._waiting.clear()
        self._waiting.extend(later)
        return [
            Said(
                one.caption_id, TopicPair(said=one.text, topic=self._topic(one.item)), one.known_ms
            )
            for one in due
        ]

    def _topic(self, item: LessonPlanItemStarted) -> str:
        said = [self._statements.get(name, "") for name in item.objective_ids]
        return "\n".join([item.title, *filter(None, said)])[:LONGEST_TEXT]
