"""A summary as one reader may see it, with the names of those whom its sentences mention."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from lessons.summary.claims import Claim, named
from lessons.summary.document import ComprehensionMoment, LearnerSummary, SummaryDocument
from lessons.summary.parts import changed


def seen_by(
    document: SummaryDocument, people: Collection[str] | None, tutors: Collection[str] | None
) -> SummaryDocument:
    """Return the part of a summary that somebody may see: what is about nobody, and their own.

    Whose words a sentence is in hides it from nobody: what a tutor taught is for all to read.

    Args:
        people: participants of whom they may read; None: of everybody.
        tutors: participants whose reflection they may read, which is their own; None: all.
    """

    def theirs(person: str) -> bool:
        return people is None or person in people

    seen = document.model_copy(
        update={
            "learners": [one for one in document.learners if theirs(one.participant_id)],
            "reflections": [
                one
                for one in document.reflections
                if theirs(one.participant_id) and (tutors is None or one.participant_id in tutors)
            ],
        }
    )
    return changed(seen, lambda claims: [c for c in claims if not c.subject or theirs(c.subject)])


def without_people(document: SummaryDocument, people: Collection[str]) -> SummaryDocument:
    """Return a summary in which nothing is about these participants, and none of their words."""
    left = document.model_copy(
        update={
            "learners": [one for one in document.learners if one.participant_id not in people],
            "reflections": [
                one for one in document.reflections if one.participant_id not in people
            ],
        }
    )
    return changed(left, lambda claims: [c for c in claims if not c.owner or c.owner not in people])


def with_names(document: SummaryDocument, names: Mapping[str, str]) -> SummaryDocument:
    """Return a summary whose sentences have people's names in them.

    Args:
        names: by participant id; who is not in it was erased.
    """
    told = changed(document, lambda claims: _named(claims, names))
    return told.model_copy(update={"learners": [_learner(one, names) for one in told.learners]})


def _learner(learner: LearnerSummary, names: Mapping[str, str]) -> LearnerSummary:
    return learner.model_copy(update={"moments": [_moment(one, names) for one in learner.moments]})


def _moment(moment: ComprehensionMoment, names: Mapping[str, str]) -> ComprehensionMoment:
    if moment.misconception is None:
        return moment
    return moment.model_copy(update={"misconception": named(moment.misconception, names)})


def _named(claims: Sequence[Claim], names: Mapping[str, str]) -> list[Claim]:
    return [claim.model_copy(update={"text": named(claim.text, names)}) for claim in claims]
