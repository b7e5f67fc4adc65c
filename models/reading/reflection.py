"""How a tutor taught: moves, questions, wait, turns; beside that tutor's own earlier lessons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import NormalDist, fmean, median

from features.reading.cues import QuestionKind
from features.reading.material import Material
from features.reading.talk import teaching_share
from lessons.summary import PastReflection, Reflection
from models.reading.talk import NOTHING_TOLD, TalkReading
from models.talk_moves.exchanges import ExchangeReading

FEWEST_EXCHANGES = 3
"""Fewer say nothing of how somebody teaches."""

QUESTION_FROM, FOCUSING_FROM = -0.15, 0.9
"""On the scale of `FocusingModel`: where most raters said question, and focusing rather than
funnelling. On 400 exchanges that the network was not fitted on its readings are right .80 and .65
of the time (means over both sides of each bound)."""


PRESSES: Mapping[str, QuestionKind] = {
    "pressing_for_reasoning": "reason",
    "pressing_for_accuracy": "other",
}
"""Moves that ask something, and of which kind that is where no mark and no first word shows it.

Captions of engines that set no marks hide most questions within them, and such moves find some.
"""


def reflections_of(
    material: Material,
    talk: TalkReading = NOTHING_TOLD,
    past: Sequence[Reflection] = (),
) -> tuple[Reflection, ...]:
    """Return a reflection for everybody who taught and spoke.

    Args:
        talk: what models of talk told of the lesson.
        past: reflections of earlier lessons, of whomever.
    """
    spoke = {one.participant_id for one in material.utterances}
    tutors = [
        one.participant_id
        for one in material.people
        if one.role == "tutor" and one.participant_id in spoke
    ]
    return tuple(_reflection(material, tutor, talk, past) for tutor in tutors)


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
    material: Material, tutor: str, talk: TalkReading, past: Sequence[Reflection]
) -> Reflection:
    said = {one.caption_id for one in material.utterances if one.participant_id == tutor}
    asked = [one for one in material.questions if one.participant_id == tutor]
    waits = [one.wait_ms for one in asked if one.wait_ms is not None]
    moves = [one for one in talk.moves if one.caption_id in said]
    kinds: dict[str, str] = {
        one.caption_id: PRESSES[one.move] for one in moves if one.move in PRESSES
    } | {one.caption_id: one.kind for one in asked}
    learners = [one.participant_id for one in material.people if one.role == "learner"]
    answered = [one.reading for one in talk.exchanges or () if one.tutor_id == tutor]
    return Reflection(
        participant_id=tutor,
        moves=dict(sorted(Counter(one.move for one in moves).items())),
        talk_share=teaching_share(material.talk_ms, [tutor]),
        wait_time_ms_median=round(median(waits)) if waits else None,
        questions=len(kinds),
        questions_by_kind=dict(sorted(Counter(kinds.values()).items())),
        turns_by_learner={one: material.turns.get(one, 0) for one in learners},
        uptake_mean=uptake_of(answered),
        focusing_share=focusing_share_of(answered),
        past=past_of(tutor, past),
    )


def uptake_of(exchanges: Sequence[ExchangeReading]) -> float | None:
    """Return the mean uptake, 0..1; None where too few exchanges show it.

    A rater's z-score becomes the share of a normal scale that lies below it: 0.5 is what raters saw
    in the mean of their exchanges.
    """
    if len(exchanges) < FEWEST_EXCHANGES:
        return None
    return fmean(NormalDist().cdf(one.uptake) for one in exchanges)


def focusing_share_of(exchanges: Sequence[ExchangeReading]) -> float | None:
    """Return the share of questions to what learners said that focus; None where too few were."""
    questions = [one for one in exchanges if one.focusing >= QUESTION_FROM]
    if len(questions) < FEWEST_EXCHANGES:
        return None
    return fmean(one.focusing >= FOCUSING_FROM for one in questions)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return fmean(known) if known else None
