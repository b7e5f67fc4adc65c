"""Programs of behaviour that no model is trained on: what it meets when the world is otherwise."""

from __future__ import annotations

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
from training.simulated_lessons.programs import ORDINARY_HABITS, Program, altered

UNSEEN_PROGRAMS: tuple[Program, ...] = (
    # Looks down at a phone as others look down at paper, and answers nothing.
    Program(
        "looks at a phone",
        shifts={DRIFTING: 5.0},
        dwell_s={DRIFTING: 120},
        conducts={
            DRIFTING: altered(
                DRIFTING, active=0.05, screen=0.15, desk=0.75, hand_motion=0.4, responds=0.15
            )
        },
    ),
    # Plays in a window beside the lesson's: much input now and then, no work.
    Program(
        "plays beside the lesson",
        shifts={DRIFTING: 4.0},
        dwell_s={DRIFTING: 130},
        conducts={
            DRIFTING: altered(
                DRIFTING, active=0.4, clicks=5, moves=22, screen=0.85, desk=0.05,
                hand_motion=0.3, window_blurs=3.0, responds=0.12, answers=0.0,
            )
        },
    ),
    # A script types in the learner's place; its counts are nearly perfect.
    Program(
        "typing script",
        habits={each: {**usual, AWAY: 0.4} for each, usual in ORDINARY_HABITS.items()},
        dwell_s={AWAY: 170},
        conducts={AWAY: altered(AWAY, active=1.0, keys=25, edits=25, is_machine=True)},
        leaving_shows=0.0,
    ),
    # Stuck without one wrong answer: goes back and forth between pages and writes nothing.
    Program(
        "stuck in the pages",
        shifts={STUCK: 6.0, STRUGGLING_PRODUCTIVELY: 0.6},
        dwell_s={STUCK: 150},
        conducts={
            STUCK: altered(
                STUCK, active=0.5, keys=0.5, edits=0.2, scrolls=4.0, pages=3.0, answers=0.15,
                chat=0.05, speech=0.1, hands=0.15,
            )
        },
    ),
    # Mutters along while working on paper.
    Program(
        "thinks aloud on paper",
        shifts={DRIFTING: 0.4, STRUGGLING_PRODUCTIVELY: 1.5},
        dwell_s={WORKING: 120},
        conducts={
            WORKING: altered(
                WORKING, active=0.06, keys=0.3, edits=0.0, strokes=0.0, speech=3.0,
                screen=0.2, desk=0.7, hand_motion=0.6,
            ),
            READING_OR_THINKING: altered(READING_OR_THINKING, speech=2.0),
        },
    ),
    # Cannot sit still, and works well.
    Program(
        "moves a lot and works well",
        shifts={DRIFTING: 0.3, STUCK: 0.4},
        conducts={
            state: altered(state, large_motion=0.55, face=0.7, screen=0.45, desk=0.15)
            for state in (WORKING, READING_OR_THINKING, PARTICIPATING)
        },
    ),
    # In and out of the lesson's tab for short whiles, and back for each question.
    Program(
        "looks things up",
        habits={each: {**usual, TAB_HIDDEN: 0.3} for each, usual in ORDINARY_HABITS.items()},
        shifts={DRIFTING: 0.3},
        dwell_s={TAB_HIDDEN: 25},
        conducts={TAB_HIDDEN: altered(TAB_HIDDEN, responds=0.8, latency_s=10)},
    ),
)  # fmt: skip
"""The kinds of learners that are only measured on."""
