"""A caption that a person typed, as the event that it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lessons.errors import InvalidInput
from lessons.events import CaptionFinal, EventDraft, LearningEvent
from lessons.records import Lesson, Participant
from lessons.takeovers import HUMAN

READ_CHARACTERS_PER_SECOND = 17
"""What children can read as well (Netflix, English Timed Text Style Guide)."""

SHORTEST_MS = 1_000


@dataclass(frozen=True, slots=True)
class TypedCaption:
    """What was typed.

    Attributes:
        speaker: who said it.
        typed_by: id of the participant, person or API key that typed it.
        start_ms, end_ms: when it was said, on the lesson clock; None where nobody told.
    """

    id: str
    text: str
    speaker: Participant
    typed_by: str
    start_ms: int | None = None
    end_ms: int | None = None


def typed_caption(typed: TypedCaption, lesson: Lesson, now: datetime) -> EventDraft:
    """Return the `caption.final` of a typed caption; it is shown from now on if no time is told.

    Raises:
        InvalidInput: it ends before it begins.
    """
    start_ms = typed.start_ms
    if start_ms is None:
        elapsed = now - (lesson.started_at or now)
        start_ms = max(0, elapsed // timedelta(milliseconds=1))
    end_ms = start_ms + reading_ms(typed.text) if typed.end_ms is None else typed.end_ms
    if end_ms < start_ms:
        raise InvalidInput(
            "It lies before the start.", field="end_ms", fix="Send a later time, or leave it out."
        )
    data = CaptionFinal(
        caption_id=typed.id,
        track_id=None,
        participant_id=typed.speaker.id,
        participant_name=typed.speaker.name,
        role=typed.speaker.role,
        revision=1,
        start_ms=start_ms,
        end_ms=end_ms,
        text=typed.text,
        words=[],
        confidence=None,
        language=lesson.language,
        engine=HUMAN,
        model=HUMAN,
        finalised_at_ms=None,
        speech_end_ms=end_ms,
        typed_by=typed.typed_by,
    )
    return EventDraft(data, start_ms, subject=typed.speaker.id, id=typed.id)


def reading_ms(text: str) -> int:
    """Return how long a text has to stand to be read, in milliseconds."""
    return max(SHORTEST_MS, len(text) * 1_000 // READ_CHARACTERS_PER_SECOND)


def says_the_same(event: LearningEvent, typed: TypedCaption) -> bool:
    """Tell whether a stored event is this caption, sent before: its times may have been ours."""
    data = event.data
    if not isinstance(data, CaptionFinal) or data.engine != HUMAN:
        return False
    times = [(typed.start_ms, data.start_ms), (typed.end_ms, data.end_ms)]
    return (
        data.text == typed.text
        and data.participant_id == typed.speaker.id
        and data.typed_by == typed.typed_by
        and all(told in (None, stored) for told, stored in times)
    )
