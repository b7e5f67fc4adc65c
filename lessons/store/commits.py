"""The commit log: what was appended for a whole tenant or course, read by a gap-free cursor."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Self

from pydantic import AwareDatetime
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    Text,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import Conflict, InvalidInput, Unavailable
from lessons.events import LearningEvent
from lessons.records import Record
from lessons.store.appending import lesson_not_found
from lessons.store.database import Database
from lessons.store.event_rows import EVENT_COLUMNS, events_of
from lessons.store.tables import follower_marks, learning_events, ledger_commits, lessons

MAX_COMMITS = 1000
"""Most commits that one `read` returns."""

_LARGEST = 2**63 - 1
_CURSOR = re.compile(r"([0-9]{1,19})-([0-9]{1,19})-([0-9]{1,19})")

# Every transaction older than the horizon has ended, so no commit can appear before it any more.
_HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_SETTLED: ColumnElement[bool] = ledger_commits.c.transaction_id < literal_column(
    _HORIZON, BigInteger
)
_NAME_NEWS = text("SELECT set_config('lectern.news_after', :transaction, true)")
_NEWS = text(
    f"""
    SELECT horizon, tenant_id,
        EXISTS (SELECT FROM ledger_commits WHERE transaction_id >= horizon) AS held_back
    FROM (SELECT {_HORIZON} AS horizon) AS now
    LEFT JOIN LATERAL (
        SELECT DISTINCT tenant_id FROM ledger_commits
        WHERE transaction_id >= :mark AND transaction_id < horizon
    ) AS news ON true
    """  # noqa: S608 - a constant
)
_ACKNOWLEDGE = text(
    """
    INSERT INTO follower_marks (follower, transaction_id) VALUES (:follower, :horizon)
    ON CONFLICT (follower) DO UPDATE
        SET transaction_id = greatest(follower_marks.transaction_id, excluded.transaction_id)
    """
)


class Cursor(NamedTuple):
    """A place in a tenant's commits: everything up to this event has been read.

    Its text, `<transaction>-<position>-<sequence>`, is opaque to clients.
    """

    transaction: int
    position: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.transaction}-{self.position}-{self.sequence}"

    @classmethod
    def parse(cls, value: str, field: str = "after") -> Self:
        """Return the cursor of a text that `str` gave; `0` is the beginning.

        Raises:
            InvalidInput: it is no cursor of ours.
        """
        if value == "0":
            return cls(0, 0, 0)
        parts = _CURSOR.fullmatch(value)
        numbers = [int(part) for part in parts.groups()] if parts else []
        if not numbers or max(numbers) > _LARGEST:
            raise InvalidInput(
                f"{value[:80]!r} is not a cursor.",
                field=field,
                fix="Send the id of the last event that was read, or 0 for the beginning.",
            )
        return cls(*numbers)


BEGINNING = Cursor(0, 0, 0)


class CursorAhead(Conflict):
    """A cursor is ahead of the server, which counts its transactions anew.

    So does one that was made from a dump: what commits now comes before the cursor, and whoever
    followed on from it would wait in silence.
    """

    code = "cursor_ahead"


class Commit(Record):
    """One append to one lesson: its events have the sequences `first_sequence..last_sequence`."""

    tenant_id: str
    transaction_id: int
    position: int
    lesson_id: str
    lesson_day: date
    course_id: str | None
    first_sequence: int
    last_sequence: int
    committed_at: AwareDatetime

    @property
    def end(self) -> Cursor:
        """The cursor behind the commit's last event."""
        return self.at(self.last_sequence)

    def at(self, sequence: int) -> Cursor:
        """Return the cursor behind one event of the commit."""
        return Cursor(self.transaction_id, self.position, sequence)


@dataclass(frozen=True, slots=True)
class CommitPage:
    """Commits in order.

    Attributes:
        held_back: more is committed, and an older transaction still runs: look again soon.
        full: there may be more to read at once.
    """

    commits: list[Commit]
    held_back: bool
    full: bool


@dataclass(frozen=True, slots=True)
class FollowedEvents:
    """The events of commits, in order.

    Attributes:
        events: each with the cursor behind it.
        next: where to read on.
        held_back, full: as of a `CommitPage`.
    """

    events: list[tuple[Cursor, LearningEvent]]
    next: Cursor
    held_back: bool
    full: bool


@dataclass(frozen=True, slots=True)
class News:
    """Who has commits since a follower last looked, and up to which transaction it looked.

    Attributes:
        held_back: more is committed, and an older transaction still runs: look again soon.
    """

    tenant_ids: list[str]
    horizon: int
    held_back: bool


