"""A summary as one reader may see it, with the names of those whom its sentences mention."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from lessons.summary.claims import Claim, named
from lessons.summary.document import ComprehensionMoment, LearnerSummary, SummaryDocument
from lessons.summary.parts import LISTS, assembled, parted


def seen_by(
    document: SummaryDocument, people: Collection[str] | None, tutors: Collection[str] | None
) -> SummaryDocument:
    """Return the part of a summary that somebody may see.

    Args:
        people: participants of whom they may read; None: of everybody.
        tutors: participants whose reflection they may read, which is their own; None: all.
    """
    lesson, parts = parted(document)
    kept = [
        part.model_copy(
            update={
                "reflection": part.reflection
                if tutors is None or part.participant_id in tutors
                else None
            }
        )
        for part in parts
        if people is None or part.participant_id in people
    ]
    return assembled(lesson, kept)


def without_people(document: SummaryDocument, people: Collection[str]) -> SummaryDocument:
    """Return a summary in which nothing is about these participants."""
    lesson, parts = parted(document)
    return assembled(lesson, [part for part in parts if part.participant_id not in people])


def with_names(document: SummaryDocument, names: Mapping[str, str]) -> SummaryDocument:
    """Return a summary whose sentences have people's names in them.

    Args:
        names: by participant id; who is not in it was erased.
    """
    lists: dict[str, object] = {name: _named(getattr(document, name), names) for name in LISTS}
    segments = [
        one.model_copy(update={"claims": _named(one.claims, names)}) for one in document.segments
    ]
    learners = [_learner(one, names) for one in document.learners]
    return document.model_copy(update={**lists, "segments": segments, "learners": learners})


def _learner(learner: LearnerSummary, names: Mapping[str, str]) -> LearnerSummary:
    moments = [_moment(one, names) for one in learner.moments]
    return learner.model_copy(update={"claims": _named(learner.claims, names), "moments": moments})


def _moment(moment: ComprehensionMoment, names: Mapping[str, str]) -> ComprehensionMoment:
    if moment.misconception is None:
        return moment
    return moment.model_copy(update={"misconception": named(moment.misconception, names)})


def _named(claims: Sequence[Claim], names: Mapping[str, str]) -> list[Claim]:
    return [claim.model_copy(update={"text": named(claim.text, names)}) for claim in claims]
