"""What a writer of summaries is: a lesson that was read in, claims that cite it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lessons.summary import ClaimKind
from models.reading.lesson_reading import LessonReading


@dataclass(frozen=True, slots=True)
class DraftClaim:
    """One sentence that a writer wants to say, before anybody has verified it.

    Attributes:
        text: the sentence; it mentions people as `lessons.summary.mention` writes them.
        cites: ids of the captions and events that it rests on.
        subject: id of the person whom it is about or whose words it quotes; which of the two, and
            who may read it, `models.summaries.ownership` tells from the record.
        segment_id: segment of the lesson that it tells of, where it tells of one.
        confidence: the writer's own, in 0..1.
    """

    kind: ClaimKind
    text: str
    cites: tuple[str, ...]
    subject: str | None = None
    objective_id: str | None = None
    segment_id: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class ChatPrompt:
    """What an instruct model is to answer.

    Attributes:
        schema: JSON Schema that the answer keeps to.
    """

    instruction: str
    material: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer says of a lesson: its claims, the most important of each kind first.

    Attributes:
        language: that they are written in.
        refused: claims that the writer made and that had not even the right form.
    """

    claims: tuple[DraftClaim, ...]
    language: str
    refused: int = 0


class SummaryWriter(Protocol):
    """Writes the sentences of a summary. One call at a time."""

    @property
    def name(self) -> str:
        """`extractive`, or the name of a language model."""
        ...

    @property
    def version(self) -> str:
        """Version of the writer, for whoever reads an old summary."""
        ...

    def write(self, reading: LessonReading) -> Draft:
        """Write about a lesson; an empty draft of a lesson in which nothing was observed.

        Raises:
            Unavailable: what writes cannot be reached.
        """
        ...
