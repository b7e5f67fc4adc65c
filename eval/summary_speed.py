"""How long a summary takes, from the end of a lesson to `summary.created`, and what it costs.

    python -m eval.summary_speed                              10, 60 and 180 minutes, six learners
    python -m eval.summary_speed --minutes 60 --learners 12

Each lesson (`played_lessons.py`) is written into a PostgreSQL of this benchmark's own through the
ledger, and ended; then the relay, the queue and the job that serve write its summary with the
extractive writer, on the CPU, in a process that has never written one: what it loads is counted.
The bare encoder reads the same texts in the same process afterwards, by sentence-transformers
alone. The limit is 60 s for a lesson of 60 minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from eval.own_postgres import OwnPostgres, own_postgres
from eval.played_lessons import played_lesson
from eval.summary_stages import MemoryWatch, Stopwatch, TimedRoom, TimedSummaries
from eval.taught_school import TaughtSchool
from features.reading.material import MATERIAL_TYPES
from lessons.events import CaptionFinal, SummaryCreated
from lessons.privacy.sealing import MasterKey
from lessons.store import Database, Ledger, LessonStore, LiveFeed
from lessons.summary.standing import newest_version
from models.embeddings.loading import encoder_folder
from serving.jobs.queue import JobQueue, job_app, migrate_jobs
from serving.jobs.summary_worker import SETTLE, SummaryRelay, SummaryWork
from serving.summaries.rewriting import ConsentFollower
from serving.summaries.standing import READ_TYPES

MINUTES = (10, 60, 180)
LEARNERS = 6
LIMIT_S, LIMIT_MINUTES = 60.0, 60
PATIENCE_S = 1_800.0

STAGES = (
    "waiting in the queue",
    "loading models",
    "reading the ledger",
    "moves and uptake",
    "encoding",
    "segments",
    "rest of reading",
    "writing",
    "verifying",
    "sealing and storing",
)
WAITING = STAGES[:2]
"""What the length of a lesson does not change, and a process that has written one does not load."""


@dataclass(frozen=True, slots=True)
class Where:
    """A lesson in a store, as another process finds it."""

    url: str
    secret: str
    tenant_id: str
    lesson_id: str


@dataclass(frozen=True, slots=True)
class Written:
    """What writing one summary took.

    Attributes:
        seconds: of each stage.
        cpu_s: processor time of the process, over all stages.
        bare_s: the encoder alone over the texts that were compared with objectives.
        base_mib, models_mib: resident memory before anything was loaded, and more with the models.
        peak_mib, left_mib: beyond that, at most and afterwards.
    """

    seconds: dict[str, float]
    cpu_s: float
    bare_s: float
    texts: int
    events_read: int
    captions: int
    claims: int
    base_mib: float
    models_mib: float
    peak_mib: float
    left_mib: float

    @property
    def total_s(self) -> float:
        """From the lesson's end to the summary in the ledger."""
        return sum(self.seconds.values())

    @property
    def work_s(self) -> float:
        """The same without waiting and loading."""
        return self.total_s - sum(self.seconds[stage] for stage in WAITING)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.summary_speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--minutes", type=int, nargs="+", default=MINUTES, help="lengths of lessons"
    )
    parser.add_argument("--learners", type=int, default=LEARNERS, help="learners in each")
    arguments = parser.parse_args()
    with own_postgres() as postgres:
        migrate_jobs(postgres.url)
        found = {
            minutes: measure(postgres, minutes, arguments.learners) for minutes in arguments.minutes
        }
    Console(width=110).print(table(found, arguments.learners))


def measure(postgres: OwnPostgres, minutes: int, learners: int) -> Written:
    """Teach a lesson, and have its summary written by a fresh process."""
    where = asyncio.run(_taught(postgres, minutes, learners))
    # Not forked: what this process holds would count as the other one's.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(written, where).result()


async def _taught(postgres: OwnPostgres, minutes: int, learners: int) -> Where:
    database = postgres.database(4)
    try:
        school = await TaughtSchool.founded(database)
        live = await school.begin_lesson(f"{minutes} minutes", learners)
        await school.write(live, played_lesson(live.people, minutes))
    finally:
        await database.dispose()
    return Where(postgres.url, postgres.secret, *live.where)


def written(where: Where) -> Written:
    """End a lesson, and write its summary; in a process that has written none before."""
    with MemoryWatch() as memory:
        return asyncio.run(_written(where, memory))


