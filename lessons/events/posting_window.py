"""When an event may be posted, and what times it may carry, by the clock of its lesson."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lessons.errors import Conflict, InvalidInput
from lessons.events.data import EventDraft
from lessons.records import Lesson

CLOCK_SKEW = timedelta(minutes=5)
"""How far a sender's clock may run ahead of ours."""

BEFORE_CREATION = timedelta(days=1)
"""How long before the lesson's record an event of it may have happened."""

LONGEST_LESSON = timedelta(hours=24)
"""Place on the lesson clock that is always taken: a recording is longer than its lesson's record
is old."""

DEFAULT_LATE = timedelta(hours=24)
"""How long after its end a lesson takes events, unless its tenant says otherwise."""


@dataclass(frozen=True, slots=True)
class PostingWindow:
    """What one lesson takes at one moment.

    Attributes:
        lesson: as it stands.
        now: the moment, with a zone.
        late: how long after the lesson's end it takes events; a tenant's rule.
    """

    lesson: Lesson
    now: datetime
    late: timedelta = DEFAULT_LATE

    @property
    def is_over(self) -> bool:
        """Whether the lesson ended longer ago than it takes events."""
        ended_at = self.lesson.ended_at
        return ended_at is not None and self.now > ended_at + self.late

    def check(self, draft: EventDraft) -> None:
        """Let an event pass, or say why not.

        Raises:
            Conflict: the lesson ended too long ago for an event of this type.
            InvalidInput: its time lies in the future or long before the lesson, or its place on
                the lesson clock lies past any that the lesson can have reached.
        """
        self._check_lateness(draft)
        self._check_time(draft.time)
        self._check_lesson_time(draft.lesson_time_ms)

    def _check_lateness(self, draft: EventDraft) -> None:
        if draft.data.after_lesson or not self.is_over:
            return
        minutes = round(self.late.total_seconds() / 60)
        raise Conflict(
            f"The lesson ended at {self.lesson.ended_at:%Y-%m-%dT%H:%M:%SZ}, and events of type "
            f"{draft.data.type} are taken for {minutes} minutes after it.",
            field="lesson_id",
            fix="Post sooner, or raise the tenant's `late_events_minutes`.",
        )

    def _check_time(self, time: datetime | None) -> None:
        if time is None:
            return
        if time > self.now + CLOCK_SKEW:
            raise InvalidInput(
                f"It lies in the future: here it is {self.now:%Y-%m-%dT%H:%M:%SZ}.",
                field="time",
                fix="Set the sender's clock, or leave `time` out.",
            )
        earliest = self.lesson.created_at - BEFORE_CREATION
        if time < earliest:
            raise InvalidInput(
                f"It lies more than a day before the lesson was created, {earliest:%Y-%m-%d}.",
                field="time",
                fix="Leave `time` out, and say when by `lessontimems`.",
            )

    def _check_lesson_time(self, lesson_time_ms: int | None) -> None:
        if lesson_time_ms is None:
            return
        began = self.lesson.started_at or self.lesson.created_at
        reached = max(LONGEST_LESSON, self.now - began + CLOCK_SKEW)
        if timedelta(milliseconds=lesson_time_ms) > reached:
            raise InvalidInput(
                f"The lesson clock cannot have reached {lesson_time_ms} ms.",
                field="lessontimems",
                fix="Send milliseconds since the lesson began, or leave it out.",
            )
