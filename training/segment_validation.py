"""Cross-validation of segmentation by lesson: no network is asked of a lesson that it saw.

Weights of decoding are those set beforehand, or chosen on inner folds alone: for every outer fold
by scores of networks that saw neither the inner fold nor the outer one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from models.segments.card import DecodingWeights, Habits
from models.segments.decoding import Evidence, Span, decode
from training.lesson_link import LinkedLesson
from training.segment_fit import ReadLesson, SegmentModel, fit_model, read_lesson
from training.segment_habits import count_habits
from training.segment_scores import DivisionCounts, count_errors

FOLDS = 4
SEED = 20_261_126

START = DecodingWeights(
    boundary=1.0,
    threshold=1.5,
    duration=1.0,
    label=0.1,
    fit=0.4,
    fit_expected=1.0,
    number=1.0,
    change=1.0,
    order=0.5,
)
"""Set by hand, looking at the lessons that `looked_at` tells; a search begins here."""

START_WITHOUT = START.model_copy(update={"threshold": 4.0, "label": 0.3})
"""The same where the worksheet is not known: borders rest on the network alone."""

WITH_WORKSHEET: Mapping[str, Sequence[float]] = {
    "threshold": (0.5, 2.5),
    "fit": (0.25, 0.6),
    "duration": (0.5,),
    "number": (2.0,),
}
"""What is tried for each weight, one weight after the other, the others held."""

WITHOUT_WORKSHEET: Mapping[str, Sequence[float]] = {
    "threshold": (3.0, 5.0),
    "label": (0.1,),
    "duration": (0.5, 1.5),
}

SEARCHED_ON = 4
"""Weights are chosen on every fourth lesson: there are few of them, and decoding takes its time."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A lesson with what models that never saw it make of it."""

    lesson: LinkedLesson
    evidence: Evidence
    weights: DecodingWeights
    habits: Habits

    def spans(self) -> list[Span]:
        """Return how it is divided after its end."""
        return decode(self.evidence, self.weights, self.habits)


def errors_of(lesson: LinkedLesson, spans: Sequence[Span]) -> DivisionCounts:
    """Return what is wrong with the boundaries between spans."""
    told = np.zeros(len(lesson.begins), np.bool_)
    told[[span.start for span in spans[1:]]] = True
    return count_errors(lesson.begins, told)


@dataclass(frozen=True, slots=True)
class Validation:
    """What cross-validation gave.

    Attributes:
        with_worksheet, without: every lesson, with the worksheet's problems and without.
        weights, weights_without: what ships: chosen on all folds' scores, or set beforehand.
        looked_at: ids of lessons that were looked at when weights were set by hand.
    """

    with_worksheet: Sequence[Judged]
    without: Sequence[Judged]
    weights: DecodingWeights
    weights_without: DecodingWeights
    looked_at: frozenset[str]


def looked_at(lessons: int) -> NDArray[np.bool_]:
    """Return which lessons were looked at when weights were set by hand: one in five."""
    chosen: NDArray[np.bool_] = np.random.default_rng(SEED).permutation(lessons) % 5 == 0
    return chosen


def folds_of(lessons: int) -> NDArray[np.int64]:
    """Return the fold of each lesson."""
    return np.random.default_rng(SEED).permutation(lessons) % FOLDS


def cross_validate(
    lessons: Sequence[LinkedLesson],
    epochs: int,
    told: Callable[[str], None],
    *,
    search: bool = False,
) -> Validation:
    """Divide every lesson by models and weights that never saw it.

    Args:
        told: hears how it goes.
        search: choose weights on inner folds, which takes several times as long.
    """
    read = [read_lesson(lesson) for lesson in lessons]
    fold = folds_of(len(lessons))
    outer = []
    for held in range(FOLDS):
        told(f"network without fold {held}")
        model = _fit_without(lessons, read, fold, (held,), epochs)
        outer.append(_evidence(model, lessons, read, np.flatnonzero(fold == held)))
    inner = _inner_evidence(lessons, read, fold, epochs, told) if search else [{}] * FOLDS
    return validated(lessons, fold, outer, inner)


