"""Measures engagement models on learners that they were not fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from features.engagement import Modality
from models.engagement.interface import Array
from models.engagement.temporal import Comparison
from training.engagement_augmentation import DROPPED
from training.engagement_rows import LearnerRows, without
from training.engagement_scores import Scores, Told, gain, scores_of


class LessonModel(Protocol):
    """A model that tells a whole lesson's windows at once, as it would have one by one."""

    def over_lesson(self, values: Array) -> Array:
        """Return probabilities, shape (windows, states), of values (windows, features)."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """Learners to measure on.

    Attributes:
        known: of kinds that models are fitted on.
        unseen: of kinds that nothing is fitted on.
    """

    known: Sequence[LearnerRows]
    unseen: Sequence[LearnerRows]

    @property
    def everybody(self) -> list[LearnerRows]:
        """Both."""
        return [*self.known, *self.unseen]


def told_by(model: LessonModel, rows: Sequence[LearnerRows]) -> Told:
    """Return what a model says of each learner's windows, and what is true."""
    return Told(
        [each.truth for each in rows],
        [model.over_lesson(each.values) for each in rows],
    )


def compared(temporal: LessonModel, baseline: LessonModel, held: Held) -> Comparison:
    """Return how the temporal model compares, which is what its promotion rests on."""
    sets: Mapping[str, Sequence[LearnerRows]] = {
        "known": held.known,
        "unseen": held.unseen,
        **{each.value: without(held.everybody, [each]) for each in DROPPED},
    }
    gains = {
        name: gain(told_by(temporal, rows), told_by(baseline, rows)) for name, rows in sets.items()
    }
    return Comparison(
        held_out=gains["known"],
        unseen=gains["unseen"],
        missing={each.value: gains[each.value] for each in DROPPED},
    )


def by_group(model: LessonModel, rows: Sequence[LearnerRows]) -> dict[str, Scores]:
    """Return the scores of each simulated group of learners: the fairness slices."""
    groups = sorted({each.group for each in rows})
    return {
        group: scores_of(told_by(model, [each for each in rows if each.group == group]))
        for group in groups
    }


def by_missing(model: LessonModel, rows: Sequence[LearnerRows]) -> dict[str, Scores]:
    """Return the scores with nothing, and with each modality, missing of everybody."""
    missing: dict[str, Sequence[Modality]] = {"nothing": ()}
    missing |= {each.value: (each,) for each in Modality}
    missing |= {f"all but {each.value}": _others(each) for each in DROPPED}
    return {
        name: scores_of(told_by(model, without(rows, modalities)))
        for name, modalities in missing.items()
    }


def _others(kept: Modality) -> list[Modality]:
    return [each for each in DROPPED if each is not kept]
