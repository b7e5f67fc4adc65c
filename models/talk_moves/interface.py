"""What models of talk are: turns of a lesson in, chances of moves and published scales out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["tutor", "learner"]

TEACHER_MOVES = (
    "none",
    "keeping_everyone_together",
    "getting_students_to_relate",
    "restating",
    "revoicing",
    "pressing_for_accuracy",
    "pressing_for_reasoning",
)
"""What somebody who teaches can do with a turn, in this order (Suresh et al. 2022, table 1)."""

STUDENT_MOVES = (
    "none",
    "relating_to_another_student",
    "asking_for_more_information",
    "making_a_claim",
    "providing_evidence_or_reasoning",
)
"""What somebody who learns can do with a turn, in this order (Suresh et al. 2022, table 2)."""

CONTEXT_TURNS = 3
"""How many turns before the one at hand a model may read."""


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of somebody: a sentence, or a caption of one or a few."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn whose move is asked for.

    Attributes:
        before: the turns before it, the newest last; at most CONTEXT_TURNS are read.
    """

    text: str
    role: Role
    before: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a learner said, and what the tutor said next."""

    student: str
    teacher: str


@dataclass(frozen=True, slots=True)
class MoveProbabilities:
    """How likely each move of the turn's role is.

    Attributes:
        chances: by move, in the order of TEACHER_MOVES or STUDENT_MOVES; they sum to 1.
        move: the one to show: not always the likeliest, since rare ones are weighed up.
    """

    chances: Mapping[str, float]
    move: str

    @property
    def confidence(self) -> float:
        """How likely the shown move is."""
        return self.chances[self.move]


class TalkMoveModel(Protocol):
    """Tells the moves of turns. It keeps nothing between calls.

    Attributes:
        name: of the model, as signals carry it.
        version: of its weights or rules: another content has another version.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102

    def classify(self, turns: Sequence[Turn]) -> list[MoveProbabilities]:
        """Return the moves of turns, in their order."""
        ...


class UptakeModel(Protocol):
    """How much a tutor builds on what a learner said (Demszky et al. 2021).

    The scale is the one published: an average of raters' z-scores; 0 is the mean of their exchanges
    and 1 a standard deviation above it.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102

    def uptake(self, exchanges: Sequence[Exchange]) -> list[float]:
        """Return a z-score for each exchange."""
        ...


class FocusingModel(Protocol):
    """Whether a tutor's question focuses on the learner's thinking or funnels to an answer.

    The scale is the one published (Alic et al. 2022): an average of raters' z-scores; low is no
    question or none about the subject, above it funnelling, and high is focusing.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102

    def focusing(self, exchanges: Sequence[Exchange]) -> list[float]:
        """Return a z-score for each exchange."""
        ...


class OnTaskModel(Protocol):
    """Whether what a learner said is about the subject."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102

    def on_task(self, exchanges: Sequence[Exchange]) -> list[float]:
        """Return the chance for each exchange that its learner is on task."""
        ...
