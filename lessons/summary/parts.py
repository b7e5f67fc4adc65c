"""A summary taken apart by whose its sentences are, as the ledger seals it, and put together.

What is about one person, or in one person's words, is sealed under that person's key, so that it
goes with the person; the rest is the lesson's. Both directions are pure, and lose nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from pydantic import Field

from lessons.summary.claims import Claim, Identifier, SummaryPart
from lessons.summary.document import (
    MAX_CLAIMS,
    LearnerSummary,
    Reflection,
    SegmentSummary,
    SummaryDocument,
)

Section = Literal[
    "objective_claims",
    "reinforcement",
    "strong_moments",
    "open_questions",
    "homework",
    "next_plan",
    "not_observed",
    "segment",
]

LISTS: tuple[Section, ...] = (
    "objective_claims",
    "reinforcement",
    "strong_moments",
    "open_questions",
    "homework",
    "next_plan",
    "not_observed",
)
"""Lists of sentences that the document itself has."""


class PlacedClaim(SummaryPart):
    """A sentence about one person or in their words, and where in the document it stands."""

    section: Section = Field(description="List of the document that it is in")
    segment_id: Identifier | None = Field(default=None, description="Segment, of that section")
    place: int = Field(ge=0, le=MAX_CLAIMS, description="Its place in the list, from 0")
    claim: Claim = Field(description="The sentence")


class PersonalPart(SummaryPart):
    """All that one version of a summary says of one person, or in that person's words."""

    participant_id: Identifier = Field(description="Whose it is")
    learner: LearnerSummary | None = Field(default=None, description="How they responded")
    reflection: Reflection | None = Field(default=None, description="How they taught")
    claims: list[PlacedClaim] = Field(
        default_factory=list,
        max_length=MAX_CLAIMS,
        description="What else is about them, or in their words",
    )


def parted(document: SummaryDocument) -> tuple[SummaryDocument, list[PersonalPart]]:
    """Return what is the lesson's, and what is each person's, by their ids."""
    placed = list(_placed(document))
    learners = {learner.participant_id: learner for learner in document.learners}
    reflections = {one.participant_id: one for one in document.reflections}
    claimed = {one.claim.owner for one in placed if one.claim.owner is not None}
    parts = [
        PersonalPart(
            participant_id=person,
            learner=learners.get(person),
            reflection=reflections.get(person),
            claims=[one for one in placed if one.claim.owner == person],
        )
        for person in sorted(learners.keys() | reflections.keys() | claimed)
    ]
    return _of_the_lesson(document), parts


def assembled(lesson: SummaryDocument, parts: Iterable[PersonalPart]) -> SummaryDocument:
    """Return the document of the lesson's part and those people's parts that there still are."""
    known = sorted(parts, key=lambda part: part.participant_id)
    placed = [one for part in known for one in part.claims]
    changes: dict[str, object] = {
        name: _merged(getattr(lesson, name), [one for one in placed if one.section == name])
        for name in LISTS
    }
    segments = [_with_claims(segment, placed) for segment in lesson.segments]
    return lesson.model_copy(
        update={
            **changes,
            "segments": segments,
            "learners": [part.learner for part in known if part.learner is not None],
            "reflections": [part.reflection for part in known if part.reflection is not None],
        }
    )


def changed(
    document: SummaryDocument, change: Callable[[Sequence[Claim]], list[Claim]]
) -> SummaryDocument:
    """Return a document in which something was done to each of its lists of sentences."""
    lists: dict[str, object] = {name: change(getattr(document, name)) for name in LISTS}
    segments = [one.model_copy(update={"claims": change(one.claims)}) for one in document.segments]
    learners = [one.model_copy(update={"claims": change(one.claims)}) for one in document.learners]
    return document.model_copy(update={**lists, "segments": segments, "learners": learners})


def _placed(document: SummaryDocument) -> Iterator[PlacedClaim]:
    for name in LISTS:
        for place, claim in enumerate(getattr(document, name)):
            yield PlacedClaim(section=name, place=place, claim=claim)
    for segment in document.segments:
        for place, claim in enumerate(segment.claims):
            yield PlacedClaim(
                section="segment", segment_id=segment.segment_id, place=place, claim=claim
            )


def _of_the_lesson(document: SummaryDocument) -> SummaryDocument:
    bare = document.model_copy(update={"learners": [], "reflections": []})
    return changed(bare, lambda claims: [claim for claim in claims if claim.owner is None])


def _with_claims(segment: SegmentSummary, placed: Sequence[PlacedClaim]) -> SegmentSummary:
    own = [one for one in placed if one.section == "segment"]
    own = [one for one in own if one.segment_id == segment.segment_id]
    return segment.model_copy(update={"claims": _merged(segment.claims, own)})


def _merged(claims: Sequence[Claim], placed: Sequence[PlacedClaim]) -> list[Claim]:
    """Return the lesson's claims with people's put in at their places."""
    merged = list(claims)
    for one in sorted(placed, key=lambda one: one.place):
        merged.insert(one.place, one.claim)
    return merged
