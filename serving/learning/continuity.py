"""What earlier summaries say for the next lesson, and where they do not fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypedDict

from lessons.courses import Objective
from lessons.records import Lesson, Participant
from lessons.summary import Claim, SummaryDocument, named
from models.mastery.reinforcement import Estimate, Status, status_of
from serving.learning.continuity_views import (
    ClaimPlace,
    Contradiction,
    ContradictionKind,
    PastSummary,
    SummarySentence,
)
from serving.learning.views import LearnerName, ObjectiveName

MOST_SENTENCES = 20
"""Of one kind and one lesson in a briefing; the summary itself has all of them."""


@dataclass(frozen=True, slots=True)
class Summarised:
    """A lesson that has a summary, as it stands.

    Attributes:
        participants: everybody in the lesson, by participant id.
    """

    lesson: Lesson
    document: SummaryDocument
    participants: Mapping[str, Participant]

    def learner(self, claim: Claim) -> LearnerName | None:
        """Return the person whom a sentence is about; None for nobody in particular."""
        found = self.participants.get(claim.subject or "")
        return LearnerName(id=found.person_id, name=found.name) if found else None

    def text(self, claim: Claim) -> str:
        """Return a sentence with people's names in it."""
        return named(claim.text, {who: one.name for who, one in self.participants.items()})

    def place(self, claim: Claim) -> ClaimPlace:
        """Return where a sentence is to be found."""
        return ClaimPlace(
            lesson_id=self.lesson.id,
            lesson_title=self.lesson.title,
            claim_id=claim.claim_id,
            text=self.text(claim),
            **_shown_by(claim),
        )


def past_summary(past: Summarised, objectives: Mapping[str, Objective]) -> PastSummary:
    """Return what a summary has for the next lesson: needs, open questions, the plan."""
    document = past.document
    return PastSummary(
        summary_id=document.summary_id,
        version=document.version,
        needs=_sentences(past, document.reinforcement, objectives),
        open_questions=_sentences(past, document.open_questions, objectives),
        next_plan=_sentences(past, document.next_plan, objectives),
    )


def contradictions(
    past: Sequence[Summarised], estimates: Sequence[Estimate], objectives: Mapping[str, Objective]
) -> list[Contradiction]:
    """Return where summaries of a course's lessons, and the record, do not fit together.

    Each is shown, and none is decided: a person knows which of the two holds.

    Args:
        past: oldest first.
        estimates: what the record says of the learners now.
    """
    found = [*_not_taught(past, objectives), *_not_secure(past, objectives)]
    if past:
        found += _against_the_record(past[-1], estimates, objectives)
    return found


def _not_taught(
    past: Sequence[Summarised], objectives: Mapping[str, Objective]
) -> Iterator[Contradiction]:
    """Yield what one lesson planned for the next one, and that one did not address."""
    for earlier, later in pairwise(past):
        taught = {_id_of(one.objective_id, objectives) for one in later.document.objectives}
        for claim in earlier.document.next_plan:
            objective = _objective(claim, objectives)
            if objective is not None and objective.id not in taught:
                yield Contradiction(
                    kind=ContradictionKind.PLANNED_NOT_TAUGHT,
                    text=f"Planned in “{earlier.lesson.title}”, and not addressed in "
                    f"“{later.lesson.title}”.",
                    objective=ObjectiveName.of(objective),
                    learner=None,
                    earlier=earlier.place(claim),
                    later=None,
                )


def _not_secure(
    past: Sequence[Summarised], objectives: Mapping[str, Objective]
) -> Iterator[Contradiction]:
    """Yield what went well for a learner in one lesson, and needs work after a later one."""
    strong: dict[tuple[str, str], tuple[Summarised, Claim]] = {}
    for lesson in past:
        for claim in lesson.document.reinforcement:
            key = _key(lesson, claim, objectives)
            if key is None or key not in strong:
                continue
            before, moment = strong.pop(key)
            yield Contradiction(
                kind=ContradictionKind.WENT_WELL_BEFORE,
                text=f"Went well in “{before.lesson.title}”, and needs reinforcement after "
                f"“{lesson.lesson.title}”.",
                objective=ObjectiveName.of(objectives[key[1]]),
                learner=lesson.learner(claim),
                earlier=before.place(moment),
                later=lesson.place(claim),
            )
        for claim in lesson.document.strong_moments:
            key = _key(lesson, claim, objectives)
            if key is not None:
                strong[key] = (lesson, claim)


def _against_the_record(
    newest: Summarised, estimates: Sequence[Estimate], objectives: Mapping[str, Objective]
) -> Iterator[Contradiction]:
    """Yield what the newest summary says needs work, and the record says is mastered."""
    mastered = {
        (each.record.person_id, each.record.objective_id)
        for each in estimates
        if status_of(each) is Status.MASTERED
    }
    for claim in newest.document.reinforcement:
        key = _key(newest, claim, objectives)
        if key is not None and key in mastered:
            yield Contradiction(
                kind=ContradictionKind.RECORD_SAYS_MASTERED,
                text=f"Needs reinforcement after “{newest.lesson.title}”; by the answers in the "
                "record it is mastered.",
                objective=ObjectiveName.of(objectives[key[1]]),
                learner=newest.learner(claim),
                earlier=None,
                later=newest.place(claim),
            )


def _sentences(
    past: Summarised, claims: Sequence[Claim], objectives: Mapping[str, Objective]
) -> list[SummarySentence]:
    return [
        SummarySentence(
            claim_id=claim.claim_id,
            text=past.text(claim),
            learner=past.learner(claim),
            objective=ObjectiveName.of(objective)
            if (objective := _objective(claim, objectives))
            else None,
            is_marked=claim.status == "marked",
            **_shown_by(claim),
        )
        for claim in claims[:MOST_SENTENCES]
    ]


class _Evidence(TypedDict):
    caption_ids: list[str]
    event_ids: list[str]
    lesson_time_ms: int


def _shown_by(claim: Claim) -> _Evidence:
    """Return what of the lesson's record shows a sentence, and where that begins."""
    return _Evidence(
        caption_ids=[one for cited in claim.citations for one in cited.caption_ids],
        event_ids=[one for cited in claim.citations for one in cited.event_ids],
        lesson_time_ms=min(cited.start_ms for cited in claim.citations),
    )


def _key(
    lesson: Summarised, claim: Claim, objectives: Mapping[str, Objective]
) -> tuple[str, str] | None:
    """Return the person and the objective that a sentence is about; None without one of them."""
    learner, objective = lesson.learner(claim), _objective(claim, objectives)
    return (learner.id, objective.id) if learner and objective else None


def _objective(claim: Claim, objectives: Mapping[str, Objective]) -> Objective | None:
    found = _id_of(claim.objective_id or "", objectives)
    return objectives.get(found)


def _id_of(name: str, objectives: Mapping[str, Objective]) -> str:
    """Return the id of an objective that may be named by its code, as events do."""
    if name in objectives:
        return name
    return next((one.id for one in objectives.values() if one.code == name), name)
