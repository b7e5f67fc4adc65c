"""Webhooks from commit to receiver, on a real PostgreSQL, over real sockets, by a clock of ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import Any

import psycopg
import pytest
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP
from fastapi.responses import Response
from procrastinate.jobs import Status
from pydantic import SecretStr
from standardwebhooks import Webhook as StandardWebhook
from svix.webhooks import Webhook as SvixWebhook

from integrations.webhooks.signing import new_secret, shown
from lessons.events import (
    CaptionerTookOver,
    EventDraft,
    HandRaised,
    LessonEnded,
    LessonStarted,
)
from lessons.identifiers import new_id
from lessons.privacy.consent import Purpose
from lessons.records import Lesson
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, LiveFeed
from lessons.store.consent_changes import ConsentChange, ConsentChanges
from lessons.store.disclosures import DisclosureLog
from lessons.store.people import PeopleStore
from lessons.store.tenants import TenantStore
from lessons.store.webhook_deliveries import Delivery, DeliveryLog
from lessons.store.webhook_lanes import WebhookLanes
from lessons.store.webhooks import Webhook, WebhookStore
from serving.jobs.queue import WEBHOOK_QUEUE, JobQueue, job_app
from serving.jobs.queue_workers import take_up_again
from serving.jobs.webhook_worker import WebhookWork, open_webhook_work
from serving.settings import Settings
from tests.unit.integrations.captions.spoken import final
from tests.unit.integrations.webhooks.receiver import (
    Delivered,
    Receiver,
    answering,
    running_receiver,
)

KEY = new_secret()


@dataclass
class MovedClock:
    """The time, as much later as a test has moved it."""

    ahead: timedelta = timedelta(0)
    standing_at: datetime | None = None

    def stand_still(self) -> None:
        """From now on no time passes but what the test adds, however slow the machine."""
        self.standing_at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return (self.standing_at or datetime.now(UTC)) + self.ahead


@dataclass
class World:
    """A tenant with a webhook to a receiver, and everything between the two."""

    database: Database
    url: str
    work: WebhookWork
    clock: MovedClock
    receiver: Receiver
    webhook: Webhook

    @property
    def webhooks(self) -> WebhookStore:
        return WebhookStore(self.database)

    @property
    def tenant_id(self) -> str:
        return self.webhook.tenant_id

    async def lesson(self, course_id: str | None = None) -> Lesson:
        return await LessonStore(self.database).create_lesson(
            self.tenant_id, title="Fractions", course_id=course_id
        )

    async def append(self, lesson: Lesson, count: int = 1) -> None:
        drafts = [EventDraft(LessonEnded(duration_ms=n), n) for n in range(count)]
        await Ledger(self.database).append(self.tenant_id, lesson.id, drafts)

    async def deliver(self) -> None:
        """Relay, and deliver what is due now."""
        await self.work.relay.relay(self.tenant_id)
        await self.work.delivery.deliver(self.tenant_id, self.webhook.id)

    async def now(self) -> Webhook:
        return await self.webhooks.get(self.tenant_id, self.webhook.id)

    async def log(self, **options: Any) -> list[Delivery]:
        return await DeliveryLog(self.database).list_deliveries(
            self.tenant_id, self.webhook.id, **options
        )

    async def next_attempt_at(self) -> datetime | None:
        waiting = await WebhookLanes(self.database).waiting(self.tenant_id, self.webhook.id)
        return waiting.next_attempt_at

    def got(self) -> list[tuple[str, int]]:
        """Lesson and sequence of everything that the receiver was sent, in order."""
        events = [json.loads(one.body)["data"] for one in self.receiver.received]
        return [(event["lessonid"], event["ledgersequence"]) for event in events]


class Mailbox(MessageHandler):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.port = 0
        self.messages: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.messages.append(message)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """A real SMTP server."""
    box = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with running_receiver() as running:
        yield running


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    smtp_url = SecretStr(f"smtp://127.0.0.1:{mailbox.port}")
    return settings.model_copy(
        update={"webhook_allowed_networks": ["127.0.0.0/8"], "smtp_url": smtp_url}
    )


@pytest.fixture
async def world(
    settings: Settings,
    served_database: str,
    tenant_id: str,
    receiver: Receiver,
    clock: MovedClock,
) -> AsyncIterator[World]:
    await forget_other_jobs(served_database)
    database = Database(served_database, master_key=settings.sealing_key())
    webhook = await WebhookStore(database).create(tenant_id, url=receiver.url, secret=KEY)
    async with (
        LiveFeed(served_database) as feed,
        open_webhook_work(settings, served_database, database, feed, clock) as work,
    ):
        yield World(database, served_database, work, clock, receiver, webhook)
    await database.dispose()


async def forget_other_jobs(url: str) -> None:
    """Take away what other tests have left in the queue, and what falls due in this one."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(
            "DELETE FROM procrastinate_jobs WHERE queue_name = %s", [WEBHOOK_QUEUE]
        )