class CommitLog:
    """Reads the commits of a tenant, or of one of its courses, in an order that never changes.

    Transactions commit in another order than that of their numbers. A commit is only shown once
    every older transaction of the server has ended, so whatever lies behind a cursor is final and
    nobody who follows needs a lock. A transaction that stays open holds followers back; it does
    not make them miss anything.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(
        self,
        tenant_id: str,
        after: Cursor = BEGINNING,
        limit: int = MAX_COMMITS,
        *,
        course_id: str | None = None,
    ) -> list[Commit]:
        """Return up to `limit` commits past `after`, in order.

        A commit that `after` lies within comes again, for the events that are left of it.

        Args:
            course_id: only the commits of this course's lessons.

        Raises:
            InvalidInput: `limit` is out of range.
        """
        return (await self.page(tenant_id, after, limit, course_id=course_id)).commits

    async def page(
        self,
        tenant_id: str,
        after: Cursor = BEGINNING,
        limit: int = MAX_COMMITS,
        *,
        course_id: str | None = None,
    ) -> CommitPage:
        """Return what `read` does, and whether there is more to come."""
        async with self._database.transaction(tenant_id) as connection:
            return await commits_in(connection, tenant_id, after, limit, course_id=course_id)

    async def events(
        self,
        tenant_id: str,
        after: Cursor = BEGINNING,
        limit: int = 500,
        *,
        course_id: str | None = None,
    ) -> FollowedEvents:
        """Return up to `limit` events past `after`, lesson by lesson in the order of the commits.

        Raises:
            InvalidInput: `limit` is out of range.
            CursorAhead: the server's transactions are not as far as `after`.
        """
        async with self._database.transaction(tenant_id) as connection:
            page = await commits_in(connection, tenant_id, after, limit, course_id=course_id)
            spans = _spans(page.commits, after, limit)
            if not spans:
                await _require_reached(connection, after)
                return FollowedEvents([], after, page.held_back, full=False)
            rows = (await connection.execute(_events_of_spans(tenant_id, spans))).mappings().all()
            events = await events_of(connection, tenant_id, rows)
        commits = [spans[row["span"] - 1].commit for row in rows]
        places = [
            commit.at(event.ledgersequence) for commit, event in zip(commits, events, strict=True)
        ]
        end = spans[-1].commit.at(spans[-1].last)
        full = page.full or end != page.commits[-1].end
        return FollowedEvents(
            list(zip(places, events, strict=True)), end, page.held_back, full=full
        )

    async def require_reached(self, after: Cursor) -> None:
        """Let somebody follow on from a cursor.

        Raises:
            CursorAhead: the server's transactions are not as far.
        """
        async with self._database.transaction(None) as connection:
            await _require_reached(connection, after)

    async def newest(self, tenant_id: str) -> Cursor:
        """Return the cursor behind everything that can be read now."""
        async with self._database.transaction(tenant_id) as connection:
            return await newest_in(connection, tenant_id)

    async def last_sequence(self, tenant_id: str, lesson_id: str) -> int:
        """Return the sequence number of a lesson's newest event, 0 where there is none.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        query = select(lessons.c.last_sequence).where(
            lessons.c.tenant_id == tenant_id, lessons.c.id == lesson_id
        )
        async with self._database.transaction(tenant_id) as connection:
            found: int | None = await connection.scalar(query)
        if found is None:
            raise lesson_not_found(lesson_id)
        return found

    async def news(self, follower: str) -> News:
        """Return the tenants with commits that a follower of all tenants has not acknowledged.

        Raises:
            Unavailable: the server counts its transactions anew, as one does that was made from a
                dump: what commits now would come before what was read long ago.
        """
        async with self._database.transaction(None) as connection:
            mark = await connection.scalar(
                select(follower_marks.c.transaction_id).where(follower_marks.c.follower == follower)
            )
            await connection.execute(_NAME_NEWS, {"transaction": str(mark or 0)})
            rows = await connection.execute(_NEWS, {"mark": mark or 0})
            found = rows.all()
        if mark is not None and found[0].horizon < mark:
            raise _counted_anew(found[0].horizon, mark)
        tenant_ids = [row.tenant_id for row in found if row.tenant_id]
        return News(tenant_ids, found[0].horizon, found[0].held_back)

    async def lessons_with_news(
        self, follower: str, tenant_id: str, types: Collection[str] | None = None
    ) -> list[str]:
        """Return the lessons of a tenant with commits that a follower has not acknowledged.

        Args:
            types: only those commits count that have an event of one of them; None: all.
        """
        columns = ledger_commits.c
        mark = (
            select(follower_marks.c.transaction_id)
            .where(follower_marks.c.follower == follower)
            .scalar_subquery()
        )
        query = (
            select(columns.lesson_id)
            .distinct()
            .where(
                columns.tenant_id == tenant_id,
                columns.transaction_id >= func.coalesce(mark, 0),
                _SETTLED,
            )
        )
        if types is not None:
            query = query.where(_has_event_of(types))
        async with self._database.transaction(tenant_id) as connection:
            return list(await connection.scalars(query))

    async def acknowledge(self, follower: str, horizon: int) -> None:
        """Remember that a follower has dealt with every transaction before `horizon`."""
        async with self._database.transaction(None) as connection:
            await connection.execute(_ACKNOWLEDGE, {"follower": follower, "horizon": horizon})


