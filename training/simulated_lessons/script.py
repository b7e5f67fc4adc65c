"""The script of a simulated lesson: what it does when, what the tutor says, and its polls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lessons.lesson_context import LessonContext

WINDOW_MS = 5_000
MINUTE_MS = 60_000

# Shortest and longest of each part, in seconds.
_LENGTHS_S: dict[LessonContext, tuple[int, int]] = {
    LessonContext.EXPLAINING: (100, 240),
    LessonContext.QUESTION_OPEN: (30, 60),
    LessonContext.INDIVIDUAL_WORK: (150, 360),
    LessonContext.GROUP_WORK: (120, 300),
    LessonContext.BREAK: (60, 150),
}
_ORDERS: tuple[tuple[LessonContext, ...], ...] = (
    (
        LessonContext.EXPLAINING,
        LessonContext.QUESTION_OPEN,
        LessonContext.INDIVIDUAL_WORK,
        LessonContext.EXPLAINING,
        LessonContext.QUESTION_OPEN,
        LessonContext.GROUP_WORK,
    ),
    (
        LessonContext.EXPLAINING,
        LessonContext.INDIVIDUAL_WORK,
        LessonContext.BREAK,
        LessonContext.EXPLAINING,
        LessonContext.QUESTION_OPEN,
        LessonContext.INDIVIDUAL_WORK,
    ),
    (
        LessonContext.GROUP_WORK,
        LessonContext.EXPLAINING,
        LessonContext.QUESTION_OPEN,
        LessonContext.INDIVIDUAL_WORK,
        LessonContext.QUESTION_OPEN,
        LessonContext.EXPLAINING,
    ),
    (
        LessonContext.INDIVIDUAL_WORK,
        LessonContext.QUESTION_OPEN,
        LessonContext.EXPLAINING,
        LessonContext.INDIVIDUAL_WORK,
        LessonContext.GROUP_WORK,
    ),
)
_TALK_SHARE = {
    LessonContext.EXPLAINING: 0.78,
    LessonContext.QUESTION_OPEN: 0.15,
    LessonContext.INDIVIDUAL_WORK: 0.08,
    LessonContext.GROUP_WORK: 0.06,
    LessonContext.BREAK: 0.04,
}
_SAID = (
    "The lowest common denominator of one sixth and one quarter is twelve.",
    "We multiply numerator and denominator by the same number.",
    "So three sixths and one half are the same amount.",
    "Look at the picture: the bar is cut into eight equal parts.",
    "Write it in your book, one line for each step.",
)
_ASKED = (
    "What is three quarters of twenty?",
    "Which of the two is larger, two thirds or three fifths?",
    "How would you start with this one?",
    "Who can tell me why we need the same denominator?",
)
POLL_EVERY_MS = (150_000, 300_000)
UNPLANNED = 0.15
TUTOR_NOT_HEARD = 0.06


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the lesson, on the lesson clock."""

    context: LessonContext
    start_ms: int
    end_ms: int

    @property
    def expected_quiet_ms(self) -> int:
        """How long a learner may well be quiet in it: most of a part of quiet work."""
        return 90_000 if self.context == LessonContext.INDIVIDUAL_WORK else 0


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the tutor says; a question waits for an answer."""

    start_ms: int
    end_ms: int
    text: str
    is_question: bool


@dataclass(frozen=True, slots=True)
class Script:
    """A lesson without its learners.

    Attributes:
        is_planned: whether the platform tells its plan, item by item.
        tutor_is_heard: whether the tutor's microphone reaches Lectern.
        polls_ms: when a poll opens.
    """

    segments: tuple[Segment, ...]
    utterances: tuple[Utterance, ...]
    polls_ms: tuple[int, ...]
    is_planned: bool
    tutor_is_heard: bool

    @property
    def end_ms(self) -> int:
        """Length of the lesson: a whole number of windows."""
        return self.segments[-1].end_ms

    @property
    def contexts(self) -> list[LessonContext]:
        """What the lesson does in each window."""
        return [
            segment.context
            for segment in self.segments
            for _ in range((segment.end_ms - segment.start_ms) // WINDOW_MS)
        ]

    def segment_at(self, at_ms: int) -> int:
        """Return the number of the part that a moment of the lesson lies in."""
        return next(number for number, each in enumerate(self.segments) if at_ms < each.end_ms)


def draw_script(generator: np.random.Generator) -> Script:
    """Draw a lesson of about a quarter of an hour to twenty-five minutes."""
    segments = tuple(_segments(generator))
    utterances = tuple(each for segment in segments for each in _speech(segment, generator))
    return Script(
        segments,
        utterances,
        tuple(_polls(segments, generator)),
        is_planned=bool(generator.random() >= UNPLANNED),
        tutor_is_heard=bool(generator.random() >= TUTOR_NOT_HEARD),
    )


def _segments(generator: np.random.Generator) -> Iterator[Segment]:
    start_ms = 0
    for context in _ORDERS[generator.integers(len(_ORDERS))]:
        shortest, longest = _LENGTHS_S[context]
        length_ms = int(generator.integers(shortest // 5, longest // 5 + 1)) * WINDOW_MS
        yield Segment(context, start_ms, start_ms + length_ms)
        start_ms += length_ms


def _speech(segment: Segment, generator: np.random.Generator) -> Iterator[Utterance]:
    """Yield the tutor's speech in one part: a share of it, and a question where one is open."""
    at_ms = segment.start_ms + int(generator.integers(500, 3_000))
    if segment.context == LessonContext.QUESTION_OPEN:
        yield Utterance(at_ms, at_ms + 3_000, str(generator.choice(_ASKED)), is_question=True)
        at_ms += 3_000 + int(generator.integers(8_000, 20_000))
    share = _TALK_SHARE[segment.context]
    while True:
        length_ms = int(generator.integers(2_000, 9_000))
        if at_ms + length_ms > segment.end_ms:
            return
        asks = bool(generator.random() < 0.12)
        text = str(generator.choice(_ASKED if asks else _SAID))
        yield Utterance(at_ms, at_ms + length_ms, text, asks)
        pause_ms = length_ms * (1 - share) / share
        at_ms += length_ms + int(generator.exponential(pause_ms)) + 400 + (6_000 if asks else 0)


def _polls(segments: tuple[Segment, ...], generator: np.random.Generator) -> Iterator[int]:
    at_ms = int(generator.integers(*POLL_EVERY_MS))
    while at_ms < segments[-1].end_ms - MINUTE_MS:
        context = next(each.context for each in segments if each.start_ms <= at_ms < each.end_ms)
        if context != LessonContext.BREAK:
            yield at_ms
        at_ms += int(generator.integers(*POLL_EVERY_MS))
