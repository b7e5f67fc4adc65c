"""How lessons are built, counted: lengths of segments, what follows what, in which order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.segments.card import Durations, Habits
from training.lesson_link import NO_PROBLEM, OTHER_PROBLEM, LinkedLesson

_NARROWEST = 0.3
_FIRST = -1


def count_habits(lessons: Sequence[LinkedLesson]) -> Habits:
    """Return how lessons are built; every change is counted once more than it was seen."""
    lengths: dict[int, list[int]] = {_FIRST: [], 0: [], 1: [], 2: []}
    changes, lasts = np.ones((3, 3)), np.ones(3)
    steps = list[int]()
    for lesson in lessons:
        starts, kinds, problems = segments_of(lesson)
        ends = np.append(starts[1:], len(lesson.problem))
        for place, length in enumerate(ends - starts):
            lengths[int(kinds[place]) if place else _FIRST].append(int(length))
        np.add.at(changes, (kinds[:-1], kinds[1:]), 1)
        lasts[kinds[-1]] += 1
        known = problems[kinds == 2]
        steps += np.diff(known).tolist()
    forward = [step for step in steps if step > 0]
    first, talk, unknown, known_problem = (_durations(lengths[kind]) for kind in (_FIRST, 0, 1, 2))
    rows = (changes / changes.sum(axis=1, keepdims=True)).round(4).tolist()
    return Habits(
        durations=(first, talk, unknown, known_problem),
        changes=rows,
        lasts=tuple((lasts / lasts.sum()).round(4).tolist()),
        forward=round((len(forward) + 1) / (len(steps) + 2), 4),
        step=round(max(float(np.mean(forward)) if forward else 1.0, 1.05), 4),
    )


def segments_of(
    lesson: LinkedLesson,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the first row, the label (0, 1, 2 as in decoding) and the problem of each segment."""
    starts = np.append(0, np.flatnonzero(lesson.begins))
    problems = lesson.problem[starts]
    kinds = np.where(problems == NO_PROBLEM, 0, np.where(problems == OTHER_PROBLEM, 1, 2))
    return starts, kinds, problems


def _durations(lengths: Sequence[int]) -> Durations:
    logarithms = np.log(lengths) if lengths else np.array([3.0])
    return Durations(
        mean=round(float(logarithms.mean()), 4),
        deviation=round(max(float(logarithms.std()), _NARROWEST), 4),
    )
