"""What the platform tells of a simulated learner: work, pages, chat, hands, polls, presence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lessons.events import (
    AssessmentItemAnswered,
    AssessmentStarted,
    AssessmentSubmitted,
    ChatPosted,
    ContentOpened,
    HandLowered,
    HandRaised,
    ParticipantJoined,
    ParticipantLeft,
    PollAnswered,
    PresenceChanged,
    WhiteboardStrokesDrawn,
)
from lessons.lesson_context import LessonContext
from lessons.roles import Role
from models.engagement.states import AWAY, STATES, STUCK
from training.simulated_lessons.happenings import Attendance, Happening, Window, happens, within
from training.simulated_lessons.script import WINDOW_MS
from training.simulated_lessons.trajectory import CUT_OFF_MS

EXERCISES_OPEN = frozenset({LessonContext.INDIVIDUAL_WORK, LessonContext.GROUP_WORK})
HELP_WORDS = (
    "I don't understand this one",
    "can you help me with number 3?",
    "how do I start?",
    "I'm stuck, what do I do here?",
    "what does denominator mean?",
)
OTHER_WORDS = ("it is twelve", "three quarters", "yes", "I multiplied both", "done with the page")
POLL_OPEN_MS = 45_000
JOINED_MS = 1_000


def platform_happenings(
    attendance: Attendance, generator: np.random.Generator
) -> Iterator[Happening]:
    """Yield what the platform tells of one learner."""
    yield from _presence(attendance, generator)
    yield from _tasks(attendance)
    yield from _work(attendance, generator)
    yield from _pages(attendance, generator)
    yield from _polls(attendance, generator)
    for window in attendance.windows():
        yield from _group_tools(attendance, window, generator)


def _presence(attendance: Attendance, generator: np.random.Generator) -> Iterator[Happening]:
    learner = attendance.learner
    yield _joined(attendance, JOINED_MS)
    cut = [spell for spell in learner.equipment.offline_ms if spell[1] - spell[0] > CUT_OFF_MS]
    for start_ms, end_ms in cut:
        left = ParticipantLeft(participant_id=learner.participant_id, reason="connection lost")
        yield Happening(start_ms + CUT_OFF_MS // 2, left, learner.participant_id)
        yield _joined(attendance, end_ms)
    for start_ms, end_ms in attendance.spells(AWAY):
        is_cut = any(start <= end_ms and start_ms <= end for start, end in cut)
        if is_cut or generator.random() >= learner.program.leaving_shows:
            continue
        told_ms = start_ms + int(generator.integers(1_000, 15_000))
        if told_ms >= end_ms:
            continue
        if generator.random() < 0.5:
            left = ParticipantLeft(participant_id=learner.participant_id, reason="left")
            yield Happening(told_ms, left, learner.participant_id)
            yield _joined(attendance, end_ms)
        else:
            away, back = PresenceChanged(state="away"), PresenceChanged(state="present")
            yield Happening(told_ms, away, learner.participant_id)
            yield Happening(end_ms, back, learner.participant_id)


def _joined(attendance: Attendance, at_ms: int) -> Happening:
    identity = attendance.learner.participant_id
    joined = ParticipantJoined(participant_id=identity, name=identity, role=Role.LEARNER)
    return Happening(at_ms, joined, identity)


def _tasks(attendance: Attendance) -> Iterator[Happening]:
    """Yield when exercises open and are taken in, for everybody alike."""
    for number, segment in enumerate(attendance.script.segments):
        if segment.context in EXERCISES_OPEN:
            name = f"exercises-{number}"
            started = AssessmentStarted(assessment_id=name)
            yield Happening(segment.start_ms, started, attendance.learner.participant_id)
            submitted = AssessmentSubmitted(assessment_id=name)
            yield Happening(segment.end_ms, submitted, attendance.learner.participant_id)


def _work(attendance: Attendance, generator: np.random.Generator) -> Iterator[Happening]:
    """Yield answers to exercises: the next item after a right one, often the same after a wrong."""
    learner = attendance.learner
    item, attempt, last_ms = 1, 0, 0
    for window in attendance.windows():
        conduct = window.conduct
        rate = conduct.answers / learner.tempo[2]
        if window.context not in EXERCISES_OPEN or not happens(rate, generator):
            continue
        again = attempt > 0 and generator.random() < conduct.retries
        item, attempt = (item, attempt + 1) if again else (item + 1, 1)
        at_ms = within(window, generator)
        answered = AssessmentItemAnswered(
            assessment_id=f"exercises-{attendance.script.segment_at(at_ms)}",
            item_id=f"item-{item}",
            attempt=attempt,
            correct=bool(generator.random() < conduct.right),
            duration_ms=max(0, at_ms - last_ms),
            objective_id="fractions.add",
            hints=int(generator.poisson(conduct.hints)),
        )
        last_ms = at_ms
        yield Happening(at_ms, answered, learner.participant_id)


def _pages(attendance: Attendance, generator: np.random.Generator) -> Iterator[Happening]:
    """Yield pages as they are opened: forward as a rule, back and forth by who is stuck."""
    page = 1
    for window in attendance.windows():
        if not happens(window.conduct.pages, generator):
            continue
        before = page
        back = generator.random() < (0.75 if window.state == STUCK else 0.2)
        page = max(1, page - 1) if back and page > 1 else page + 1
        opened = ContentOpened(
            content_id=f"page-{page}", kind="page", previous_content_id=f"page-{before}"
        )
        yield Happening(within(window, generator), opened, attendance.learner.participant_id)


def _polls(attendance: Attendance, generator: np.random.Generator) -> Iterator[Happening]:
    learner = attendance.learner
    for number, opened_ms in enumerate(attendance.script.polls_ms):
        conduct = learner.program.conduct(STATES[attendance.states[opened_ms // WINDOW_MS]])
        wait_ms = int(generator.gamma(3.0, conduct.latency_s * learner.tempo[2] * 1000 / 3.0))
        if generator.random() >= conduct.responds or wait_ms > POLL_OPEN_MS:
            continue
        right = generator.random() < conduct.right
        answered = PollAnswered(
            poll_id=f"poll-{number}", options=[0 if right else 1], response_time_ms=wait_ms
        )
        if opened_ms + wait_ms < attendance.script.end_ms:
            yield Happening(opened_ms + wait_ms, answered, learner.participant_id)


def _group_tools(
    attendance: Attendance, window: Window, generator: np.random.Generator
) -> Iterator[Happening]:
    learner, conduct = attendance.learner, window.conduct
    if happens(conduct.strokes * 2, generator):
        strokes = 1 + int(generator.poisson(3))
        drawn = WhiteboardStrokesDrawn(board_id="board", strokes=strokes, points=strokes * 30)
        yield Happening(window.end_ms, drawn, learner.participant_id)
    if happens(conduct.chat, generator):
        asks = generator.random() < conduct.asks_for_help
        text = str(generator.choice(HELP_WORDS if asks else OTHER_WORDS))
        at_ms = within(window, generator)
        posted = ChatPosted(message_id=f"chat-{at_ms}", characters=len(text), text=text)
        yield Happening(at_ms, posted, learner.participant_id)
    if happens(conduct.hands, generator):
        at_ms = within(window, generator)
        yield Happening(at_ms, HandRaised(), learner.participant_id)
        lowered_ms = min(at_ms + int(generator.integers(4_000, 40_000)), attendance.script.end_ms)
        yield Happening(lowered_ms, HandLowered(), learner.participant_id)
