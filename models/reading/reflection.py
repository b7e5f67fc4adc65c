"""How a tutor taught: moves, questions, wait, turns; beside that tutor's own earlier lessons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median

from features.reading.material import Material
from features.reading.talk import teaching_share
from lessons.summary import PastReflection, Reflection
from models.reading.lesson_reading import Move


def reflections_of(
    material: Material,
    moves: Sequence[Move] = (),
    past: Sequence[Reflection] = (),
) -> tuple[Reflection, ...]:
    """Return a reflection for everybody who taught and spoke.

    Args:
        moves: talk moves that a model recognised; none without a model.
        past: reflections of earlier lessons, of whomever.
    """
    spoke = {one.participant_id for one in material.utterances}
    tutors = [
        one.participant_id
        for one in material.people
        if one.role == "tutor" and one.participant_id in spoke
    ]
    return tuple(_reflection(material, tutor, moves, past) for tutor in tutors)


def past_of(tutor: str, past: Sequence[Reflection]) -> PastReflection | None:
    """Return the means over a tutor's earlier lessons; None where there are none."""
    own = [one for one in past if one.participant_id == tutor]
    if not own:
        return None
    moved = Counter[str]()
    for one in own:
        moved.update(one.moves)
    total = moved.total()
    waits = [one.wait_time_ms_median for one in own if one.wait_time_ms_median is not None]
    return PastReflection(
        lessons=len(own),
        move_shares={move: count / total for move, count in sorted(moved.items())},
        talk_share=_mean([one.talk_share for one in own]),
        wait_time_ms_median=round(median(waits)) if waits else None,
        questions=fmean(one.questions for one in own),
        uptake_mean=_mean([one.uptake_mean for one in own]),
        focusing_share=_mean([one.focusing_share for one in own]),
    )


def _reflection(
    material: Material, tutor: str, moves: Sequence[Move], past: Sequence[Reflection]
) -> Reflection:
    said = {one.caption_id for one in material.utterances if one.participant_id == tutor}
    asked = [one for one in material.questions if one.participant_id == tutor]
    waits = [one.wait_ms for one in asked if one.wait_ms is not None]
    learners = [one.participant_id for one in material.people if one.role == "learner"]
    return Reflection(
        participant_id=tutor,
        moves=dict(sorted(Counter(one.move for one in moves if one.caption_id in said).items())),
        talk_share=teaching_share(material.talk_ms, [tutor]),
        wait_time_ms_median=round(median(waits)) if waits else None,
        questions=len(asked),
        questions_by_kind=dict(sorted(Counter(one.kind for one in asked).items())),
        turns_by_learner={one: material.turns.get(one, 0) for one in learners},
        past=past_of(tutor, past),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return fmean(known) if known else None
