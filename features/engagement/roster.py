"""Who is in the lesson, in which role, and the newest events behind what is known of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from features.engagement.table import LearnerTable
from lessons.roles import Role

NEWEST = 3
"""Ids of events that are kept for each kind."""

TEACHING: frozenset[Role] = frozenset({Role.INSTRUCTOR, Role.TEACHING_ASSISTANT})


class Roster:
    """Participants of a lesson; learners get a column of the table when they first do something.

    Whose role is not known is no learner: a tutor's doing must not be taken for a learner's. Of who
    refuses signals nothing is read or told; if they consent later, they get a new column.

    Args:
        table: where the learners' columns are.
        roles: of participants as far as the caller knows them beforehand.
    """

    def __init__(self, table: LearnerTable, roles: Mapping[str, Role]) -> None:
        self._table = table
        self._roles = dict(roles)
        self._columns: dict[str, int] = {}
        self._newest: list[dict[str, tuple[str, ...]]] = []
        self._refused: set[str] = set()
        self.learners: list[str] = []

    def know(self, participant_id: str, role: Role) -> None:
        """Take note of somebody's role."""
        self._roles[participant_id] = role

    def know_if_unknown(self, participant_id: str, role: Role) -> None:
        """Take note of a role that an event tells by the way."""
        self._roles.setdefault(participant_id, role)

    @property
    def refused(self) -> Collection[str]:
        """Participants of whom nothing is told."""
        return self._refused

    def refuse(self, participant_id: str) -> None:
        """Forget a participant, and tell nothing of them from here on."""
        self._refused.add(participant_id)
        column = self._columns.pop(participant_id, None)
        if column is not None:
            self._newest[column] = {}
            self._table.forget(column)

    def allow(self, participant_id: str) -> None:
        """Tell of a participant again, as of somebody who comes now."""
        self._refused.discard(participant_id)

    def teaches(self, participant_id: str) -> bool:
        """Tell whether somebody teaches in this lesson."""
        return self._roles.get(participant_id) in TEACHING

    @property
    def teaching(self) -> Iterable[str]:
        """Everybody who teaches."""
        return (one for one, role in self._roles.items() if role in TEACHING)

    @property
    def told_of(self) -> Iterator[tuple[int, str]]:
        """Every learner of whom may be told, with their column."""
        return ((column, one) for one, column in self._columns.items() if self.is_learner(one))

    def is_learner(self, participant_id: str) -> bool:
        """Tell whether somebody is a learner now."""
        return self._roles.get(participant_id) is Role.LEARNER

    def column(self, participant_id: str | None) -> int | None:
        """Return the column of a learner who is known to be in the lesson; None for others."""
        return None if participant_id is None else self._columns.get(participant_id)

    def enter(self, participant_id: str | None, at_ms: float) -> int | None:
        """Return the column of a learner who does something; None where it is no learner.

        Who left and does something is there still, on another device or connection.
        """
        if participant_id is None or not self.is_learner(participant_id):
            return None
        if participant_id in self._refused:
            return None
        column = self._columns.get(participant_id)
        if column is None:
            column = self._columns[participant_id] = self._table.add_learner()
            self.learners.append(participant_id)
            self._newest.append({})
            self._table.join(column, at_ms)
        self._table.come_back(column, at_ms)
        return column

    def note(self, column: int, source: str, event_id: str) -> None:
        """Keep the id of an event as evidence of one kind."""
        newest = self._newest[column]
        newest[source] = (*newest.get(source, ()), event_id)[-NEWEST:]

    def evidence(self, column: int) -> dict[str, tuple[str, ...]]:
        """Return the newest ids of each kind, as they are now."""
        return dict(self._newest[column])
