"""The same pages with a short and with a long history behind them: milliseconds, and the ratio.

    python -m eval.query_scaling --sizes 10000 1000000 10000000

One tenant gets a course with a past by the public API, and then, written in bulk, other lessons
over three years until it has so many events. At each size the same requests are made, one after the
other, through the whole gateway in this process. A page is flat if its last figure is at most twice
its first. The times of one page at two sizes were not measured in the same minute; the column
`SELECT 1` shows how the machine itself changed between them.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
from sqlalchemy import text

from eval.long_history import EVENTS_PER_LESSON, fill, make_past_partitions
from eval.own_postgres import OwnPostgres, own_postgres
from eval.taught_course import TaughtCourse
from lessons.identifiers import new_id
from models.mastery.tracing import mastery_model
from serving.gateway import create_app
from serving.jobs.learning_record import LearningRecordRelay
from serving.jobs.queue import migrate_jobs
from serving.settings import Settings
from serving.web.services import Services, open_services

WARM_REQUESTS = 3

Request = Callable[[], Awaitable[object]]


def pages(course: TaughtCourse) -> dict[str, str]:
    """The pages that somebody looks at during and before a lesson, by their names."""
    lesson, learner = f"/v1/lessons/{course.lesson_id}", f"/v1/learners/{course.person_id}"
    return {
        "lessons, newest": "/v1/lessons?limit=50",
        "lesson": lesson,
        "events, first page": f"{lesson}/events?limit=100",
        "events, tail": f"{lesson}/events?after=100",
        "captions": f"{lesson}/captions.vtt",
        "vocabulary": f"{lesson}/vocabulary",
        "course's lessons": f"/v1/courses/{course.course_id}/lessons",
        "briefing": f"{lesson}/briefing",
        "learner's progress": f"{learner}/progress",
        "learner's homework": f"{learner}/homework",
    }


class Requests:
    """What is measured, by name.

    Args:
        services: for what no page shows: the append alone, and the machine itself.
    """

    def __init__(self, api: httpx.AsyncClient, services: Services, tenant_id: str) -> None:
        self._api = api
        self._services = services
        self._tenant_id = tenant_id

    def of(self, course: TaughtCourse) -> dict[str, Request]:
        """Every request about a course."""
        requests: dict[str, Request] = {"SELECT 1": self._select}
        requests |= {name: self._get(path) for name, path in pages(course).items()}
        requests["post one event"] = self._post(course)
        requests["tenant's newest commits"] = self._newest_commits
        return requests

    def _get(self, path: str) -> Request:
        async def get() -> object:
            return (await self._api.get(path)).raise_for_status()

        return get

    def _post(self, course: TaughtCourse) -> Request:
        async def post() -> object:
            event = {"id": new_id("evt"), "type": "hand.raised", "subject": course.participant_id}
            path = f"/v1/lessons/{course.lesson_id}/events"
            return (await self._api.post(path, json=event)).raise_for_status()

        return post

    async def _select(self) -> object:
        async with self._services.database.transaction(self._tenant_id) as connection:
            return await connection.scalar(text("SELECT 1"))

    async def _newest_commits(self) -> object:
        newest = await self._services.commits.newest(self._tenant_id)
        return await self._services.commits.events(self._tenant_id, newest)


async def median_ms(request: Request, repeats: int) -> float:
    """The median of so many repetitions, after a few that do not count."""
    taken = []
    for number in range(WARM_REQUESTS + repeats):
        started = time.perf_counter()
        await request()
        if number >= WARM_REQUESTS:
            taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


async def run(
    server: OwnPostgres, settings: Settings, sizes: Sequence[int], repeats: int
) -> dict[str, list[float]]:
    """Fill and measure size by size."""
    async with open_services(settings, server.url) as services:
        tenant_id = new_id("ten")
        _, key = await services.api_keys.create(tenant_id, "benchmark")
        transport = httpx.ASGITransport(create_app(services))
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://gateway",
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        ) as api:
            course = await TaughtCourse.over_api(api)
            model = mastery_model(settings.mastery_parameters)
            await LearningRecordRelay(services.database, services.feed, model).relay_all()
            requests = Requests(api, services, tenant_id).of(course)
            figures: dict[str, list[float]] = {name: [] for name in requests}
            filled = 0
            for size in sizes:
                lessons = size // EVENTS_PER_LESSON
                await asyncio.to_thread(_fill, server, tenant_id, course, filled + 1, lessons)
                filled = lessons
                for name, request in requests.items():
                    figures[name].append(await median_ms(request, repeats))
    return figures


def _fill(server: OwnPostgres, tenant_id: str, course: TaughtCourse, first: int, last: int) -> None:
    started = time.monotonic()
    with psycopg.connect(server.url, autocommit=True) as owner:
        fill(owner, tenant_id, course.lesson_id, first, last)
    events = (last - first + 1) * EVENTS_PER_LESSON
    print(f"wrote {events:,} events in {time.monotonic() - started:.0f} s", flush=True)


def report(sizes: Sequence[int], figures: dict[str, list[float]]) -> None:
    """Print the table."""
    print(f"\n{'median ms':>24}" + "".join(f"{size:>13,}" for size in sizes) + f"{'ratio':>8}")
    for name, medians in figures.items():
        ratio = medians[-1] / medians[0]
        print(f"{name:>24}" + "".join(f"{value:>13.1f}" for value in medians) + f"{ratio:>8.2f}")


def main() -> None:
    """Run the benchmark on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[10_000, 100_000], help="events, ascending"
    )
    parser.add_argument("--repeats", type=int, default=30, help="requests of each kind")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lectern-") as folder, own_postgres() as server:
        migrate_jobs(server.url)
        make_past_partitions(server.url, datetime.now(UTC).date())
        settings = Settings(data_dir=Path(folder), rate_limit_per_minute=0, log_level="error")
        figures = asyncio.run(run(server, settings, arguments.sizes, arguments.repeats))
    report(arguments.sizes, figures)


if __name__ == "__main__":
    main()
