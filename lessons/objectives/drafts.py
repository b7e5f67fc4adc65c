"""A curriculum as a file tells it, before the store gives it ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lessons.errors import InvalidInput
from lessons.objectives.prerequisites import refuse_cycles

MAX_OBJECTIVES = 20_000
"""Most objectives of one curriculum; the largest published frameworks have about half of it."""

MAX_CODE_CHARACTERS = 200
MAX_STATEMENT_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class ObjectiveDraft:
    """One objective of a file.

    Attributes:
        code: its short name, unique in the curriculum; events may name the objective by it.
        statement: what is to be learnt, in a sentence.
        external_id: the identifier that its publisher gave it, or None.
        kind: the publisher's word for what it is ("Standard", "Strand", ...), or None.
        parent: code of the objective that it is a part of, or None.
        prerequisites: codes of what should be mastered first.
    """

    code: str
    statement: str
    external_id: str | None = None
    kind: str | None = None
    parent: str | None = None
    prerequisites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CurriculumDraft:
    """A curriculum of a file, checked: codes are unique, references exist, nothing goes round.

    Attributes:
        title: its name; None where the file has none.
        external_id: the identifier that its publisher gave it, or None.
        objectives: in the order of the file.
        passed_over: what the file says besides, and how often ("isRelatedTo": 12).

    Raises:
        InvalidInput: the objectives contradict each other; the field names where.
    """

    title: str | None
    external_id: str | None
    objectives: Sequence[ObjectiveDraft]
    passed_over: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < len(self.objectives) <= MAX_OBJECTIVES:
            raise InvalidInput(
                f"A curriculum has 1 to {MAX_OBJECTIVES} objectives, not {len(self.objectives)}.",
                field="objectives",
                fix="Import a larger one in parts, each as a curriculum of its own.",
            )
        _refuse_duplicates(self.objectives)
        _refuse_unknown_references(self.objectives)
        refuse_cycles(
            {objective.code: objective.prerequisites for objective in self.objectives},
            field="prerequisites",
            relation="is needed for",
        )
        parents = ((o.code, (o.parent,) if o.parent else ()) for o in self.objectives)
        refuse_cycles(dict(parents), field="parent", relation="contains")


def _refuse_duplicates(objectives: Sequence[ObjectiveDraft]) -> None:
    for code, count in Counter(objective.code for objective in objectives).items():
        if count > 1:
            raise InvalidInput(
                f"{count} objectives have the code {code!r}.",
                field="code",
                fix="Give each objective a code of its own.",
            )


def _refuse_unknown_references(objectives: Sequence[ObjectiveDraft]) -> None:
    codes = {objective.code for objective in objectives}
    for objective in objectives:
        for reference in objective.prerequisites:
            if reference not in codes:
                raise _unknown(objective.code, "prerequisites", reference)
        if objective.parent is not None and objective.parent not in codes:
            raise _unknown(objective.code, "parent", objective.parent)


def _unknown(code: str, field_name: str, reference: str) -> InvalidInput:
    return InvalidInput(
        f"Objective {code!r} names {reference!r}, which is not in the curriculum.",
        field=field_name,
        fix="Name objectives by their code, and include all that are named.",
    )
