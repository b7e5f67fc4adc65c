"""A whole simulated lesson: a script, its learners, everything that comes in, and the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lessons.events import (
    LessonPlanItemStarted,
    LessonStarted,
    ParticipantJoined,
    PollClosed,
    PollOpened,
)
from lessons.roles import Role
from training.simulated_lessons.browser import browser_happenings
from training.simulated_lessons.camera import camera_happenings
from training.simulated_lessons.delivery import Arrival, deliver
from training.simulated_lessons.happenings import Attendance, Happening
from training.simulated_lessons.learners import SimulatedLearner, draw_learner
from training.simulated_lessons.platform import POLL_OPEN_MS, platform_happenings
from training.simulated_lessons.programs import Program
from training.simulated_lessons.script import Script, draw_script
from training.simulated_lessons.trajectory import true_states
from training.simulated_lessons.voice import TUTOR, tutor_happenings, voice_happenings

LEARNERS = (3, 7)
"""Fewest and, less one, most learners of a lesson."""


@dataclass(frozen=True, slots=True)
class SimulatedLesson:
    """One lesson.

    Attributes:
        arrivals: in the order in which they come.
        learners: by id of the participant.
        truth: by id of the participant, the index in `STATES` of each window, shape (windows,).
    """

    lesson_id: str
    script: Script
    arrivals: Sequence[Arrival]
    learners: Mapping[str, SimulatedLearner]
    truth: Mapping[str, NDArray[np.int8]]


def simulate_lesson(lesson_id: str, programs: Sequence[Program], seed: int) -> SimulatedLesson:
    """Let learners of some kinds attend a lesson; the same seed gives the same lesson."""
    generator = np.random.default_rng(seed)
    script = draw_script(generator)
    learners = [
        draw_learner(f"{lesson_id}-learner-{number}", programs, script.end_ms, generator)
        for number in range(generator.integers(*LEARNERS))
    ]
    truth = dict[str, NDArray[np.int8]]()
    happenings = list(_lesson_happenings(script))
    for learner in learners:
        states = true_states(learner, script, generator)
        truth[learner.participant_id] = states
        attendance = Attendance(learner, script, states)
        happenings += browser_happenings(attendance, generator)
        happenings += platform_happenings(attendance, generator)
        happenings += voice_happenings(attendance, generator)
        happenings += camera_happenings(attendance, generator)
    equipment = {each.participant_id: each.equipment for each in learners}
    arrivals = deliver(lesson_id, happenings, equipment, generator)
    return SimulatedLesson(
        lesson_id, script, arrivals, {each.participant_id: each for each in learners}, truth
    )


def _lesson_happenings(script: Script) -> Iterator[Happening]:
    yield Happening(0, LessonStarted(title="Simulated", language="en"))
    tutor = ParticipantJoined(participant_id=TUTOR, name="Tutor", role=Role.INSTRUCTOR)
    yield Happening(0, tutor, TUTOR)
    if script.is_planned:
        for number, segment in enumerate(script.segments):
            yield Happening(
                segment.start_ms,
                LessonPlanItemStarted(
                    item_id=f"item-{number}",
                    title=segment.context.replace("_", " "),
                    mode=segment.context,
                    expected_quiet_ms=segment.expected_quiet_ms,
                ),
            )
    for number, opened_ms in enumerate(script.polls_ms):
        poll = PollOpened(
            poll_id=f"poll-{number}",
            question="Which is larger?",
            options=["2/3", "3/5"],
            correct_options=[0],
        )
        yield Happening(opened_ms, poll)
        yield Happening(opened_ms + POLL_OPEN_MS, PollClosed(poll_id=f"poll-{number}"))
    yield from tutor_happenings(script)
