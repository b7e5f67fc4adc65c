"""Whose camera is looked at: only where tenant, region and the learner's own consent all say so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from lessons.errors import LecternError
from lessons.events import EventDraft
from lessons.privacy.consent import Purpose
from lessons.roles import Role
from lessons.store.consents import ConsentStore
from serving.live.camera_looking import CameraLooking
from serving.live.camera_rules import CameraRules
from serving.live.live_lesson import LiveLesson
from serving.live.publication import Publication
from serving.live.worker_status import CameraStatus

logger = logging.getLogger(__name__)

MOST_WAITING_EVENTS = 500
"""Events of a lesson that may wait for PostgreSQL before cameras tell nothing more: the room that
is left belongs to captions."""


class LearnerCameras:
    """Begins to look at cameras, and ends it, as it is allowed now.

    Args:
        rules: what tenant and region say.
        consents: what each learner says.
        looking: who looks.
    """

    def __init__(self, rules: CameraRules, consents: ConsentStore, looking: CameraLooking) -> None:
        self._rules = rules
        self._consents = consents
        self._looking = looking
        self._deciding = asyncio.Lock()

    async def follow(self, publication: Publication) -> None:
        """Look at a publication's camera if that is allowed as it stands now, else no more.

        Decisions are taken one at a time, so that an older one never overrules a newer one.
        """
        async with self._deciding:
            if not await self._allowed(publication):
                publication.look_away()
            elif not publication.is_looked_at:
                await self._look(publication)

    async def review(self, publications: Iterable[Publication]) -> None:
        """Look no more at cameras whose tenant has switched it off; ask every few seconds."""
        looked_at = [one for one in publications if one.is_looked_at]
        for tenant_id in {one.publisher.lesson.lesson.tenant_id for one in looked_at}:
            if await self._tenant_allows(tenant_id):
                continue
            for one in looked_at:
                if one.publisher.lesson.lesson.tenant_id == tenant_id:
                    one.look_away()

    def told(self) -> CameraStatus:
        """Tell how many cameras are looked at, and what became of their pictures."""
        looking = self._looking
        return CameraStatus(
            looked_at=looking.watched,
            frames_looked_at=looking.counters.frames_looked_at,
            frames_replaced=looking.counters.frames_replaced,
            off_because=looking.off_because,
        )

    async def _look(self, publication: Publication) -> None:
        live, person = publication.publisher.lesson, publication.publisher.participant
        watch = await self._looking.watch(
            person.id, live.clock.now_ms, lambda draft: _record(live, draft)
        )
        if watch is not None:
            publication.look(watch)

    async def _allowed(self, publication: Publication) -> bool:
        """Whoever cannot tell what is allowed looks at nothing."""
        publisher = publication.publisher
        if publisher.participant.role is not Role.LEARNER or not publication.has_camera:
            return False
        lesson = publisher.lesson.lesson
        if not await self._tenant_allows(lesson.tenant_id):
            return False
        try:
            consent = await self._consents.of_participant(
                lesson.tenant_id, lesson.id, publisher.participant.id
            )
        except LecternError as outage:
            logger.warning("a camera is not looked at: its consent cannot be read: %s", outage)
            return False
        return consent.permits(Purpose.VIDEO) and consent.permits(Purpose.CAMERA_SIGNALS)

    async def _tenant_allows(self, tenant_id: str) -> bool:
        try:
            return await self._rules.allow(tenant_id)
        except LecternError as outage:
            logger.warning("cameras of %s are not looked at: %s", tenant_id, outage)
            return False


def _record(live: LiveLesson, draft: EventDraft) -> None:
    if live.waiting_events < MOST_WAITING_EVENTS:
        live.record(draft)
