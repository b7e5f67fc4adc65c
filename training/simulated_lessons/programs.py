"""Programs of behaviour that models are trained on: how a kind of learner spends a lesson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lessons.lesson_context import LessonContext
from models.engagement.states import (
    AWAY,
    DRIFTING,
    PARTICIPATING,
    READING_OR_THINKING,
    STRUGGLING_PRODUCTIVELY,
    STUCK,
    TAB_HIDDEN,
    WORKING,
)
from training.simulated_lessons.conduct import ORDINARY, Conduct

Weights = Mapping[str, float]

LISTENING: Weights = {READING_OR_THINKING: 0.68, PARTICIPATING: 0.12, WORKING: 0.12, DRIFTING: 0.08}
ASKED: Weights = {PARTICIPATING: 0.4, READING_OR_THINKING: 0.5, DRIFTING: 0.1}
PRACTISING: Weights = {
    WORKING: 0.58,
    READING_OR_THINKING: 0.14,
    STRUGGLING_PRODUCTIVELY: 0.16,
    STUCK: 0.06,
    DRIFTING: 0.06,
}
TOGETHER: Weights = {PARTICIPATING: 0.45, WORKING: 0.3, READING_OR_THINKING: 0.17, DRIFTING: 0.08}
RESTING: Weights = {AWAY: 0.45, DRIFTING: 0.25, TAB_HIDDEN: 0.2, READING_OR_THINKING: 0.1}

DWELL_S: Weights = {
    WORKING: 70,
    PARTICIPATING: 40,
    READING_OR_THINKING: 60,
    STRUGGLING_PRODUCTIVELY: 70,
    STUCK: 110,
    DRIFTING: 85,
    TAB_HIDDEN: 70,
    AWAY: 110,
}
"""Mean length of a spell in each state."""


@dataclass(frozen=True, slots=True)
class Program:
    """How one kind of learner spends a lesson.

    Attributes:
        name: as reports show it.
        habits: weights of states by what the lesson does; a spell's state is drawn by them.
        shifts: factors on weights, whatever the lesson does.
        tires: factor a minute on the weight of drifting.
        dwell_s: mean length of a spell, where it is not as for most.
        conducts: what shows in a state, where it is not as for most.
        leaving_shows: chance that going away is told by the connection or the platform.
        faces: people before the camera.
        has_photo: whether a photo stands before the camera: a face that never moves.
    """

    name: str
    habits: Mapping[LessonContext, Weights] = field(default_factory=dict)
    shifts: Weights = field(default_factory=dict)
    tires: float = 1.0
    dwell_s: Weights = field(default_factory=dict)
    conducts: Mapping[str, Conduct] = field(default_factory=dict)
    leaving_shows: float = 0.6
    faces: int = 1
    has_photo: bool = False

    def weights(self, context: LessonContext, minute: float) -> dict[str, float]:
        """Return the weight of each state while the lesson does `context`."""
        usual = self.habits.get(context) or ORDINARY_HABITS[context]
        weights = {state: usual.get(state, 0.0) for state in DWELL_S}
        for state, factor in self.shifts.items():
            weights[state] *= factor
        weights[DRIFTING] *= self.tires**minute
        return weights

    def dwell(self, state: str) -> float:
        """Return the mean length of a spell in seconds."""
        return self.dwell_s.get(state, DWELL_S[state])

    def conduct(self, state: str) -> Conduct:
        """Return what shows in a state."""
        return self.conducts.get(state, ORDINARY[state])


ORDINARY_HABITS: Mapping[LessonContext, Weights] = {
    LessonContext.EXPLAINING: LISTENING,
    LessonContext.QUESTION_OPEN: ASKED,
    LessonContext.INDIVIDUAL_WORK: PRACTISING,
    LessonContext.GROUP_WORK: TOGETHER,
    LessonContext.BREAK: RESTING,
}


def altered(state: str, **changes: float | bool) -> Conduct:
    """Return the ordinary conduct of a state with some of it changed."""
    return replace(ORDINARY[state], **changes)  # type: ignore[arg-type]  # fields by name


_QUIET = {"keys": 2.0, "chat": 0.0, "speech": 0.02, "hands": 0.0}
_ON_PAPER = {
    "active": 0.08, "keys": 0.3, "moves": 3.0, "edits": 0.0, "strokes": 0.0, "pages": 0.1,
    "screen": 0.25, "desk": 0.65, "hand_motion": 0.6,
}  # fmt: skip
_ELSEWHERE = {
    "active": 0.06, "keys": 0.2, "moves": 3.0, "edits": 0.0, "window_blurs": 1.2, "screen": 0.45,
    "desk": 0.2, "hand_motion": 0.35,
}  # fmt: skip
_JIGGLED = {
    "active": 1.0, "moves": 40.0, "keys": 0.0, "clicks": 0.0, "scrolls": 0.0,
    "window_blurs": 0.0, "is_machine": True,
}  # fmt: skip

TRAINING_PROGRAMS: tuple[Program, ...] = (
    Program("steady worker", shifts={DRIFTING: 0.4}),
    Program(
        "quiet good learner",
        shifts={PARTICIPATING: 0.12, READING_OR_THINKING: 1.6, STUCK: 0.3, DRIFTING: 0.3},
        dwell_s={READING_OR_THINKING: 150, WORKING: 110},
        conducts={
            READING_OR_THINKING: altered(
                READING_OR_THINKING, active=0.12, responds=0.95, right=0.95
            ),
            WORKING: altered(WORKING, active=0.45, right=0.95, **_QUIET),
        },
    ),
    Program("talker", shifts={PARTICIPATING: 2.5}, dwell_s={PARTICIPATING: 70}),
    Program(
        "help seeker",
        shifts={STUCK: 4.0, STRUGGLING_PRODUCTIVELY: 1.5},
        conducts={STUCK: altered(STUCK, chat=0.7, speech=1.0, hands=0.9, asks_for_help=0.85)},
    ),
    Program(
        "stuck and silent",
        shifts={STUCK: 6.0, STRUGGLING_PRODUCTIVELY: 1.3, PARTICIPATING: 0.4},
        dwell_s={STUCK: 150},
        conducts={
            STUCK: altered(STUCK, active=0.3, chat=0.0, speech=0.02, hands=0.0, asks_for_help=0.0)
        },
    ),
    Program(
        "struggler",
        shifts={STRUGGLING_PRODUCTIVELY: 3.5, STUCK: 1.8},
        dwell_s={STRUGGLING_PRODUCTIVELY: 120},
    ),
    Program("drifter", shifts={DRIFTING: 3.0, PARTICIPATING: 0.5}, tires=1.09),
    Program(
        "tab switcher",
        habits={each: {**usual, TAB_HIDDEN: 0.25} for each, usual in ORDINARY_HABITS.items()},
        shifts={DRIFTING: 1.4},
    ),
    Program(
        "leaver",
        habits={each: {**usual, AWAY: 0.18} for each, usual in ORDINARY_HABITS.items()},
        dwell_s={AWAY: 150},
    ),
    Program(
        "mouse jiggler",
        habits={each: {**usual, AWAY: 0.45} for each, usual in ORDINARY_HABITS.items()},
        shifts={DRIFTING: 3.0},
        dwell_s={AWAY: 160, DRIFTING: 150},
        conducts={
            AWAY: altered(AWAY, **_JIGGLED),
            DRIFTING: altered(DRIFTING, **_JIGGLED),
        },
        leaving_shows=0.0,
    ),
    Program(
        "note taker at a second screen",
        shifts={DRIFTING: 0.4, PARTICIPATING: 0.7},
        dwell_s={READING_OR_THINKING: 130},
        conducts={
            READING_OR_THINKING: altered(READING_OR_THINKING, **_ELSEWHERE, responds=0.93),
            WORKING: altered(WORKING, **_ELSEWHERE),
        },
    ),
    Program(
        "writer on paper",
        shifts={DRIFTING: 0.5},
        dwell_s={WORKING: 120},
        conducts={
            WORKING: altered(WORKING, **_ON_PAPER),
            STRUGGLING_PRODUCTIVELY: altered(STRUGGLING_PRODUCTIVELY, **_ON_PAPER),
        },
    ),
    Program(
        "two at one device",
        shifts={PARTICIPATING: 1.3},
        conducts={WORKING: altered(WORKING, active=0.85, right=0.65, speech=1.2)},
        faces=2,
    ),
    Program(
        "photo before the camera",
        habits={each: {**usual, AWAY: 0.5} for each, usual in ORDINARY_HABITS.items()},
        dwell_s={AWAY: 180},
        leaving_shows=0.0,
        has_photo=True,
    ),
)
"""The kinds of learners in the lessons that models are trained on."""
