"""Who is connected, away or in a breakout room."""

from __future__ import annotations

import numpy as np

from features.engagement.columns import Columns
from features.engagement.roster import Roster
from features.engagement.table import Held, LearnerTable
from features.engagement.told import Told
from lessons.events import (
    BreakoutClosed,
    BreakoutEntered,
    ParticipantJoined,
    ParticipantLeft,
    RoleChanged,
)

GONE_MS = 10 * 60_000
"""After this a learner who left is not told of any more."""

_NEVER = float("nan")


class Presence:
    """Reads joins, departures, declared absences and breakout rooms.

    Attributes:
        rooms: the breakout room of each participant who is in one.
    """

    def __init__(self, table: LearnerTable, roster: Roster) -> None:
        self._table = table
        self._roster = roster
        self._teachers_here: set[str] = set()
        self.rooms: dict[str, str] = {}

    @property
    def is_taught(self) -> bool:
        """Whether somebody who teaches is in the lesson."""
        return bool(self._teachers_here)

    def joined(self, told: Told) -> int | None:
        """Read that somebody connected; return the column of a learner."""
        data: ParticipantJoined = told.data
        self._roster.know(data.participant_id, data.role)
        return self.came(data.participant_id, told.at_ms)

    def came(self, participant_id: str, at_ms: float) -> int | None:
        """Read that somebody is there; return the column of a learner."""
        if self._roster.teaches(participant_id):
            self._teachers_here.add(participant_id)
        column = self._roster.enter(participant_id, at_ms)
        if column is not None:
            self._table.hold(Held.LEFT_MS, column, _NEVER, at_ms)
            self._table.join(column, at_ms)
        return column

    def left(self, told: Told) -> int | None:
        """Read that somebody's connection ended; return the column of a learner."""
        data: ParticipantLeft = told.data
        self._teachers_here.discard(data.participant_id)
        column = self._roster.column(data.participant_id)
        if column is not None:
            self._table.hold(Held.LEFT_MS, column, told.at_ms, told.at_ms)
        return column

    def role(self, told: Told) -> int | None:
        """Read that somebody has another role; return the column of who is a learner now."""
        data: RoleChanged = told.data
        self._roster.know(data.participant_id, data.role)
        self._teachers_here.discard(data.participant_id)
        return self.came(data.participant_id, told.at_ms)

    def changed(self, column: int, told: Told) -> None:
        """Read that the platform says somebody is away or back."""
        away = told.data.state == "away"
        self._table.hold(Held.AWAY_MS, column, told.at_ms if away else _NEVER, told.at_ms)

    def room(self, told: Told) -> int | None:
        """Read that somebody went into a room or came back; return the column of a learner."""
        data, who = told.data, told.event.subject
        if isinstance(data, BreakoutEntered) and who is not None:
            self.rooms[who] = data.room_id
        elif who is not None:
            self.rooms.pop(who, None)
        return self._roster.enter(who, told.at_ms)

    def room_closed(self, told: Told) -> None:
        """Read that a room is no more."""
        data: BreakoutClosed = told.data
        self.rooms = {one: room for one, room in self.rooms.items() if room != data.room_id}

    def put(self, columns: Columns) -> None:
        """Put who is connected and in a room."""
        columns.put("connected", np.isnan(self._table.held[Held.LEFT_MS]))
        columns.put("in_room", [float(one in self.rooms) for one in self._roster.learners])

    def told_of(self, end_ms: float) -> list[int]:
        """Return the columns of the learners who are in the lesson, or left it lately."""
        gone = self._table.held[Held.LEFT_MS] < end_ms - GONE_MS
        return [column for column, _ in self._roster.told_of if not gone[column]]
