"""How late live notes come: from a caption in the ledger to what is told of it in the ledger.

    python -m eval.note_lag                                       one lesson, and eight at once
    python -m eval.note_lag --minutes 30 --lessons 1 8 30 --speed 2

Lessons (`played_lessons.py`) are written event by event, each when its time comes, by a clock that
runs `--speed` times as fast as a real one; the notes worker of the jobs process follows them by the
same clock, all in this process beside a PostgreSQL of its own. So many lessons at twice the speed
are as much work in a second as twice as many. Lags are real seconds, from the commit of the
caption, or of the answer, that lets a note be told; a look every two seconds is part of them. An
answer is long beside the learner's others, so that a later one may be what lets it be told. What
waits by design waits in the time of the lesson, and is told apart: an answer in unsure words for
15 s, a segment until enough has followed it.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from rich.console import Console
from rich.table import Table

from eval.own_postgres import OwnPostgres, own_postgres
from eval.played_lessons import SEED, Played, played_lesson
from eval.taught_school import LiveLesson, TaughtSchool
from lessons.events import (
    AssessmentItemAnswered,
    CaptionFinal,
    ComprehensionObserved,
    LearningEvent,
    PollAnswered,
    SegmentClosed,
    TalkMoveObserved,
)
from lessons.store import Database, Ledger, LessonStore, LiveFeed
from lessons.summary import ComprehensionMoment
from models.reading.comprehension import REPLY_MS
from serving.following import LessonFollower
from serving.jobs.notes_worker import open_notes_work
from serving.notes.noted_lesson import NOTE_TYPES, REST_SECONDS
from serving.observability.notes_metrics import NotesMetrics
from serving.observability.scraping import new_registry

MINUTES = 30
"""Long enough for segments to close before the end: the first may take more than twenty."""

LESSONS = (1, 8)
LEARNERS = 6
SPEED = 8.0
SETTLING_S = 4.0
"""After the last event, for notes that were due."""

PATIENCE_S = 300.0

MOVES, MOMENTS, LONG, UNSURE, SEGMENTS, AT_END = (
    "talk_move.observed",
    "comprehension.observed",
    "comprehension.observed, long answers",
    "comprehension.observed, answers in unsure words",
    "segment.closed",
    "segment.closed, after the lesson's end",
)


class LessonClock:
    """What time it is for lessons, on a clock that runs faster than a real one.

    Args:
        began_at: what it shows until it is started.
        speed: seconds of a lesson in a real one.
    """

    def __init__(self, began_at: datetime, speed: float) -> None:
        self._began_at, self._speed = began_at, speed
        self._started: float | None = None

    def start(self) -> None:
        """Let it run from now on."""
        self._started = time.perf_counter()

    def __call__(self) -> datetime:
        """Return the time."""
        return self._began_at + timedelta(seconds=self._lesson_s())

    async def until(self, at_ms: int) -> None:
        """Wait for a time of the lesson."""
        await asyncio.sleep(max(0.0, (at_ms / 1_000 - self._lesson_s()) / self._speed))

    def _lesson_s(self) -> float:
        if self._started is None:
            return 0.0
        return self._speed * (time.perf_counter() - self._started)


@dataclass(slots=True)
class Lags:
    """How late notes came.

    Attributes:
        seconds: real ones from what lets a note be told to the note, by its kind.
        closing_ms: of the lesson, from a segment's end to what lets it be told.
        cores: that this process kept busy while the lessons went on, what writes them included.
    """

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    closing_ms: list[int] = field(default_factory=list)
    cores: float = 0.0


@dataclass(slots=True)
class Watched:
    """One lesson, and when what of it was in the ledger (monotonic seconds).

    Attributes:
        ended: when the lesson was; what is told of a segment afterwards was not told before.
        committed: by the ids of captions and events.
        heard: when the caption was committed that ends at a time of the lesson.
        answered: when each learner's answers were, by their id.
        told: notes in their order, each with when it was there.
    """

    live: LiveLesson
    committed: dict[str, float] = field(default_factory=dict)
    heard: dict[int, float] = field(default_factory=dict)
    answered: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    told: list[tuple[LearningEvent, float]] = field(default_factory=list)
    ended: float | None = None

    def wrote(self, played: Played) -> None:
        """Note that an event is in the ledger."""
        now = time.perf_counter()
        self.committed[played.draft.id] = now
        data = played.draft.data
        if isinstance(data, CaptionFinal):
            self.heard[data.end_ms] = now
        elif isinstance(data, AssessmentItemAnswered | PollAnswered):
            self.answered[played.draft.subject or ""].append(now)

    def add_to(self, lags: Lags) -> None:
        """Add how late this lesson's notes came."""
        for event, at in self.told:
            kind, since = self._cause(event, at)
            lags.seconds[kind].append(max(0.0, at - since))
            if kind == SEGMENTS and isinstance(event.data, SegmentClosed):
                lags.closing_ms.append(event.lessontimems - event.data.segment.end_ms)

    def _cause(self, event: LearningEvent, at: float) -> tuple[str, float]:
        """Return the kind of a note, and when that was there which lets it be told.

        Raises:
            RuntimeError: it tells of what was never written.
        """
        data = event.data
        if isinstance(data, TalkMoveObserved):
            return MOVES, self.committed[data.caption_id]
        if isinstance(data, ComprehensionObserved):
            return self._cause_of_moment(data.moment, at)
        if self.ended is not None and at >= self.ended:
            return AT_END, self.ended
        if event.lessontimems not in self.heard:
            raise RuntimeError(f"nothing that was written lets {event.id} be told")
        return SEGMENTS, self.heard[event.lessontimems]

    def _cause_of_moment(self, moment: ComprehensionMoment, at: float) -> tuple[str, float]:
        if moment.reason == "long_latency":
            return LONG, max(one for one in self.answered[moment.participant_id] if one <= at)
        cited = [
            self.committed[one]
            for citation in moment.citations
            for one in (*citation.caption_ids, *citation.event_ids)
        ]
        return UNSURE if moment.reason == "hedge" else MOMENTS, max(cited)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.note_lag",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=int, default=MINUTES, help="length of the lessons")
    parser.add_argument("--lessons", type=int, nargs="+", default=LESSONS, help="lessons at once")
    parser.add_argument("--learners", type=int, default=LEARNERS, help="learners in each")
    parser.add_argument(
        "--speed", type=float, default=SPEED, help="how fast the lessons' clock runs"
    )
    arguments = parser.parse_args()
    console = Console(width=120)
    with own_postgres() as postgres:
        for lessons in arguments.lessons:
            work = follow(postgres, lessons, arguments.minutes, arguments.learners, arguments.speed)
            lags = asyncio.run(work)
            title = f"{lessons} x {arguments.minutes} min at {arguments.speed:g} times the speed"
            console.print(table(title, lags))