def sent_to(received: Delivered) -> dict[str, Any]:
    """The message, verified by both packages."""
    for verifier in (StandardWebhook(shown(KEY)), SvixWebhook(shown(KEY))):
        verifier.verify(received.body, received.headers)
    message: dict[str, Any] = json.loads(received.body)
    return message


async def test_every_event_arrives_once_signed_and_in_the_order_of_its_lesson(
    world: World,
) -> None:
    first, second = await world.lesson(), await world.lesson()
    await world.append(first, 3)
    await world.append(second, 2)
    await world.append(first)
    await world.deliver()
    await world.deliver()
    got = world.got()
    assert [place for place in got if place[0] == first.id] == [(first.id, n) for n in range(1, 5)]
    assert [place for place in got if place[0] == second.id] == [(second.id, 1), (second.id, 2)]
    assert len(got) == 6
    messages = [sent_to(received) for received in world.receiver.received]
    assert {message["type"] for message in messages} == {"lesson.ended"}
    ids = {received.headers["webhook-id"] for received in world.receiver.received}
    assert len(ids) == 6
    log = await world.log()
    assert {entry.id for entry in log} == ids
    assert {entry.status for entry in log} == {"delivered"}
    assert await world.next_attempt_at() is None


async def test_what_was_committed_before_the_webhook_was_made_is_not_sent(world: World) -> None:
    lesson = await world.lesson()
    await world.append(lesson)
    later = await world.webhooks.create(world.tenant_id, url=world.receiver.url, secret=KEY)
    await world.append(lesson)
    await world.work.relay.relay(world.tenant_id)
    await world.work.delivery.deliver(world.tenant_id, later.id)
    assert world.got() == [(lesson.id, 2)]


async def test_only_the_types_and_the_course_that_were_asked_for_are_sent(world: World) -> None:
    await world.webhooks.change(
        world.tenant_id, world.webhook.id, {"event_types": ["lesson.started"]}
    )
    lesson = await world.lesson()
    await world.append(lesson, 3)
    draft = EventDraft(LessonStarted(title="Fractions", language="en"), 0)
    await Ledger(world.database).append(world.tenant_id, lesson.id, [draft])
    await world.append(lesson, 60)
    await world.deliver()
    assert world.got() == [(lesson.id, 4)]
    assert await world.next_attempt_at() is None
    values = {"event_types": None, "course_id": "crs_other"}
    await world.webhooks.change(world.tenant_id, world.webhook.id, values)
    await world.append(lesson)
    await world.deliver()
    assert world.got() == [(lesson.id, 4)]


async def test_who_does_not_let_their_events_be_shared_is_left_out_and_others_are_entered(
    world: World,
) -> None:
    lesson = await world.lesson()
    ada, ben = [
        await LessonStore(world.database).add_participant(
            world.tenant_id, lesson.id, name, Role.LEARNER
        )
        for name in ("Ada", "Ben")
    ]
    refusal = ConsentChange(ada.person_id, None, [Purpose.SHARING], False, None, ada.id)
    await ConsentChanges(world.database).decide(world.tenant_id, refusal)
    drafts = [EventDraft(HandRaised(), n, person.id) for n, person in enumerate((ada, ben, ada))]
    await Ledger(world.database).append(world.tenant_id, lesson.id, drafts)
    await world.append(lesson)
    await world.deliver()
    assert world.got() == [(lesson.id, 2), (lesson.id, 4)]
    assert await world.next_attempt_at() is None
    log = DisclosureLog(world.database)
    (entry,) = await log.list_disclosures(world.tenant_id, ben.person_id)
    assert (entry.actor, entry.lesson_id) == (world.webhook.id, lesson.id)
    assert world.receiver.url in entry.purpose
    assert await log.list_disclosures(world.tenant_id, ada.person_id) == []


