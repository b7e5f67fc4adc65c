"""What a learner's record calls for: its status in one word, and why an objective needs more work.

Every reason carries the evidence that it rests on; where there is too little of it, that is the
answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lessons.learning_record import Evidence, ObjectiveRecord
from models.mastery.knowledge_tracing import Mastery

MASTERED = 0.95
"""Probability from which Corbett and Anderson (1995) call an objective mastered."""

NEEDS_WORK = 0.5
"""Probability below which an objective is rather not known than known."""

ENOUGH_ANSWERS = 3
"""With fewer answers no claim is made of a learner."""

FORGOTTEN_SHARE = 0.75
"""An objective counts as fading where less than this share of its mastery is left."""

RECENT = 4
"""How many of the latest answers are looked at on their own."""


class Status(StrEnum):
    """Where a learner stands on an objective."""

    NOT_ENOUGH_EVIDENCE = "not_enough_evidence"
    NEEDS_REINFORCEMENT = "needs_reinforcement"
    DEVELOPING = "developing"
    MASTERED = "mastered"


class ReasonKind(StrEnum):
    """Why an objective needs reinforcement."""

    RECENT_MISTAKES = "recent_mistakes"
    LOW_MASTERY = "low_mastery"
    FADING = "fading"
    NOT_PRACTISED = "covered_but_not_practised"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in plain words, with what it rests on."""

    kind: ReasonKind
    text: str
    evidence: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A learner's record on an objective with what is believed of it.

    Attributes:
        now: mastery at this moment.
        then: mastery right after the last opportunity to practise.
        evidence: the latest evidence, newest first.
    """

    record: ObjectiveRecord
    now: Mastery
    then: Mastery
    evidence: Sequence[Evidence]

    @property
    def answers(self) -> int:
        """How many answers the estimate rests on."""
        return self.record.evidence_for + self.record.evidence_against


def status_of(estimate: Estimate) -> Status:
    """Return where the learner stands."""
    if estimate.answers < ENOUGH_ANSWERS:
        return Status.NOT_ENOUGH_EVIDENCE
    if estimate.now.estimate >= MASTERED:
        return Status.MASTERED
    return Status.NEEDS_REINFORCEMENT if reasons_for(estimate) else Status.DEVELOPING


def reasons_for(estimate: Estimate) -> list[Reason]:
    """Return why the objective needs reinforcement; nothing where it does not, or nobody knows."""
    record = estimate.record
    if record.covered and not record.practised:
        times = "once" if record.covered == 1 else f"in {record.covered} lessons"
        return [
            Reason(
                ReasonKind.NOT_PRACTISED,
                f"Covered {times} and never practised.",
                [each for each in estimate.evidence if each.kind == "covered"],
            )
        ]
    if estimate.answers < ENOUGH_ANSWERS or estimate.now.estimate >= MASTERED:
        return []
    found = (_recent_mistakes(estimate), _fading(estimate), _low(estimate))
    return [reason for reason in found if reason is not None]


def weak_prerequisites(
    objective_id: str, needs: Mapping[str, Sequence[str]], statuses: Mapping[str, Status]
) -> list[str]:
    """Return those direct prerequisites of an objective that need reinforcement themselves."""
    return [
        needed
        for needed in needs.get(objective_id, ())
        if statuses.get(needed) is Status.NEEDS_REINFORCEMENT
    ]


def _recent_mistakes(estimate: Estimate) -> Reason | None:
    latest = [each for each in estimate.evidence if each.kind == "answer"][:RECENT]
    wrong = [each for each in latest if (each.outcome or 0.0) < NEEDS_WORK]
    if len(wrong) * 2 < len(latest) or not wrong:
        return None
    return Reason(
        ReasonKind.RECENT_MISTAKES,
        f"{len(wrong)} of the latest {len(latest)} answers were wrong.",
        wrong,
    )


def _fading(estimate: Estimate) -> Reason | None:
    left = estimate.now.estimate / max(estimate.then.estimate, 1e-9)
    if estimate.then.estimate < NEEDS_WORK or left >= FORGOTTEN_SHARE:
        return None
    practised = [each for each in estimate.evidence if each.kind in ("answer", "practice")]
    when = f" since {estimate.record.practised_at:%d %B}" if estimate.record.practised_at else ""
    return Reason(
        ReasonKind.FADING,
        f"Not practised{when}: mastery has probably gone from {estimate.then.estimate:.0%} "
        f"to {estimate.now.estimate:.0%}.",
        practised[:1],
    )


def _low(estimate: Estimate) -> Reason | None:
    if estimate.now.estimate >= NEEDS_WORK or estimate.then.estimate >= NEEDS_WORK:
        return None
    return Reason(
        ReasonKind.LOW_MASTERY,
        f"Probably not known yet: mastery {estimate.now.estimate:.0%} "
        f"({estimate.now.low:.0%} to {estimate.now.high:.0%}) after {estimate.answers} answers.",
        [each for each in estimate.evidence if each.kind == "answer"][:RECENT],
    )