def validated(
    lessons: Sequence[LinkedLesson],
    fold: NDArray[np.int64],
    outer: Sequence[ByLesson],
    inner: Sequence[ByLesson],
) -> Validation:
    """Return what evidence makes of every lesson.

    Args:
        outer: of each fold's own lessons, by networks that saw none of them.
        inner: of the other folds' lessons, by networks that saw neither them nor the fold; where
            there are none, weights are those set beforehand.
    """
    judged: dict[bool, list[Judged]] = {True: [], False: []}
    for held, evidence in enumerate(outer):
        kept = np.flatnonzero(fold != held).tolist()
        habits = count_habits([lessons[each] for each in kept])
        for worksheet, sorted_out in judged.items():
            weights = choose_weights(lessons, inner[held], habits, worksheet=worksheet)
            for place, each in evidence.items():
                asked = each if worksheet else without_problems(each)
                sorted_out.append(Judged(lessons[place], asked, weights, habits))
    searched = {place: each for held in outer for place, each in held.items()} if inner[0] else {}
    habits = count_habits(lessons)
    seen = looked_at(len(lessons))
    return Validation(
        judged[True],
        judged[False],
        choose_weights(lessons, searched, habits, worksheet=True),
        choose_weights(lessons, searched, habits, worksheet=False),
        frozenset(each.lesson_id for each, was in zip(lessons, seen, strict=True) if was),
    )


ByLesson = Mapping[int, Evidence]


def _inner_evidence(
    lessons: Sequence[LinkedLesson],
    read: Sequence[ReadLesson],
    fold: NDArray[np.int64],
    epochs: int,
    told: Callable[[str], None],
) -> list[dict[int, Evidence]]:
    """Return for each held-out fold the evidence of all others' lessons."""
    inner: list[dict[int, Evidence]] = [{} for _ in range(FOLDS)]
    for one, other in combinations(range(FOLDS), 2):
        told(f"network without folds {one} and {other}")
        model = _fit_without(lessons, read, fold, (one, other), epochs)
        inner[one].update(_evidence(model, lessons, read, np.flatnonzero(fold == other)))
        inner[other].update(_evidence(model, lessons, read, np.flatnonzero(fold == one)))
    return inner


def _fit_without(
    lessons: Sequence[LinkedLesson],
    read: Sequence[ReadLesson],
    fold: NDArray[np.int64],
    held: Sequence[int],
    epochs: int,
) -> SegmentModel:
    kept = np.flatnonzero(~np.isin(fold, held)).tolist()
    return fit_model([lessons[each] for each in kept], [read[each] for each in kept], epochs)


def _evidence(
    model: SegmentModel,
    lessons: Sequence[LinkedLesson],
    read: Sequence[ReadLesson],
    places: NDArray[np.int64],
) -> dict[int, Evidence]:
    return {int(place): model.evidence(lessons[place], read[place]) for place in places}


def without_problems(evidence: Evidence) -> Evidence:
    """Return the evidence of a lesson whose worksheet nobody knows."""
    nothing = evidence.fit[:, :0]
    return Evidence(evidence.rows, nothing, nothing)


def choose_weights(
    lessons: Sequence[LinkedLesson], known: ByLesson, habits: Habits, *, worksheet: bool
) -> DecodingWeights:
    """Return the weights with the least Pk and WindowDiff together, or without evidence the set."""
    searched = [
        (lessons[place], each if worksheet else without_problems(each))
        for place, each in sorted(known.items())[::SEARCHED_ON]
    ]
    best = START if worksheet else START_WITHOUT
    if not searched:
        return best
    least = _error(searched, best, habits)
    for name, values in (WITH_WORKSHEET if worksheet else WITHOUT_WORKSHEET).items():
        tried = [best.model_copy(update={name: value}) for value in values]
        errors = [_error(searched, weights, habits) for weights in tried]
        if min(errors) < least:
            least, best = min(errors), tried[int(np.argmin(errors))]
    return best


def _error(
    lessons: Sequence[tuple[LinkedLesson, Evidence]], weights: DecodingWeights, habits: Habits
) -> float:
    counted = [errors_of(lesson, decode(evidence, weights, habits)) for lesson, evidence in lessons]
    return float(np.mean([each.pk + each.window_diff for each in counted]))
