"""The order that prerequisites demand: a directed graph without cycles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from lessons.errors import InvalidInput

_SHOWN = 12
"""Most links of a cycle that an error spells out."""


def refuse_cycles(
    needs: Mapping[str, Collection[str]], *, field: str, relation: str = "is needed for"
) -> None:
    """Raise InvalidInput if something is needed for itself, naming one cycle.

    Args:
        needs: what each thing needs (or is part of), by name.
        field: the input at fault.
        relation: words between two links of the cycle that is named.
    """
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        # graphlib names a cycle as [a, b, ..., a], where each is needed by the next one.
        cycle: list[str] = error.args[1]
        links = cycle if len(cycle) <= _SHOWN else [*cycle[:_SHOWN], "...", cycle[-1]]
        raise InvalidInput(
            f"They go round in a circle: {f' {relation} '.join(map(repr, links))}.",
            field=field,
            fix="Take one of these links out.",
        ) from error
