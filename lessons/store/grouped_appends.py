"""Appends that come together: those of one tenant are written in one transaction (group commit).

Nothing waits for a group to fill: an idle tenant's append starts at once, and what arrives while a
group is under way makes the next one. A transaction and a statement for each event cost several
times what its row does.

A group belongs to one tenant, because a transaction does (row-level security). The function
`append_group` (migration 0008) judges each member for itself, so nobody is refused for another's
sake, and waits for no lesson that somebody else is writing to, so nobody is held up either. An
append that meets nobody goes by `append_events`, which costs less for one, and waits for a lesson
no longer than `SingleStatements` let it.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from lessons.store.herald import Herald
from lessons.store.single_statements import SingleStatements

MOST_DRAFTS_IN_COMPANY = 32
"""An append of more drafts goes alone: it gains nothing, and the others would wait for it."""

MOST_DRAFTS_OF_A_GROUP = 128

_ALONE = "SELECT * FROM append_events(%s, %s, %s::text::jsonb, %s, %s, %s, %s)"
_TOGETHER = "SELECT * FROM append_group(%s, %s::text::jsonb, %s::text::jsonb)"


@dataclass(frozen=True, slots=True)
class ReadyAppend:
    """An append as the database takes it.

    Attributes:
        lesson_id: where to.
        rows: its drafts, as of `row_of`, in order.
        subjects: who must be in the lesson, each once.
        purposes: for which somebody's consent counts.
        at: the time of appending.
    """

    lesson_id: str
    rows: Sequence[dict[str, Any]]
    subjects: Sequence[str]
    purposes: Sequence[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where an append has come to: its first sequence number, and when its lesson started."""

    first_sequence: int
    started_at: datetime | None


class _PassedOver:
    """The lesson was locked by somebody else, or is not there: it has to be seen to alone."""


_Outcome: TypeAlias = Place | _PassedOver | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    append: ReadyAppend
    turn: asyncio.Future[_Outcome]


class GroupedAppends:
    """Writes the ordinary appends of one process, and has the herald tell of them.

    A caller that gives up takes its append out of the queue; one that is under way is written, and
    harms nobody in its group. Use it from one event loop.

    Args:
        statements: how it reaches the database.
        herald: tells readers, after the commit.
    """

    def __init__(self, statements: SingleStatements, herald: Herald) -> None:
        self._statements = statements
        self._herald = herald
        self._queues: dict[str, deque[_Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def write(self, tenant_id: str, append: ReadyAppend) -> Place | None:
        """Write an append, all of it or nothing; None where it is refused, for whatever reason."""
        if len(append.rows) > MOST_DRAFTS_IN_COMPANY:
            return await self._write_alone(tenant_id, append)
        turn: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        if tenant_id not in self._queues:
            self._queues[tenant_id] = deque()
            # It begins once whoever is ready at this very moment has come too.
            task = asyncio.create_task(self._write_queue(tenant_id), name="grouped-appends")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._queues[tenant_id].append(_Waiting(append, turn))
        outcome = await turn
        if isinstance(outcome, _PassedOver):
            return await self._write_alone(tenant_id, append)
        return outcome

    async def close(self) -> None:
        """Wait until what has come is written."""
        await asyncio.gather(*self._tasks)

    async def _write_queue(self, tenant_id: str) -> None:
        queue = self._queues[tenant_id]
        try:
            while group := _next_group(queue):
                if len(group) == 1:
                    await self._write_single(tenant_id, group[0])
                else:
                    await self._write_group(tenant_id, group)
        finally:
            del self._queues[tenant_id]
            _settle(queue, {})

    async def _write_single(self, tenant_id: str, waiting: _Waiting) -> None:
        outcome = None
        try:
            outcome = await self._write_alone(tenant_id, waiting.append)
        finally:
            _settle([waiting], {0: outcome})

    async def _write_group(self, tenant_id: str, group: Sequence[_Waiting]) -> None:
        outcomes: dict[int, _Outcome] = {}
        try:
            rows = await self._statements.all_rows(
                _TOGETHER, (tenant_id, *_values_of([waiting.append for waiting in group]))
            )
            if rows is not None:
                outcomes = dict.fromkeys(range(len(group)), _PassedOver())
            for row in rows or ():
                first = row.first_sequence
                outcomes[row.member] = None if first is None else Place(first, row.started_at)
                self._tell(tenant_id, group[row.member].append, first)
        finally:
            _settle(group, outcomes)

    async def _write_alone(self, tenant_id: str, append: ReadyAppend) -> Place | None:
        values = (
            tenant_id,
            append.lesson_id,
            json.dumps(append.rows),
            len(append.rows),
            append.subjects,
            append.purposes,
            append.at,
        )
        row = await self._statements.run(_ALONE, values)
        if row is None:
            return None
        self._tell(tenant_id, append, row.first_sequence)
        return Place(row.first_sequence, row.started_at)

    def _tell(self, tenant_id: str, append: ReadyAppend, first: int | None) -> None:
        if first is not None:
            self._herald.tell(tenant_id, append.lesson_id, first + len(append.rows) - 1)


def _next_group(queue: deque[_Waiting]) -> list[_Waiting]:
    """Take whoever comes next out of the queue, but for those who have given up."""
    group: list[_Waiting] = []
    drafts = 0
    while queue and drafts + len(queue[0].append.rows) <= MOST_DRAFTS_OF_A_GROUP:
        waiting = queue.popleft()
        if not waiting.turn.done():
            group.append(waiting)
            drafts += len(waiting.append.rows)
    return group


def _settle(group: Iterable[_Waiting], outcomes: Mapping[int, _Outcome]) -> None:
    """Let everybody in a group go on who still waits."""
    for number, waiting in enumerate(group):
        if not waiting.turn.done():
            waiting.turn.set_result(outcomes.get(number))


def _values_of(appends: Sequence[ReadyAppend]) -> tuple[str, str]:
    """Return the members of a group and their drafts as JSON."""
    members = [
        {
            "number": number,
            "lesson": append.lesson_id,
            "amount": len(append.rows),
            "subjects": append.subjects,
            "purposes": append.purposes,
            "at": append.at.isoformat(),
        }
        for number, append in enumerate(appends)
    ]
    drafts = [
        row | {"member": number} for number, append in enumerate(appends) for row in append.rows
    ]
    return json.dumps(members), json.dumps(drafts)
