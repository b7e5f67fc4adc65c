"""A day of webhook outage in virtual time: what waits, what is lost, in which order it arrives.

    python -m eval.webhook_outage

A receiver answers 503 for 24 hours while lessons go on. Everything is the real thing: the ledger
and the outbox in a PostgreSQL of the benchmark's own, the relay, the worker on procrastinate, the
signed requests over sockets. Only the clock is another: between two things that are due, the
deliveries' clock is moved ahead, and what the queue holds is moved back by as much. Its peer is the
bare sender: the same requests to the same receiver with nothing behind them.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

import psycopg

from eval.own_postgres import OwnPostgres, own_postgres
from eval.webhook_receiver import BenchmarkReceiver, running_receiver
from integrations.address_guard import AddressGuard
from integrations.webhooks.sender import WebhookSender
from integrations.webhooks.signing import new_secret
from lessons.events import EventDraft, HandRaised
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, LiveFeed
from lessons.store.database import driver_url
from lessons.store.webhook_lanes import WebhookLanes
from lessons.store.webhooks import Webhook, WebhookStore
from serving.jobs.queue import WEBHOOK_QUEUE, job_app, migrate_jobs
from serving.jobs.webhook_worker import WebhookWork, open_webhook_work
from serving.jobs.webhooks import PARALLEL_LANES
from serving.settings import Settings

TENANT = "ten_outage"
OUTAGE = timedelta(hours=24)
STEP = timedelta(minutes=10)
LESSON_STEPS = 6
"""A lesson lasts an hour."""

AFTERWARDS = timedelta(hours=12)
"""How long after the outage the last message may arrive before the benchmark gives up."""

IDLE_POLL_SECONDS = 0.02

_BUSY = """
SELECT count(*) FROM procrastinate_jobs WHERE queue_name = %s
    AND (status = 'doing' OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))