async def _written(where: Where, memory: MemoryWatch) -> Written:
    database = Database(where.url, pool_size=4, master_key=MasterKey(where.secret))
    base_mib = memory.restart()
    watch = Stopwatch()
    room = TimedRoom(watch, memory)
    begun_cpu = time.process_time()
    await _write(where, database, TimedSummaries(database, room, watch), watch)
    cpu_s, peak_mib = time.process_time() - begun_cpu, memory.peak
    gc.collect()
    left_mib = memory.now()
    events = await Ledger(database).read_all(where.tenant_id, where.lesson_id, READ_TYPES)
    document = newest_version(events)
    await database.dispose()
    return Written(
        seconds=watch.seconds,
        cpu_s=cpu_s,
        bare_s=bare_encoder(list(dict.fromkeys(room.texts))),
        texts=len(room.texts),
        events_read=sum(one.type in MATERIAL_TYPES for one in events),
        captions=sum(isinstance(one.data, CaptionFinal) for one in events),
        claims=len(document.claims()) if document is not None else 0,
        base_mib=base_mib,
        models_mib=room.loaded_mib - base_mib,
        peak_mib=peak_mib - room.loaded_mib,
        left_mib=left_mib - room.loaded_mib,
    )


async def _write(
    where: Where, database: Database, summaries: TimedSummaries, watch: Stopwatch
) -> None:
    """End the lesson with all that writes summaries at work, until there is one."""
    lesson = (where.tenant_id, where.lesson_id)
    ledger, app = Ledger(database), job_app(where.url)
    async with LiveFeed(where.url) as feed, JobQueue(where.url) as queue:
        work = SummaryWork(
            SummaryRelay(database, feed, queue), summaries, queue, ConsentFollower(database, queue)
        )
        work.register(app)
        await work.relay.relay_all()
        async with app.open_async(), work.working(app), feed.subscribe(*lesson) as messages:
            await LessonStore(database).end_lesson(*lesson)
            watch.restart()
            async with asyncio.timeout(PATIENCE_S):
                while not await ledger.read_all(*lesson, [SummaryCreated.type]):
                    await anext(messages)
            watch.mark("sealing and storing")


def bare_encoder(texts: Sequence[str]) -> float:
    """Return the seconds that sentence-transformers takes for texts, as it comes."""
    # Not before: what it loads would not count as loaded for the summary.
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(encoder_folder()), device="cpu", local_files_only=True)
    begun = time.perf_counter()
    encoder.encode(list(texts), show_progress_bar=False)
    return time.perf_counter() - begun


def table(found: dict[int, Written], learners: int) -> Table:
    """Return a column for each length of lesson."""
    shown = Table(title=f"Summaries of lessons with {learners} learners, extractive writer, on CPU")
    for heading in ("", *(f"{minutes} min" for minutes in found)):
        shown.add_column(heading, justify="right" if heading else "left")
    for name, values in _rows(found):
        shown.add_row(name, *values)
    return shown


def _rows(found: dict[int, Written]) -> list[tuple[str, list[str]]]:
    each = list(found.values())
    limits = {minutes: LIMIT_S * minutes / LIMIT_MINUTES for minutes in found}
    return [
        ("events read", [f"{one.events_read:,}" for one in each]),
        ("captions", [f"{one.captions:,}" for one in each]),
        ("sentences in the summary", [f"{one.claims:,}" for one in each]),
        ("end of the lesson to summary.created", [f"{one.total_s:.1f} s" for one in each]),
        (
            "share of the limit, 60 s for 60 minutes",
            [f"{found[minutes].total_s / limit:.0%}" for minutes, limit in limits.items()],
        ),
        *(
            (f"  {_told(stage)}", [f"{one.seconds.get(stage, 0.0):.2f} s" for one in each])
            for stage in STAGES
        ),
        ("processor time", [f"{one.cpu_s:.1f} s" for one in each]),
        (
            "bare encoder over the same texts",
            [f"{one.bare_s:.2f} s for {one.texts:,}" for one in each],
        ),
        (
            "work without waiting and loading, to that",
            [f"{one.work_s / one.bare_s:.2f}" for one in each],
        ),
        ("memory of the process before", [f"{one.base_mib:.0f} MiB" for one in each]),
        ("models add", [f"{one.models_mib:.0f} MiB" for one in each]),
        ("the lesson adds at most", [f"{one.peak_mib:.0f} MiB" for one in each]),
        ("the lesson leaves", [f"{one.left_mib:.0f} MiB" for one in each]),
    ]


def _told(stage: str) -> str:
    waits = f", {SETTLE.total_seconds():.0f} s of it for late captions"
    return stage + waits if stage == STAGES[0] else stage


if __name__ == "__main__":
    main()