async def test_a_message_is_tried_at_the_promised_times_and_then_given_up(world: World) -> None:
    world.clock.stand_still()
    world.receiver.answer = answering(500)
    await world.webhooks.note_success(world.tenant_id, world.webhook.id, world.clock())
    await world.append(await world.lesson(), 1)
    waits: list[float] = []
    await world.deliver()
    while (due := await world.next_attempt_at()) is not None:
        (entry,) = await world.log()
        assert entry.status == "retrying"
        assert entry.next_attempt_at == due
        waits.append((due - entry.last_attempt_at).total_seconds())
        world.clock.ahead += timedelta(seconds=waits[-1] - 0.5)
        await world.deliver()
        assert len(world.receiver.received) == len(waits), "tried before its time"
        world.clock.ahead += timedelta(seconds=1)
        await world.deliver()
    assert waits == [5, 300, 1800, 7200, 18000, 36000, 36000]
    (entry,) = await world.log()
    assert (entry.status, len(entry.attempts)) == ("failed", 8)
    assert {attempt.status for attempt in entry.attempts} == {500}
    assert len({one.headers["webhook-id"] for one in world.receiver.received}) == 1
    times = [int(one.headers["webhook-timestamp"]) for one in world.receiver.received]
    assert times == sorted(set(times)), "each attempt is signed with its own time"


async def test_a_failing_message_holds_up_its_own_lesson_only(world: World) -> None:
    bad, good = await world.lesson(), await world.lesson()

    async def refuse_one(received: Delivered) -> Response:
        refused = json.loads(received.body)["data"]["lessonid"] == bad.id
        return Response(status_code=500 if refused else 204)

    world.receiver.answer = refuse_one
    await world.append(bad, 2)
    await world.append(good, 2)
    await world.deliver()
    assert sorted(world.got()) == sorted([(bad.id, 1), (good.id, 1), (good.id, 2)])
    world.receiver.answer = None
    world.clock.ahead += timedelta(seconds=6)
    await world.deliver()
    assert world.got()[-2:] == [(bad.id, 1), (bad.id, 2)]


async def test_after_an_outage_everything_is_due_as_soon_as_one_message_is_taken(
    world: World,
) -> None:
    world.receiver.answer = answering(503)
    lessons = [await world.lesson() for _ in range(3)]
    for lesson in lessons[:2]:
        await world.append(lesson, 3)
    for _ in range(4):
        await world.deliver()
        due = await world.next_attempt_at()
        assert due is not None
        world.clock.ahead += max(timedelta(0), due - world.clock())
    world.receiver.answer = None
    before = len(world.receiver.received)
    await world.append(lessons[2])  # the next attempts of the others are hours away
    await world.deliver()
    await world.deliver()
    taken = world.got()[before:]
    for lesson, count in zip(lessons, (3, 3, 1), strict=True):
        assert [n for name, n in taken if name == lesson.id] == list(range(1, count + 1))
    assert (await world.now()).failing_since is None


async def test_a_crash_repeats_messages_under_the_same_ids_and_loses_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = await world.lesson()
    await world.append(lesson, 5)

    async def crash(*_: object) -> None:
        raise RuntimeError("killed before the note")

    with monkeypatch.context() as patched:
        patched.setattr(DeliveryLog, "write", crash)
        with pytest.raises(ExceptionGroup):
            await world.deliver()
    await world.deliver()
    assert world.got() == [(lesson.id, n) for n in (1, 2, 3, 4, 5)] * 2
    ids = [one.headers["webhook-id"] for one in world.receiver.received]
    assert ids[:5] == ids[5:]


async def test_during_a_rotation_both_secrets_verify(world: World) -> None:
    fresh = new_secret()
    await world.webhooks.rotate(world.tenant_id, world.webhook.id, fresh, timedelta(hours=1))
    lesson = await world.lesson()
    await world.append(lesson)
    await world.deliver()
    received = world.receiver.received[0]
    for secret in (KEY, fresh):
        StandardWebhook(shown(secret)).verify(received.body, received.headers)
        SvixWebhook(shown(secret)).verify(received.body, received.headers)
    world.clock.ahead += timedelta(hours=2)
    await world.append(lesson)
    await world.deliver()
    assert len(world.receiver.received[1].headers["webhook-signature"].split()) == 1