"""
_NEXT = """
SELECT min(scheduled_at) - now() FROM procrastinate_jobs WHERE queue_name = %s AND status = 'todo'
"""
_SKIP = """
UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - %s
WHERE queue_name = %s AND status = 'todo'
"""


class VirtualTime:
    """The deliveries' clock, and the way to let it pass."""

    def __init__(self, connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        self._connection = connection
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """Return the virtual time."""
        return datetime.now(UTC) + self._ahead

    async def until_idle(self) -> None:
        """Wait until nothing that is due is left to do."""
        while True:
            found = await self._connection.execute(_BUSY, [WEBHOOK_QUEUE])
            if await found.fetchone() == (0,):
                return
            await asyncio.sleep(IDLE_POLL_SECONDS)

    async def pass_until(self, moment: datetime) -> None:
        """Go from one thing that is due to the next, up to a virtual moment."""
        while (left := moment - self()) > timedelta(0):
            found = await (await self._connection.execute(_NEXT, [WEBHOOK_QUEUE])).fetchone()
            due = found[0] if found else None
            skipped = min(left, due) if isinstance(due, timedelta) else left
            self._ahead += skipped
            await self._connection.execute(_SKIP, [skipped, WEBHOOK_QUEUE])
            await self.until_idle()


@dataclass(frozen=True, slots=True)
class World:
    """A tenant with a webhook to the receiver."""

    database: Database
    work: WebhookWork
    clock: VirtualTime
    receiver: BenchmarkReceiver
    webhook: Webhook


async def hold_lessons(world: World, events: int) -> None:
    """Append events over the whole outage, in lessons that begin and end, and let them be tried."""
    lessons, ledger = LessonStore(world.database), Ledger(world.database)
    steps = OUTAGE // STEP
    starts = world.clock()
    running: list[tuple[str, str]] = []
    appended = 0
    for step in range(steps):
        if step % LESSON_STEPS == 0:
            running = [await _lesson(lessons, number) for number in range(PARALLEL_LANES)]
        share = events * (step + 1) // steps - appended
        for number, (lesson_id, participant_id) in enumerate(running):
            count = share // len(running) + (number < share % len(running))
            drafts = [EventDraft(HandRaised(), step, participant_id) for _ in range(count)]
            await ledger.append(TENANT, lesson_id, drafts)
        appended += share
        await world.work.relay.relay_all()
        await world.clock.until_idle()
        await world.clock.pass_until(starts + STEP * (step + 1))


async def _lesson(lessons: LessonStore, number: int) -> tuple[str, str]:
    lesson = await lessons.create_lesson(TENANT, title=f"Lesson {number}")
    person = await lessons.add_participant(TENANT, lesson.id, "Ada", Role.LEARNER)
    return lesson.id, person.id


async def catch_up(world: World, events: int) -> timedelta:
    """Let the receiver answer again; return the virtual time until it has everything."""
    ended = world.clock()
    world.receiver.is_out = False
    while len(world.receiver.taken) < events and world.clock() < ended + AFTERWARDS:
        await world.clock.pass_until(world.clock() + timedelta(seconds=1))
    return world.clock() - ended


async def bare_rate(receiver: BenchmarkReceiver) -> float:
    """Requests a second of the sender alone, as many at a time as a webhook's lanes."""
    keys, bodies = [new_secret()], list(receiver.bodies)
    started = time.perf_counter()
    async with WebhookSender(AddressGuard(["127.0.0.0/8"])) as sender:

        async def send(share: list[bytes], lane: int) -> None:
            for number, body in enumerate(share):
                name = f"bare_{lane}_{number}"
                await sender.send(receiver.url, keys, name, body, datetime.now(UTC))

        await asyncio.gather(
            *(send(bodies[lane::PARALLEL_LANES], lane) for lane in range(PARALLEL_LANES))
        )
    return len(bodies) / (time.perf_counter() - started)


def report(receiver: BenchmarkReceiver, events: int, late: timedelta, rate: float) -> None:
    """Print what arrived, and how."""
    in_order = sum(taken == list(range(1, len(taken) + 1)) for taken in receiver.sequences.values())
    doubled = sum(count - 1 for count in receiver.taken.values())
    print(f"{events} events in {len(receiver.sequences)} lessons over {OUTAGE} of outage")
    print(f"requests refused during the outage: {receiver.refused}")
    print(f"lost: {events - len(receiver.taken)}; taken twice: {doubled}")
    print(f"lessons whose events arrived in the order of their sequence: {in_order} of ", end="")
    print(f"{len(receiver.sequences)}")
    print(f"everything had arrived {late} (virtual) after the outage ended")
    print(f"catch-up: {rate:.0f} events/s of real time")


async def run(postgres: OwnPostgres, folder: str, events: int) -> None:
    """Run the outage and print what came of it."""
    migrate_jobs(postgres.url)
    settings = Settings(data_dir=folder, webhook_allowed_networks=["127.0.0.0/8"])
    database = postgres.database(pool_size=10)
    app = job_app(postgres.url)
    async with (
        await psycopg.AsyncConnection.connect(driver_url(postgres.url), autocommit=True) as own,
        running_receiver() as receiver,
        LiveFeed(postgres.url) as feed,
    ):
        clock = VirtualTime(own)
        webhook = await WebhookStore(database).create(TENANT, url=receiver.url, secret=new_secret())
        async with open_webhook_work(settings, postgres.url, database, feed, clock) as work:
            work.register(app)
            world = World(database, work, clock, receiver, webhook)
            receiver.is_out = True
            async with app.open_async(), work.working(app, poll_seconds=IDLE_POLL_SECONDS):
                await hold_lessons(world, events)
                waiting = await WebhookLanes(database).waiting(TENANT, webhook.id)
                print(f"waiting when the outage ended: {waiting.events} events")
                started = time.perf_counter()
                late = await catch_up(world, events)
                rate = len(receiver.taken) / (time.perf_counter() - started)
        report(receiver, events, late, rate)
        bare = await bare_rate(receiver)
        print(f"the bare sender: {bare:.0f} requests/s; ratio of catch-up to it: {rate / bare:.2f}")
    await database.dispose()


def main() -> None:
    """Run the benchmark on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=100_000, help="events during the outage")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="lectern-") as folder, own_postgres() as postgres:
        asyncio.run(run(postgres, folder, arguments.events))


if __name__ == "__main__":
    main()