def _has_event_of(types: Collection[str]) -> ColumnElement[bool]:
    commits, events = ledger_commits.c, learning_events.c
    of_commit = (
        events.lesson_day == commits.lesson_day,
        events.lesson_id == commits.lesson_id,
        events.sequence.between(commits.first_sequence, commits.last_sequence),
    )
    return select(events.event_id).where(*of_commit, events.type.in_(types)).exists()


async def commits_in(
    connection: AsyncConnection,
    tenant_id: str,
    after: Cursor,
    limit: int,
    *,
    course_id: str | None = None,
) -> CommitPage:
    """Return a page of commits within a transaction of the caller.

    Raises:
        InvalidInput: `limit` is out of range.
    """
    if not 1 <= limit <= MAX_COMMITS:
        raise InvalidInput(f"The limit lies outside of 1..{MAX_COMMITS}.", field="limit")
    columns = ledger_commits.c
    query = (
        select(ledger_commits, _SETTLED.label("settled"))
        .where(
            columns.tenant_id == tenant_id,
            tuple_(columns.transaction_id, columns.position, columns.last_sequence)
            > tuple_(*(literal(number, BigInteger) for number in after)),
        )
        .order_by(columns.transaction_id, columns.position)
        .limit(limit)
    )
    if course_id is not None:
        query = query.where(columns.course_id == course_id)
    rows = (await connection.execute(query)).all()
    settled = [Commit.model_validate(row) for row in rows if row.settled]
    return CommitPage(settled, held_back=len(settled) < len(rows), full=len(settled) == limit)


async def _require_reached(connection: AsyncConnection, after: Cursor) -> None:
    # Whatever could be read had settled, so its transaction lies before the horizon ever after.
    horizon = await connection.scalar(text(f"SELECT {_HORIZON}"))
    if after.transaction >= (horizon or 0):
        raise CursorAhead(
            f"The cursor {after} is ahead of the store, which is at transaction {horizon}: it was "
            "restored from a copy, or the cursor is of another installation.",
            field="after",
            fix="Read on from 0, and pass over the ids that are known.",
        )


def _counted_anew(horizon: int, mark: int) -> Unavailable:
    epoch, number = divmod(mark + 1, 2**32)
    return Unavailable(
        f"The server's transactions are at {horizon}, but followers have read up to {mark}.",
        field="LECTERN_DATABASE_URL",
        fix="Stop the server, run "
        f"`pg_resetwal --epoch={epoch} --next-transaction-id={number}` and start it.",
    )


async def newest_in(connection: AsyncConnection, tenant_id: str) -> Cursor:
    """Return what `CommitLog.newest` does within a transaction of the caller."""
    columns = ledger_commits.c
    query = (
        select(ledger_commits)
        .where(columns.tenant_id == tenant_id, _SETTLED)
        .order_by(columns.transaction_id.desc(), columns.position.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).one_or_none()
    return BEGINNING if row is None else Commit.model_validate(row).end


class _Span(NamedTuple):
    """The part of a commit that belongs to a page."""

    commit: Commit
    first: int
    last: int


def _spans(commits: Sequence[Commit], after: Cursor, limit: int) -> list[_Span]:
    """Cut commits into a page of at most `limit` events past `after`."""
    spans: list[_Span] = []
    for commit in commits:
        first = commit.first_sequence
        if after[:2] == commit.end[:2]:
            first = max(first, after.sequence + 1)
        last = min(commit.last_sequence, first + limit - 1)
        spans.append(_Span(commit, first, last))
        limit -= last - first + 1
        if not limit:
            break
    return spans


def _events_of_spans(tenant_id: str, spans: Sequence[_Span]) -> Select[Any]:
    asked = (
        func.unnest(
            cast([span.commit.lesson_day for span in spans], ARRAY(Date)),
            cast([span.commit.lesson_id for span in spans], ARRAY(Text)),
            cast([span.first for span in spans], ARRAY(BigInteger)),
            cast([span.last for span in spans], ARRAY(BigInteger)),
        )
        .table_valued("day", "lesson_id", "first", "last", with_ordinality="span", name="asked")
        .render_derived()
    )
    events = learning_events.c
    return (
        select(*EVENT_COLUMNS, asked.c.span)
        .join(
            asked,
            (events.lesson_day == asked.c.day)
            & (events.lesson_id == asked.c.lesson_id)
            & events.sequence.between(asked.c.first, asked.c.last),
        )
        .where(events.tenant_id == tenant_id)
        .order_by(asked.c.span, events.sequence)
    )