async def test_after_five_days_of_failure_it_is_disabled_with_an_event_and_an_email(
    world: World, mailbox: Mailbox
) -> None:
    people = PeopleStore(world.database)
    person = await people.create(world.tenant_id, "Grace", email="grace@school.example")
    await people.assign(world.tenant_id, person.id, Role.ADMINISTRATOR)
    world.receiver.answer = answering(500)
    lesson = await world.lesson()
    await world.append(lesson, 9)
    while (await world.now()).status == "enabled":
        await world.deliver()
        due = await world.next_attempt_at()
        assert due is not None
        world.clock.ahead += max(timedelta(0), due - world.clock())
    webhook = await world.now()
    assert webhook.failing_since is not None
    assert webhook.disabled_at is not None
    failed_for = webhook.disabled_at - webhook.failing_since
    assert timedelta(days=5) <= failed_for < timedelta(days=6)
    (event,) = await Ledger(world.database).read(
        world.tenant_id, lesson.id, types=["webhook.disabled"]
    )
    assert event.data.model_dump()["webhook_id"] == webhook.id
    await run_mail_jobs(world)
    (mail,) = mailbox.messages
    assert (mail["To"], mail["From"]) == ("grace@school.example", "Lectern <lectern@localhost>")
    assert webhook.url in str(mail.get_payload())
    before = len(world.receiver.received)
    await world.append(lesson)
    await world.deliver()
    assert len(world.receiver.received) == before, "a disabled webhook gets nothing"


async def test_once_enabled_again_it_goes_on_where_it_stopped(world: World) -> None:
    world.receiver.answer = answering(410)
    lesson = await world.lesson()
    await world.append(lesson, 2)
    await world.deliver()
    webhook = await world.now()
    assert (webhook.status, webhook.disabled_reason) == ("disabled", "the receiver answered 410")
    await world.append(lesson, 2)
    world.receiver.answer = None
    await world.webhooks.enable(world.tenant_id, webhook.id)
    world.clock.ahead += timedelta(seconds=6)
    await world.deliver()
    ended = [place for place in world.got()[1:] if place[0] == lesson.id]
    assert ended == [(lesson.id, n) for n in (1, 2, 3, 4, 5)], "the event of its disabling as well"


async def test_whose_data_went_out_is_in_the_disclosure_log(world: World) -> None:
    lesson = await world.lesson()
    learner = await LessonStore(world.database).add_participant(
        world.tenant_id, lesson.id, "Ada", Role.LEARNER
    )
    draft = EventDraft(HandRaised(), 0, learner.id)
    await Ledger(world.database).append(world.tenant_id, lesson.id, [draft])
    await world.deliver()
    (entry,) = await DisclosureLog(world.database).list_disclosures(
        world.tenant_id, learner.person_id
    )
    assert (entry.actor, entry.lesson_id) == (world.webhook.id, lesson.id)
    assert entry.purpose == f"webhook to {world.receiver.url}"


async def test_a_tenant_that_switched_webhooks_off_sends_nothing(
    world: World, served_database: str
) -> None:
    parent, off = new_id("ten"), {"features": {"webhooks": False}}
    async with await psycopg.AsyncConnection.connect(served_database) as admin:
        await admin.execute(
            "INSERT INTO tenants (id, path, name, kind, settings, inherited, effective, created_at)"
            " VALUES (%s, ARRAY[%s], 'School', 'school', '{}', '{}', '{}', now())",
            [parent, parent],
        )
    school = await TenantStore(world.database).create(parent, parent, "Class", "class", off)
    webhook = await world.webhooks.create(school.id, url=world.receiver.url, secret=KEY)
    world.webhook = webhook
    await world.append(await world.lesson())
    await world.deliver()
    assert world.got() == []


async def test_a_message_and_a_time_can_be_replayed(world: World) -> None:
    lanes = WebhookLanes(world.database)
    lesson, other = await world.lesson(), await world.lesson()
    await world.append(lesson, 3)
    between = datetime.now(UTC)
    await world.append(other, 2)
    await world.deliver()
    entry = next(
        one for one in await world.log() if one.sequence == 2 and one.lesson_id == lesson.id
    )
    await lanes.replay_message(world.tenant_id, world.webhook.id, entry.id, world.clock())
    await world.deliver()
    assert world.got()[5:] == [(lesson.id, 2)]
    assert world.receiver.received[-1].headers["webhook-id"] == entry.id
    _, events = await lanes.replay_time(
        world.tenant_id, world.webhook.id, between, datetime.now(UTC), world.clock()
    )
    assert events == 2
    await world.deliver()
    assert world.got()[6:] == [(other.id, 1), (other.id, 2)]


async def test_the_jobs_process_delivers_by_itself_and_retries(world: World) -> None:
    """The whole way: NOTIFY, relay, procrastinate in the same PostgreSQL, socket."""
    app = job_app(world.url)
    world.work.register(app)
    answers = iter([500])

    async def fail_once(_: Delivered) -> Response:
        return Response(status_code=next(answers, 204))

    world.receiver.answer = fail_once
    lesson = await world.lesson()
    async with app.open_async(), world.work.working(app, poll_seconds=0.05):
        await world.append(lesson, 2)
        await world.receiver.wait_for(1)
        await until_waiting(world)
        await skip(world, timedelta(seconds=5))
        await world.receiver.wait_for(3)
    assert world.got() == [(lesson.id, 1), (lesson.id, 1), (lesson.id, 2)]


