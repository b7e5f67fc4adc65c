"""The writer on a language model: part by part, then a choice among what it wrote.

It can cite nothing that is not in its part, for the schema that its answers are held to lists the
labels of that part. What can be counted (answers, time, what was not observed) is told by the
extractive writer. In the second round the model only chooses; it writes nothing anew, so nothing
loses its citations on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from pydantic import ValidationError

from lessons.summary import ClaimKind
from models.reading.lesson_reading import LessonReading
from models.summaries.answer_schema import (
    NOBODY,
    WRITTEN,
    Chosen,
    WrittenClaim,
    WrittenClaims,
    choice_schema,
    claims_schema,
)
from models.summaries.chunks import LONGEST_CHUNK, Chunk, Labels, chunks_of, labels_of
from models.summaries.extractive import ExtractiveWriter, writing_language
from models.summaries.interface import Draft, DraftClaim
from models.summaries.templates import Prompts

MOST_KEPT: Mapping[ClaimKind, int] = {
    "taught": 24,
    "response": 24,
    "strong_moment": 8,
    "open_question": 8,
    "homework": 6,
    "next_step": 6,
}
"""Claims of a kind past which the model chooses among them."""

MOST_OFFERED = 60
"""Claims among which it chooses at once."""


class ChatModel(Protocol):
    """A language model that answers in JSON of a schema. One call at a time."""

    @property
    def name(self) -> str:
        """Hub id, folder or name at its endpoint."""
        ...

    @property
    def version(self) -> str:
        """Of the library or the endpoint that runs it."""
        ...

    def answer(self, instruction: str, material: str, schema: Mapping[str, Any]) -> str:
        """Return the model's answer, JSON that the schema allows; cut off where it is too long.

        Raises:
            Unavailable: the model cannot be reached, or refuses.
        """
        ...


class LanguageModelWriter:
    """Writes with a language model.

    Args:
        model: that writes.
        longest_chunk: characters of a part; see `chunks_of`.
    """

    def __init__(self, model: ChatModel, longest_chunk: int = LONGEST_CHUNK) -> None:
        self._model = model
        self._longest = longest_chunk
        self._counting = ExtractiveWriter()

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._model.name

    @property
    def version(self) -> str:
        """Version of what runs the model."""
        return self._model.version

    def write(self, reading: LessonReading) -> Draft:
        """Write about a lesson; an answer in no right form counts as refused.

        Raises:
            Unavailable: the model cannot be reached.
        """
        prompts = Prompts(writing_language(reading.language))
        labels = labels_of(reading)
        written: list[DraftClaim] = []
        refused = 0
        for chunk in chunks_of(reading, labels, self._longest):
            claims = self._written(chunk, labels, prompts)
            refused += claims is None
            written += claims or []
        chosen = [one for kind in WRITTEN for one in self._chosen(written, kind, prompts)]
        counted = self._counting.write(reading)
        told = [
            one for one in counted.claims if one.kind not in WRITTEN or _is_counted(one, reading)
        ]
        return replace(counted, claims=(*chosen, *told), refused=refused)

    def _written(self, chunk: Chunk, labels: Labels, prompts: Prompts) -> list[DraftClaim] | None:
        schema = claims_schema(list(chunk.cites), list(labels.by_person.values()))
        said = self._model.answer(
            prompts.say("rules"), prompts.say("part", lines=chunk.lines), schema
        )
        try:
            answer = WrittenClaims.model_validate_json(said)
        except ValidationError:
            return None
        return [claim for one in answer.claims if (claim := _draft(one, chunk, labels)) is not None]

    def _chosen(
        self, claims: Sequence[DraftClaim], kind: ClaimKind, prompts: Prompts
    ) -> Iterator[DraftClaim]:
        """Give the claims of a kind; where there are too many, those that the model keeps."""
        own = [claim for claim in claims if claim.kind == kind]
        most = MOST_KEPT[kind]
        while len(own) > most:
            groups = [own[at : at + MOST_OFFERED] for at in range(0, len(own), MOST_OFFERED)]
            share = max(1, most // len(groups))
            kept = [one for group in groups for one in self._kept(group, share, prompts)]
            own = kept if len(kept) < len(own) else kept[:most]
        yield from own

    def _kept(self, claims: Sequence[DraftClaim], most: int, prompts: Prompts) -> list[DraftClaim]:
        by_label = {f"n{number}": claim for number, claim in enumerate(claims, start=1)}
        lines = [f"{label}: {claim.text}" for label, claim in by_label.items()]
        said = self._model.answer(
            prompts.say("choose", number=most),
            prompts.say("part", lines=lines),
            choice_schema(list(by_label), most),
        )
        try:
            keep = dict.fromkeys(Chosen.model_validate_json(said).keep)
        except ValidationError:
            return list(claims[:most])
        return [by_label[label] for label in keep if label in by_label][:most]


def _is_counted(claim: DraftClaim, reading: LessonReading) -> bool:
    """Tell whether a claim of the extractive writer rests on events alone."""
    captions = {one.caption_id for one in reading.utterances}
    return captions.isdisjoint(claim.cites)


def _draft(written: WrittenClaim, chunk: Chunk, labels: Labels) -> DraftClaim | None:
    """Return a claim with real ids; None where an endpoint did not keep to the labels."""
    lines = [one for one in written.cites if one in chunk.cites]
    known, subject = _subject(written, lines, chunk, labels)
    if not lines or not known or written.kind not in WRITTEN or not written.text.strip():
        return None
    return DraftClaim(
        written.kind,
        " ".join(labels.mentioned(written.text).split()),
        tuple(dict.fromkeys(chunk.cites[one] for one in lines)),
        subject,
    )


def _subject(
    written: WrittenClaim, lines: Sequence[str], chunk: Chunk, labels: Labels
) -> tuple[bool, str | None]:
    """Return whether it is clear whose claim it is, and whose: a learner's words have an owner."""
    if written.about != NOBODY:
        subject = labels.person(written.about)
        return subject is not None, subject
    speakers = {chunk.learners[one] for one in lines if one in chunk.learners}
    return len(speakers) < 2, next(iter(speakers), None)
