"""One sentence of a summary: what it says, about and by whom, and what of the record shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from lessons.affect import affect_label_in

LONGEST_CLAIM = 1_000
MAX_CITED = 200
MAX_CITATIONS = 50

Identifier = Annotated[str, Field(min_length=1, max_length=200)]
"""An id that a platform or Lectern gave to something."""

LessonTime = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""A span, or a point on the lesson clock, in milliseconds."""

Confidence = Annotated[float, Field(ge=0, le=1)]

ClaimKind = Literal[
    "objective_covered",
    "taught",
    "response",
    "needs_reinforcement",
    "strong_moment",
    "open_question",
    "homework",
    "next_step",
    "not_observed",
]

_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_MENTION = re.compile(r"\{(par_[0-9A-Za-z_-]{1,196})\}")


def text_beyond_quotes(text: str) -> str:
    """Return what a text says itself, without what it quotes in “…” or "…"."""
    return _QUOTED.sub(" ", text)


def quotes_in(text: str) -> list[str]:
    """Return what a text quotes in “…” or "…", in its order and without the marks."""
    return [quoted[1:-1] for quoted in _QUOTED.findall(text)]


def _no_feeling_of_its_own(text: str) -> str:
    label = affect_label_in(text_beyond_quotes(text))
    if label is not None:
        raise PydanticCustomError(
            "affect_label",
            "'{label}' names an emotion, and Lectern infers none (EU AI Act, Article 5(1)(f)); "
            "what somebody said stands in quotation marks",
            {"label": label},
        )
    return text


ModelText = Annotated[
    str, Field(min_length=1, max_length=LONGEST_CLAIM), AfterValidator(_no_feeling_of_its_own)
]
"""A sentence by a model. It names no emotion, but for words that it quotes from the lesson."""


def mention(participant_id: str) -> str:
    """Return how a text mentions a participant: `{par_…}`, which a reader's page names.

    So no name is kept where its owner's key cannot destroy it.
    """
    return f"{{{participant_id}}}"


def named(text: str, names: Mapping[str, str], unknown: str = "somebody") -> str:
    """Return a text with the names of those whom it mentions.

    Args:
        names: by participant id; who is not in it was erased or is hidden from the reader.
    """
    return _MENTION.sub(lambda found: names.get(found.group(1), unknown), text)


def mentioned_in(text: str) -> frozenset[str]:
    """Return the ids of the participants whom a text mentions."""
    return frozenset(_MENTION.findall(text))


class SummaryPart(BaseModel):
    """The base of everything in a summary: fixed, and with no field that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Citation(SummaryPart):
    """What of the record shows a claim: captions, other events, and the span that they cover."""

    caption_ids: list[Identifier] = Field(
        default_factory=list, max_length=MAX_CITED, description="Captions, by their ids"
    )
    event_ids: list[Identifier] = Field(
        default_factory=list, max_length=MAX_CITED, description="Other events of the lesson"
    )
    start_ms: LessonTime = Field(description="Start of the span on the lesson clock")
    end_ms: LessonTime = Field(description="End of the span on the lesson clock")

    @model_validator(mode="after")
    def _cites_something(self) -> Self:
        if not (self.caption_ids or self.event_ids):
            raise ValueError("a citation needs caption_ids or event_ids")
        if self.end_ms < self.start_ms:
            raise ValueError("end_ms lies before start_ms")
        return self


class Claim(SummaryPart):
    """One sentence of a summary.

    It mentions people by id, as `mention` writes it. Whom it is about decides who reads it; whose
    words it tells decides under whose key it is sealed, and with whom it is erased. It has one such
    owner at most, so nobody's words outlast their own key.
    """

    claim_id: Identifier = Field(description="Its own id; a correction names it")
    text: ModelText = Field(description="The sentence; people stand in it as `{participant id}`")
    kind: ClaimKind = Field(description="What sort of thing it says")
    subject: Identifier | None = Field(
        default=None, description="Participant whom it is about; null: it is for all to read"
    )
    speaker: Identifier | None = Field(
        default=None, description="Participant whose words it quotes or tells"
    )
    title: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_CLAIM,
        description="Title of an objective, an exercise or an item of the plan that it has in "
        "quotation marks; nobody said that",
    )
    citations: list[Citation] = Field(
        min_length=1, max_length=MAX_CITATIONS, description="What shows it"
    )
    objective_id: Identifier | None = Field(default=None, description="Objective that it is about")
    confidence: Confidence = Field(description="Probability that the record supports it")
    status: Literal["grounded", "marked"] = Field(
        default="grounded", description="`marked`: a person should check it before relying on it"
    )
    reason: str | None = Field(
        default=None, max_length=LONGEST_CLAIM, description="Why it is marked; null: it is not"
    )
    corrected_by: Identifier | None = Field(
        default=None, description="Id of who wrote the sentence anew; null: nobody did"
    )

    @model_validator(mode="after")
    def _a_mark_has_its_reason(self) -> Self:
        if (self.status == "marked") != (self.reason is not None):
            raise ValueError("reason goes with the status marked, and with no other")
        return self

    @model_validator(mode="after")
    def _says_whose_words_it_quotes(self) -> Self:
        if self.speaker is None and self.quotes(self.text):
            raise ValueError("speaker has to name whose words are between the quotation marks")
        if self.speaker and self.subject and self.speaker != self.subject:
            raise ValueError("a sentence about one person quotes nobody else")
        return self

    @property
    def owner(self) -> str | None:
        """Id of the person under whose key it is sealed; None: it is the lesson's."""
        return self.speaker or self.subject

    def quotes(self, text: str) -> list[str]:
        """Return the words of somebody that a text in its place quotes: not its title."""
        return [quote for quote in quotes_in(text) if quote != self.title]
