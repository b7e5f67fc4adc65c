"""What models of talk tell of a lesson: a move to each caption, a reading to each exchange."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Protocol

from features.talk.overlap import words_of
from models.talk_moves.exchanges import ExchangeReader, ExchangeReading
from models.talk_moves.interface import CONTEXT_TURNS, Exchange, Role, Said, TalkMoveModel, Turn

FEWEST_STUDENT_WORDS = 5
"""Shorter turns of learners were not rated by anybody, and leave little to take up."""


class Spoken(Protocol):
    """A caption as it stands; one whose role is neither tutor nor learner is passed over."""

    @property
    def caption_id(self) -> str: ...  # noqa: D102
    @property
    def participant_id(self) -> str: ...  # noqa: D102
    @property
    def role(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class ObservedMove:
    """A move in a caption; `none` is never told.

    Attributes:
        confidence: how likely the move is.
    """

    caption_id: str
    participant_id: str
    move: str
    confidence: float


@dataclass(frozen=True, slots=True)
class ObservedExchange:
    """What a tutor made of what a learner said, with the captions that show it."""

    learner_id: str
    tutor_id: str
    learner_captions: tuple[str, ...]
    tutor_captions: tuple[str, ...]
    reading: ExchangeReading


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one person said without a break."""

    participant_id: str
    role: str
    captions: tuple[str, ...]
    text: str


def observed_moves(spoken: Sequence[Spoken], model: TalkMoveModel) -> list[ObservedMove]:
    """Return the moves in captions, which are in time, all in one call of the model."""
    heard = [(one, role) for one in spoken if (role := _role(one)) is not None]
    said = [Said(one.text, role) for one, role in heard]
    turns = [
        Turn(each.text, each.role, tuple(said[max(row - CONTEXT_TURNS, 0) : row]))
        for row, each in enumerate(said)
    ]
    return [
        ObservedMove(one.caption_id, one.participant_id, found.move, found.confidence)
        for (one, _), found in zip(heard, model.classify(turns), strict=True)
        if found.move != "none"
    ]


def observed_exchanges(spoken: Sequence[Spoken], model: ExchangeReader) -> list[ObservedExchange]:
    """Return the exchanges in captions, which are in time, all in one call of the model."""
    found = list(_exchanges(spoken))
    readings = model.read([Exchange(learner.text, tutor.text) for learner, tutor in found])
    return [
        ObservedExchange(
            learner.participant_id,
            tutor.participant_id,
            learner.captions,
            tutor.captions,
            reading,
        )
        for (learner, tutor), reading in zip(found, readings, strict=True)
    ]


def _role(spoken: Spoken) -> Role | None:
    return "tutor" if spoken.role == "tutor" else "learner" if spoken.role == "learner" else None


def _exchanges(spoken: Sequence[Spoken]) -> Iterator[tuple[_Turn, _Turn]]:
    """Yield each turn of a learner that has words enough, with the tutor's turn right after it."""
    for one, after in pairwise(_turns(spoken)):
        long_enough = len(words_of(one.text)) >= FEWEST_STUDENT_WORDS
        if one.role == "learner" and after.role == "tutor" and long_enough:
            yield one, after


def _turns(spoken: Sequence[Spoken]) -> Iterator[_Turn]:
    for (who, role), group in groupby(spoken, lambda one: (one.participant_id, one.role)):
        captions = list(group)
        yield _Turn(
            who,
            role,
            tuple(one.caption_id for one in captions),
            " ".join(one.text.strip() for one in captions),
        )