async def follow(
    postgres: OwnPostgres, lessons: int, minutes: int, learners: int, speed: float
) -> Lags:
    """Play lessons at the same time, with the notes worker at work; return how late notes came."""
    database = postgres.database(8)
    school = await TaughtSchool.founded(database)
    watched = [
        Watched(await school.begin_lesson(f"Played {number}", learners))
        for number in range(lessons)
    ]
    clock = LessonClock(max(one.live.lesson.started_at or datetime.max for one in watched), speed)
    metrics = NotesMetrics(new_registry())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.dispose)
        feed = await stack.enter_async_context(LiveFeed(postgres.url))
        work = open_notes_work(postgres.url, database, metrics, clock=clock)
        follower = await stack.enter_async_context(work)
        await stack.enter_async_context(follower.following())
        watching = [asyncio.create_task(_watch(one, database, feed)) for one in watched]
        await _until_followed(follower, lessons)
        begun, begun_cpu = time.perf_counter(), time.process_time()
        clock.start()
        await asyncio.gather(
            *(
                _play(one, played_lesson(one.live.people, minutes, SEED + number), clock, database)
                for number, one in enumerate(watched)
            )
        )
        cores = (time.process_time() - begun_cpu) / (time.perf_counter() - begun)
        await asyncio.sleep(SETTLING_S + REPLY_MS / 1_000 / speed)
        await _end(watched, follower, database)
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    lags = Lags(cores=cores)
    for one in watched:
        one.add_to(lags)
    return lags


async def _until_followed(follower: LessonFollower, lessons: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while len(follower.lessons) < lessons:  # noqa: ASYNC110 - nobody tells of it.
            await asyncio.sleep(0.1)
    await asyncio.sleep(REST_SECONDS)  # Models are loaded with the first look at a lesson.


async def _play(
    one: Watched, played: Sequence[Played], clock: LessonClock, database: Database
) -> None:
    ledger = Ledger(database)
    for event in played:
        await clock.until(event.at_ms)
        await ledger.append(*one.live.where, [event.draft])
        one.wrote(event)


async def _watch(one: Watched, database: Database, feed: LiveFeed) -> None:
    """Note when notes come."""
    ledger, after = Ledger(database), 0
    async with feed.subscribe(*one.live.where) as messages:
        async for _ in messages:
            at = time.perf_counter()
            for event in await ledger.read_all(*one.live.where, NOTE_TYPES, after):
                one.told.append((event, at))
                after = event.ledgersequence


async def _end(watched: Sequence[Watched], follower: LessonFollower, database: Database) -> None:
    """End the lessons, and wait until what was left to tell is told."""
    for one in watched:
        one.ended = time.perf_counter()
        await LessonStore(database).end_lesson(*one.live.where)
    async with asyncio.timeout(PATIENCE_S):
        while follower.lessons:  # noqa: ASYNC110 - nobody tells of it.
            await asyncio.sleep(0.1)


def table(title: str, lags: Lags) -> Table:
    """Return how late notes came, by their kind."""
    shown = Table(title=f"{title}: {lags.cores:.2f} cores busy; a look every {REST_SECONDS:g} s")
    for heading in ("note", "told", "p50", "p95", "most"):
        shown.add_column(heading, justify="left" if heading == "note" else "right")
    for kind in (MOVES, MOMENTS, LONG, UNSURE, SEGMENTS, AT_END):
        shown.add_row(kind, *_figures(lags.seconds.get(kind, []), "s"))
    closing = [ms / 1_000 for ms in lags.closing_ms]
    shown.add_row("segment.closed, from its end, of the lesson", *_figures(closing, "s"))
    return shown


def _figures(values: Sequence[float], unit: str) -> tuple[str, ...]:
    if not values:
        return ("0", "-", "-", "-")
    middle, high = np.quantile(values, [0.5, 0.95])
    return (str(len(values)), *(f"{one:.1f} {unit}" for one in (middle, high, max(values))))


if __name__ == "__main__":
    main()
