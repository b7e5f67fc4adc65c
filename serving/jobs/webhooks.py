"""Delivers webhooks: works through the lanes that are due, in the order of each lesson's ledger."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from integrations.webhooks.message import message_body, message_id
from integrations.webhooks.schedule import OUTAGE, must_disable, next_attempt_at
from integrations.webhooks.sender import Attempt, WebhookSender
from lessons.errors import LecternError, NotFound
from lessons.events import CaptionFinal, LearningEvent
from lessons.policy import Credential
from lessons.privacy.consent import Purpose
from lessons.store import Database, Ledger
from lessons.store.consents import ConsentStore
from lessons.store.disclosures import DisclosureLog
from lessons.store.takeovers import LessonTakeovers
from lessons.store.tenants import TenantStore
from lessons.store.webhook_deliveries import (
    DeliveryAttempt,
    DeliveryLog,
    DeliveryStatus,
    LogEntry,
    Progress,
)
from lessons.store.webhook_lanes import Lane, WebhookLanes
from lessons.store.webhooks import Webhook, WebhookStore
from serving.jobs.clock import Clock
from serving.jobs.queue import JobQueue
from serving.observability.jobs_metrics import JobsMetrics

logger = logging.getLogger(__name__)

PARALLEL_LANES = 8
"""Lessons whose events go to one webhook at the same time; each lesson's go one by one."""

PAGE_EVENTS = 50
PAGE_SECONDS = 5.0
"""Most messages and time of a lane between two notes of how far it came: what a crash repeats."""

RUN_SECONDS = 20.0
"""After so long a webhook with more to do goes to the end of the queue."""

PAUSE = timedelta(seconds=30)
"""A webhook with many lanes that took nothing of a whole round is left alone for so long."""

RETRY_AFTER_OUTAGE = timedelta(seconds=5)
"""Of the store, not of the webhook."""

NOTE_SUCCESS_EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class _Receiver:
    """A webhook while it is delivered to.

    Attributes:
        keys: what its messages are signed with.
        failing_since: time of the first failure since the last success.
        success_noted_at: the last success that the store knows of.
        taken: messages that it took in this run.
    """

    webhook: Webhook
    keys: list[bytes]
    failing_since: datetime | None
    success_noted_at: datetime | None
    taken: int = 0
    disabled: bool = False


@dataclass(slots=True)
class _Page:
    """What was done of a lane's next messages."""

    delivered_sequence: int
    failed_attempts: int
    due_at: datetime
    failed_at: datetime | None = None
    entries: list[LogEntry] = field(default_factory=list)

    def progress(self) -> Progress:
        """Return it as it goes into the store."""
        return Progress(
            self.delivered_sequence, self.failed_attempts, self.failed_at, self.due_at, self.entries
        )