async def test_the_job_of_a_killed_worker_blocks_nothing(world: World) -> None:
    """Its lock would hold up the webhook for ever where the same job waits in the queue already."""
    app = job_app(world.url)
    async with app.open_async(), JobQueue(world.url) as queue:
        await queue.wake_webhook(world.tenant_id, world.webhook.id)
        dead = await app.job_manager.register_worker()
        lost = await app.job_manager.fetch_job([WEBHOOK_QUEUE], dead)
        assert lost is not None
        await queue.wake_webhook(world.tenant_id, world.webhook.id, timedelta(hours=1))
        await queue.wake_webhook(world.tenant_id, world.webhook.id)  # brought forward
        assert await app.job_manager.fetch_job([WEBHOOK_QUEUE], dead) is None, "the lock holds"
        await take_up_again(app, lost)
        next_one = await app.job_manager.fetch_job([WEBHOOK_QUEUE], dead)
        assert next_one is not None
        assert next_one.id != lost.id
        await app.job_manager.finish_job(next_one, Status.SUCCEEDED, delete_job=True)


async def until_waiting(world: World) -> None:
    async with asyncio.timeout(10):
        while not await scheduled(world):
            await asyncio.sleep(0.02)


async def scheduled(world: World) -> bool:
    async with await psycopg.AsyncConnection.connect(world.url) as connection:
        found = await connection.execute(
            "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at > now() "
            "AND queueing_lock = %s",
            [f"webhook:{world.webhook.id}"],
        )
        return await found.fetchone() is not None


async def skip(world: World, time: timedelta) -> None:
    """Let time pass: for the deliveries by their clock, for the queue by moving what it holds."""
    world.clock.ahead += time
    async with await psycopg.AsyncConnection.connect(world.url) as connection:
        await connection.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - %s WHERE status = 'todo' "
            "AND queueing_lock = %s",
            [time, f"webhook:{world.webhook.id}"],
        )


async def run_mail_jobs(world: World) -> None:
    app = job_app(world.url)
    world.work.register(app)
    async with app.open_async():
        await app.run_worker_async(queues=["default"], wait=False, install_signal_handlers=False)


async def test_a_tenant_of_another_region_holds_up_nobody(world: World) -> None:
    abroad, elsewhere = new_id("ten"), Database(world.url)
    lesson_abroad = await LessonStore(elsewhere).create_lesson(abroad, title="Abroad")
    draft = EventDraft(LessonEnded(duration_ms=1), 1)
    await Ledger(elsewhere).append(abroad, lesson_abroad.id, [draft])
    await TenantStore(elsewhere).change(abroad, abroad, settings={"region": "eu"})
    await elsewhere.dispose()
    lesson = await world.lesson()
    await world.append(lesson)
    await world.work.relay.relay_all()
    await world.work.delivery.deliver(world.tenant_id, world.webhook.id)
    assert world.got() == [(lesson.id, 1)]


async def test_a_caption_that_a_typed_one_supersedes_is_delivered_as_it_is_and_said_to_be(
    world: World,
) -> None:
    lesson, lessons = await world.lesson(), LessonStore(world.database)
    where = (world.tenant_id, lesson.id)
    ada = await lessons.add_participant(*where, "Ada", Role.LEARNER)
    noor = await lessons.add_participant(*where, "Noor", Role.CAPTIONER)
    took_over = CaptionerTookOver(name="Noor", asked_by=noor.id)
    captions = [
        final("heard before", 1_000, 1_900, participant_id=ada.id),
        final("hurt instead", 3_000, 3_900, participant_id=ada.id),
        final("typed", 4_000, 4_900, participant_id=ada.id, engine="human", model="human"),
    ]
    drafts = [EventDraft(one, one.start_ms, ada.id, id=one.caption_id) for one in captions]
    drafts.insert(1, EventDraft(took_over, 2_000, noor.id))
    await Ledger(world.database).append(*where, drafts)
    await world.deliver()
    messages = [json.loads(one.body) for one in world.receiver.received]
    told = [one for one in messages if one["type"] == "caption.final"]
    assert [one.get("superseded") for one in told] == [None, True, None]
    stored = await Ledger(world.database).read(*where)
    assert [one["data"] for one in messages if "data" in one][-len(stored) :] == [
        event.to_wire() for event in stored
    ]
