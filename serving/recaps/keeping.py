"""Keeps a lesson's recaps up with its summary and with consent, and has approved ones delivered.

Nothing is kept of what is still to do but the ledger itself, so it may stop anywhere and start
over: each version is drafted once, and each delivery has one receipt.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from lessons.errors import Conflict, LecternError, NotFound
from lessons.events import EventDraft, RecapHeld, RecapPartWritten
from lessons.recaps.content import RecapContent
from lessons.recaps.parts import parted
from lessons.store import Database, Ledger
from lessons.store.recaps import RecapStore
from lessons.store.regions import WrongRegion
from lessons.store.tenants import TenantStore
from operations.recaps.next_step import Step, next_steps
from operations.recaps.page import plain_text
from operations.recaps.reading_level import reading_grade
from serving.jobs.queue import JobQueue
from serving.recaps.delivery import RecapDelivery
from serving.recaps.standing import LessonRecaps, RecapStanding

logger = logging.getLogger(__name__)

RETRY_AFTER_OUTAGE = timedelta(seconds=10)
"""Of the store; of the mail server see `delivery`."""

LATEST_LESSONS = 100
"""Of a person, whose recaps follow a decision on all lessons; older pages are closed as well."""


def version_id(participant_id: str, version: int) -> str:
    """Return the id of the event that made a version: whoever else makes it too has a conflict."""
    return f"recap:{participant_id}:{version}"


class RecapKeeping:
    """Sees to one lesson at a time; the queue sees to it that nobody else does meanwhile."""

    def __init__(self, database: Database, delivery: RecapDelivery, queue: JobQueue) -> None:
        self._standing = RecapStanding(database)
        self._ledger = Ledger(database)
        self._tenants = TenantStore(database)
        self._delivery = delivery
        self._queue = queue

    async def see_to(self, tenant_id: str, lesson_id: str) -> None:
        """Draft, hold and deliver what calls for it; what has to wait is tried again in time."""
        try:
            standing = await self._standing.read(tenant_id, lesson_id)
            if await self._bring_up(standing):
                standing = await self._standing.read(tenant_id, lesson_id)
            again_in = await self._delivery.deliver(standing)
        except (NotFound, WrongRegion) as error:
            logger.info("nothing of lesson %s is told to guardians: %s", lesson_id, error)
            return
        except LecternError as error:
            logger.warning("recaps of lesson %s wait: %s", lesson_id, error)
            again_in = RETRY_AFTER_OUTAGE
        if again_in is not None:
            await self._queue.wake_recaps(tenant_id, lesson_id, again_in)

    async def _bring_up(self, standing: LessonRecaps) -> bool:
        """Append what brings the recaps up to what holds now; return whether there was anything."""
        settings = await self._tenants.settings(standing.lesson.tenant_id)
        changed = False
        for learner in standing.learners:
            known = standing.about(learner.id)
            if known is None and not settings.recaps.drafted:
                continue
            ground = standing.ground(learner.id)
            grade = partial(grade_of, names=standing.names_for(learner.id))
            steps = await asyncio.to_thread(next_steps, known, ground, grade)
            changed = await self._append(standing, learner.id, steps) or changed
        return changed

    async def _append(self, standing: LessonRecaps, participant_id: str, steps: list[Step]) -> bool:
        speakers = standing.speakers(participant_id)
        drafts = [one for step in steps for one in drafts_of(participant_id, step, speakers)]
        try:
            await self._ledger.append(standing.lesson.tenant_id, standing.lesson.id, drafts)
        except Conflict:  # Somebody edited it at this moment; the next look takes account of it.
            await self._queue.wake_recaps(
                standing.lesson.tenant_id, standing.lesson.id, RETRY_AFTER_OUTAGE
            )
            return False
        return bool(drafts)


async def wake_recaps_about(
    database: Database, queue: JobQueue, tenant_id: str, person_id: str
) -> None:
    """Have a person's recaps seen to, of the latest lessons."""
    found = await RecapStore(database).about(tenant_id, person_id, LATEST_LESSONS)
    for lesson, recap in found:
        if recap is not None:
            await queue.wake_recaps(tenant_id, lesson.id)


def grade_of(content: RecapContent, names: dict[str, str]) -> float:
    """Return the reading level of a recap, with people's names in it."""
    return reading_grade(plain_text(content, names))


def drafts_of(participant_id: str, step: Step, speakers: Mapping[str, str]) -> list[EventDraft]:
    """Return a step as events: the lines in others' words under their keys, then the child's.

    Args:
        speakers: whose words claims tell, as `LessonRecaps.speakers` returns it.
    """
    if isinstance(step, RecapHeld):
        return [EventDraft(step, None, participant_id)]
    made = version_id(participant_id, step.recap_version)
    content, told = parted(step.content, speakers)
    parts = [
        EventDraft(
            RecapPartWritten(
                participant_id=participant_id,
                recap_version=step.recap_version,
                speaker=speaker,
                lines=lines,
            ),
            None,
            id=f"{made}:{speaker}",
            about=speaker,
        )
        for speaker, lines in told.items()
    ]
    rest = step.model_copy(update={"content": content})
    return [*parts, EventDraft(rest, None, participant_id, id=made)]