class WebhookDelivery:
    """Delivers to one webhook at a time.

    Within a lesson a message is only sent once the one before it was taken or given up, so that a
    receiver gets them in the order of `ledgersequence`. A message that is not taken is tried again
    on the schedule and holds up its own lesson only. Everything is delivered at least once: after a
    crash a page of messages may come again, under the same ids.
    """

    def __init__(
        self,
        database: Database,
        sender: WebhookSender,
        queue: JobQueue,
        clock: Clock,
        metrics: JobsMetrics,
    ) -> None:
        self._webhooks = WebhookStore(database)
        self._lanes = WebhookLanes(database)
        self._log = DeliveryLog(database)
        self._ledger = Ledger(database)
        self._takeovers = LessonTakeovers(database)
        self._tenants = TenantStore(database)
        self._consents = ConsentStore(database)
        self._disclosures = DisclosureLog(database)
        self._sender = sender
        self._queue = queue
        self._clock = clock
        self._metrics = metrics

    async def deliver(self, tenant_id: str, webhook_id: str) -> None:
        """Deliver what is due to one webhook, and see to it that the rest is delivered in time."""
        try:
            receiver = await self._receiver(tenant_id, webhook_id)
            if receiver is None:
                return
            pause = await self._work(receiver)
            if receiver.disabled:
                await self._tell(await self._webhooks.get(tenant_id, webhook_id))
                return
            waiting = await self._lanes.waiting(tenant_id, webhook_id)
            self._metrics.waits_for(webhook_id, waiting.lessons, waiting.events)
        except* LecternError as errors:
            logger.warning("webhook %s waits: %s", webhook_id, errors.exceptions[0])
            await self._queue.wake_webhook(tenant_id, webhook_id, RETRY_AFTER_OUTAGE)
        else:
            if waiting.next_attempt_at is not None:
                delay = max(pause, waiting.next_attempt_at - self._clock())
                await self._queue.wake_webhook(tenant_id, webhook_id, delay)

    async def _receiver(self, tenant_id: str, webhook_id: str) -> _Receiver | None:
        """Return the webhook, or None if nothing is to be sent to it."""
        try:
            webhook = await self._webhooks.get(tenant_id, webhook_id)
        except NotFound:
            return None
        if webhook.status == "disabled":
            await self._tell(webhook)
            return None
        if not (await self._tenants.settings(tenant_id)).features.webhooks:
            return None
        keys = await self._webhooks.secrets(tenant_id, webhook_id, self._clock())
        return _Receiver(webhook, keys, webhook.failing_since, webhook.last_success_at)

    async def _tell(self, webhook: Webhook) -> None:
        """Have an e-mail sent if the webhook was disabled for its failures and nobody was told."""
        if webhook.disabled_reason is None or webhook.told_at is not None:
            return
        await self._queue.tell_of_disabled_webhook(webhook.tenant_id, webhook.id)
        await self._webhooks.change(webhook.tenant_id, webhook.id, {"told_at": self._clock()})

    async def _work(self, receiver: _Receiver) -> timedelta:
        """Work on lanes until none is due, or for long enough; return how long to rest."""
        tenant_id, webhook_id = receiver.webhook.tenant_id, receiver.webhook.id
        loop = asyncio.get_running_loop()
        deadline = loop.time() + RUN_SECONDS
        while loop.time() < deadline and not receiver.disabled:
            lanes = await self._lanes.due(tenant_id, webhook_id, self._clock(), PARALLEL_LANES)
            if not lanes:
                break
            taken = receiver.taken
            async with asyncio.TaskGroup() as group:
                for lane in lanes:
                    group.create_task(self._work_on(receiver, lane))
            is_out = receiver.failing_since is not None and receiver.taken == taken
            if is_out and len(lanes) == PARALLEL_LANES:
                return PAUSE
        return timedelta(0)

    async def _work_on(self, receiver: _Receiver, lane: Lane) -> None:
        """Send the next messages of a lane, one by one, up to the first that is not taken."""
        events, end = await self._next_events(receiver.webhook, lane)
        page = _Page(lane.delivered_sequence, lane.failed_attempts, self._clock())
        deadline = asyncio.get_running_loop().time() + PAGE_SECONDS
        try:
            for event in events:
                await self._send(receiver, page, event)
                is_late = asyncio.get_running_loop().time() > deadline
                if page.failed_at is not None or receiver.disabled or is_late:
                    return
            page.delivered_sequence = end
        finally:
            await self._log.write(lane, page.progress())

    async def _next_events(self, webhook: Webhook, lane: Lane) -> tuple[list[LearningEvent], int]:
        """Return a page of events for the webhook, and the sequence behind which it ends."""
        try:
            events = await self._ledger.read(
                lane.tenant_id,
                lane.lesson_id,
                lane.delivered_sequence,
                PAGE_EVENTS,
                webhook.event_types,
            )
        except NotFound:  # The lesson itself is gone.
            return [], lane.last_sequence
        wanted = [event for event in events if event.ledgersequence <= lane.last_sequence]
        is_last = len(wanted) < PAGE_EVENTS
        end = lane.last_sequence if is_last else wanted[-1].ledgersequence
        return await self._shared(webhook, lane, wanted), end

    async def _shared(
        self, webhook: Webhook, lane: Lane, events: list[LearningEvent]
    ) -> list[LearningEvent]:
        """Leave out whoever does not let their events be shared; enter whose events go out."""
        subjects = {event.subject for event in events if event.subject is not None}
        if not subjects:
            return events
        consents = await self._consents.of_participants(lane.tenant_id, lane.lesson_id, subjects)
        refused = {
            subject for subject, consent in consents.items() if not consent.permits(Purpose.SHARING)
        }
        await self._disclosures.record(
            Credential(lane.tenant_id, "api_key", api_key_id=webhook.id),
            "events",
            lesson_id=lane.lesson_id,
            participant_ids=subjects - refused,
            purpose=f"webhook to {webhook.url}"[:200],
        )
        return [event for event in events if event.subject not in refused]

    async def _send(self, receiver: _Receiver, page: _Page, event: LearningEvent) -> None:
        webhook = receiver.webhook
        name = message_id(webhook.id, event.lessonid, event.ledgersequence)
        body = message_body(event, superseded=await self._is_superseded(event))
        attempt = await self._sender.send(webhook.url, receiver.keys, name, body, self._clock())
        due_at = None
        if attempt.delivered:
            await self._note_success(receiver, attempt)
        else:
            page.failed_attempts += 1
            page.failed_at = attempt.at
            due_at = next_attempt_at(page.failed_attempts, attempt.at)
            page.due_at = due_at or attempt.at
            await self._note_failure(receiver, attempt, event)
        if due_at is None:
            page.delivered_sequence = event.ledgersequence
            page.failed_attempts = 0
        entry = _entry(name, event, attempt, due_at)
        self._metrics.webhook_attempts.labels(entry.status).inc()
        page.entries.append(entry)

    async def _is_superseded(self, event: LearningEvent) -> bool:
        """Tell whether it is a caption which one that a person typed has taken the place of."""
        if not isinstance(event.data, CaptionFinal):
            return False
        takeovers = await self._takeovers.through(
            event.tenantid, event.lessonid, event.ledgersequence
        )
        return takeovers.supersedes(event.data.engine, event.data.start_ms)

    async def _note_success(self, receiver: _Receiver, attempt: Attempt) -> None:
        webhook = receiver.webhook
        receiver.taken += 1
        failing_since, receiver.failing_since = receiver.failing_since, None
        noted_at = receiver.success_noted_at
        is_news = noted_at is None or attempt.at - noted_at > NOTE_SUCCESS_EVERY
        if failing_since is not None or is_news:
            receiver.success_noted_at = attempt.at
            await self._webhooks.note_success(webhook.tenant_id, webhook.id, attempt.at)
        if failing_since is not None and attempt.at - failing_since >= OUTAGE:
            await self._lanes.hasten(webhook.tenant_id, webhook.id, attempt.at)

    async def _note_failure(
        self, receiver: _Receiver, attempt: Attempt, event: LearningEvent
    ) -> None:
        webhook = receiver.webhook
        since = receiver.failing_since
        if since is None:
            since = await self._webhooks.note_failure(webhook.tenant_id, webhook.id, attempt.at)
            receiver.failing_since = since
        if receiver.disabled or not must_disable(since, attempt.at, attempt.status):
            return
        receiver.disabled = True
        reason = attempt.error or "it failed"
        await self._webhooks.disable(webhook, since, attempt.at, reason, event.lessonid)
        self._metrics.webhooks_disabled.inc()
        logger.warning("webhook %s is disabled: %s", webhook.id, reason)


def _entry(name: str, event: LearningEvent, attempt: Attempt, due_at: datetime | None) -> LogEntry:
    status: DeliveryStatus = (
        "delivered" if attempt.delivered else "failed" if due_at is None else "retrying"
    )
    return LogEntry(
        message_id=name,
        sequence=event.ledgersequence,
        event_id=event.id,
        event_type=event.type,
        status=status,
        attempt=DeliveryAttempt(
            at=attempt.at,
            duration_ms=attempt.duration_ms,
            status=attempt.status,
            error=attempt.error,
            answer=attempt.answer,
        ),
        next_attempt_at=due_at,
    )
