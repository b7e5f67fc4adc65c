"""Durable ingest: events a second into the ledger, against plain INSERT and against COPY.

    python -m eval.durable_ingest --batches 1 500 --connections 1 8 64

All three write the same rows into the same table, with its indexes, and wait for the disk at every
commit. `plain insert` is one multi-row INSERT in a transaction of `lectern_app` under the same
row-level security, its rows ready beforehand: it numbers nothing, looks no id up, seals nothing and
tells nobody. `copy` is COPY as superuser, which row-level security does not bind. Every connection
has a lesson of its own, as lessons do. The three take turns, so that all meet the same machine; the
table shows medians of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from eval.own_postgres import OwnPostgres, own_postgres
from eval.stored_rows import StoredRows
from lessons.events import EventDraft
from lessons.events.catalogue import DATA_TYPES, PLATFORM_TYPES
from lessons.identifiers import new_id
from lessons.roles import Role
from lessons.store import APP_ROLE, Appended, Ledger, LessonStore

LEARNERS = 8
SINGLE_COMMITS = 512
BATCH_COMMITS = 24
MIN_COMMITS = 4
"""Commits of one measurement, shared out over its connections; so many at least for each."""

WARM_COMMITS = 4
"""Commits of each connection before the clock runs: statements are planned, keys are known."""


class Writer(Protocol):
    """Writes into one lesson."""

    def ready(self, count: int) -> Any:
        """Make a batch of so many new events; the clock does not run yet."""

    async def write(self, batch: Any) -> None:
        """Write it and wait until it is durable."""


@dataclass(slots=True)
class LecternWriter:
    """What `POST /v1/lessons/{id}/events` does once it has read the body."""

    ledger: Ledger
    tenant_id: str
    lesson_id: str
    learners: Sequence[str]

    @classmethod
    async def of_new_lesson(
        cls, ledger: Ledger, lessons: LessonStore, tenant_id: str
    ) -> LecternWriter:
        """Make a lesson with its learners."""
        lesson = await lessons.create_lesson(tenant_id, title="Benchmark: ingest")
        learners = [
            await lessons.add_participant(tenant_id, lesson.id, f"Learner {number}", Role.LEARNER)
            for number in range(LEARNERS)
        ]
        return cls(ledger, tenant_id, lesson.id, [learner.id for learner in learners])

    def ready(self, count: int) -> list[EventDraft]:
        """Events as platforms post them, of every type in turn."""
        types = itertools.cycle(DATA_TYPES[name] for name in sorted(PLATFORM_TYPES))
        return [
            EventDraft(
                data.model_validate(dict(data.example)),
                lesson_time_ms=number,
                subject=self.learners[number % LEARNERS] if data.needs_subject else None,
            )
            for number, data in zip(range(count), types, strict=False)
        ]

    async def write(self, batch: list[EventDraft]) -> None:
        """Append them."""
        outcomes = await self.ledger.append_each(self.tenant_id, self.lesson_id, batch)
        if not all(isinstance(outcome, Appended) and outcome.created for outcome in outcomes):
            raise RuntimeError(f"an event was refused: {outcomes}")


@dataclass(slots=True)
class InsertWriter:
    """What a plain client does: name the tenant, insert, commit."""

    connection: psycopg.AsyncConnection[Any]
    tenant_id: str
    rows: StoredRows

    def ready(self, count: int) -> tuple[bytes, list[Any]]:
        """The statement and its values."""
        values = list(itertools.chain.from_iterable(self.rows.next(count)))
        return self.rows.insert_statement(count), values

    async def write(self, batch: tuple[bytes, list[Any]]) -> None:
        """Insert them."""
        async with self.connection.transaction():
            await self.connection.execute(
                "SELECT set_config('lectern.tenant', %s, true)", [self.tenant_id]
            )
            await self.connection.execute(*batch)


@dataclass(slots=True)
class CopyWriter:
    """The fastest way into the table, open to a superuser only."""

    connection: psycopg.AsyncConnection[Any]
    rows: StoredRows

    def ready(self, count: int) -> list[tuple[Any, ...]]:
        """The rows."""
        return self.rows.next(count)

    async def write(self, batch: list[tuple[Any, ...]]) -> None:
        """Copy them."""
        async with (
            self.connection.transaction(),
            self.connection.cursor() as cursor,
            cursor.copy(self.rows.copy_statement()) as copy,
        ):
            for row in batch:
                await copy.write_row(row)


async def rate(writers: Sequence[Writer], batch: int) -> float:
    """Events a second of all writers at once, all of them warm."""
    commits = SINGLE_COMMITS if batch == 1 else BATCH_COMMITS
    each = max(MIN_COMMITS, commits // len(writers))

    async def write_all(writer: Writer, own: list[Any]) -> None:
        for ready in own:
            await writer.write(ready)

    for count in (WARM_COMMITS, each):
        batches = [[writer.ready(batch) for _ in range(count)] for writer in writers]
        started = time.perf_counter()
        await asyncio.gather(*map(write_all, writers, batches))
    return len(writers) * each * batch / (time.perf_counter() - started)


@dataclass(slots=True)
class Bench:
    """One server and its tenant; opens the writers of each method for as long as they are measured.

    Together the connections of all methods would be more than a server has by default.
    """

    server: OwnPostgres
    tenant_id: str
    rows: StoredRows

    @classmethod
    async def on(cls, server: OwnPostgres) -> Bench:
        """Let Lectern store what the other methods will repeat."""
        tenant_id = new_id("ten")
        async with lectern_writers(server, tenant_id, 1) as (writer,):
            await writer.write(writer.ready(2 * len(PLATFORM_TYPES)))
        async with connections(server, "-c timezone=UTC", 1) as (owner,):
            return cls(server, tenant_id, await StoredRows.of_lesson(owner, writer.lesson_id))

    async def lectern(self, count: int, batch: int) -> float:
        """Events a second by `Ledger.append_each`."""
        async with lectern_writers(self.server, self.tenant_id, count) as writers:
            return await rate(writers, batch)

    async def plain_insert(self, count: int, batch: int) -> float:
        """Events a second by multi-row INSERT."""
        async with connections(self.server, f"-c role={APP_ROLE}", count) as opened:
            return await rate(
                [
                    InsertWriter(connection, self.tenant_id, self.rows.of_another_lesson())
                    for connection in opened
                ],
                batch,
            )

    async def copy(self, count: int, batch: int) -> float:
        """Events a second by COPY."""
        async with connections(self.server, "", count) as opened:
            return await rate(
                [CopyWriter(connection, self.rows.of_another_lesson()) for connection in opened],
                batch,
            )

    async def measure(self, count: int, batch: int, rounds: int) -> None:
        """Print one line of the table."""
        methods = (self.lectern, self.plain_insert, self.copy)
        rates = [[await method(count, batch) for method in methods] for _ in range(rounds)]
        lectern, plain, copy = map(statistics.median, zip(*rates, strict=True))
        print(
            f"{batch:>5} {count:>11} {lectern:>11.0f} {plain:>11.0f} {copy:>11.0f}"
            f" {lectern / plain:>9.2f} {lectern / copy:>8.2f}",
            flush=True,
        )


@asynccontextmanager
async def lectern_writers(
    server: OwnPostgres, tenant_id: str, count: int
) -> AsyncIterator[list[LecternWriter]]:
    """Writers of Lectern's own, each with a lesson."""
    database = server.database(pool_size=count)
    ledger, lessons = Ledger(database), LessonStore(database)
    try:
        yield [await LecternWriter.of_new_lesson(ledger, lessons, tenant_id) for _ in range(count)]
    finally:
        await database.dispose()


@asynccontextmanager
async def connections(
    server: OwnPostgres, options: str, count: int
) -> AsyncIterator[list[psycopg.AsyncConnection[Any]]]:
    """Connections without any pool."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                await psycopg.AsyncConnection.connect(server.url, autocommit=True, options=options)
            )
            for _ in range(count)
        ]


async def run(server: OwnPostgres, arguments: argparse.Namespace) -> None:
    """Measure every batch size at every number of connections."""
    bench = await Bench.on(server)
    for batch, count in itertools.product(arguments.batches, arguments.connections):
        await bench.measure(count, batch, arguments.rounds)


def main() -> None:
    """Run the benchmark on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 500], help="events a commit")
    parser.add_argument(
        "--connections", type=int, nargs="+", default=[1, 8], help="writers at once"
    )
    parser.add_argument("--rounds", type=int, default=3, help="turns of each method")
    arguments = parser.parse_args()
    print("events/s, medians; every commit durable")
    print(
        f"{'batch':>5} {'connections':>11} {'lectern':>11} {'insert':>11} {'copy':>11}"
        f" {'/insert':>9} {'/copy':>8}"
    )
    with own_postgres() as server:
        asyncio.run(run(server, arguments))


if __name__ == "__main__":
    main()
