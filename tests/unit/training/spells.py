"""Rows of a log of spells, in EPM's columns, made on the spot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

BEGAN = datetime(2014, 10, 2, 11, 25, 30, tzinfo=UTC)


def stamp(seconds: float) -> str:
    """Return a moment as EPM writes it: without leading zeros."""
    at = BEGAN + timedelta(seconds=seconds)
    return f"{at.day}.{at.month}.{at.year} {at.hour}:{at.minute}:{at.second}"


def row(
    learner: int,
    start_s: float,
    end_s: float,
    activity: str = "TextEditor_Es_1_1",
    session: int = 1,
    **counts: float,
) -> dict[str, str]:
    """Return a spell; whatever is not counted is zero."""
    names = ("idle_time", "mouse_wheel", "mouse_wheel_click", "mouse_click_left")
    zeros = dict.fromkeys((*names, "mouse_click_right", "mouse_movement", "keystroke"), 0.0)
    return {
        "session": str(session),
        "student_id": str(learner),
        "exercise": "Es_1_1",
        "activity": activity,
        "start_time": stamp(start_s),
        "end_time": stamp(end_s),
        **{name: str(amount) for name, amount in (zeros | counts).items()},
    }


def laboratory(learners: int = 10, spells: int = 60, seed: int = 4) -> list[dict[str, str]]:
    """Return a laboratory where who is off task turns the wheel, and who works types."""
    generator = np.random.default_rng(seed)
    rows = []
    for learner in range(1, learners + 1):
        at_s = float(generator.integers(0, 120))
        for _ in range(spells):
            off_task = generator.random() < 0.15
            length = float(generator.integers(20, 90))
            counts = (
                {"mouse_wheel": length, "mouse_click_left": length / 10}
                if off_task
                else {"keystroke": 2 * length, "idle_time": 100 * length}
            )
            activity = "Other" if off_task else "TextEditor_Es"
            rows.append(row(learner, at_s, at_s + length - 1, activity, session=1, **counts))
            at_s += length
    return rows
