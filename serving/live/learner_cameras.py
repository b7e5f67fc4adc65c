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
from serving.observability.camera_metrics import CameraRefusal

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
        if publication.publisher.participant.role is not Role.LEARNER or not publication.has_camera:
            return
        async with self._deciding:
            refusal = await self._refusal(publication)
            if refusal is None and not publication.is_looked_at:
                refusal = await self._look(publication)
            if refusal is not None:
                self._refuse(publication, refusal)

    async def review(self, publications: Iterable[Publication]) -> None:
        """Look no more at cameras whose tenant has switched it off; ask every few seconds."""
        looked_at = [one for one in publications if one.is_looked_at]
        for tenant_id in {one.publisher.lesson.lesson.tenant_id for one in looked_at}:
            refusal = await self._refusal_of_tenant(tenant_id)
            for one in looked_at:
                if refusal and one.publisher.lesson.lesson.tenant_id == tenant_id:
                    self._refuse(one, refusal)

    def told(self) -> CameraStatus:
        """Tell how many cameras are looked at, and what became of their pictures."""
        looking = self._looking
        return CameraStatus(
            state=looking.state,
            looked_at=looking.watched,
            frames_looked_at=looking.metrics.frames_looked_at,
            frames_replaced=looking.metrics.frames_replaced,
            off_because=looking.off_because,
        )

    def _refuse(self, publication: Publication, reason: CameraRefusal) -> None:
        publication.look_away()
        self._looking.metrics.refused(reason)

    async def _look(self, publication: Publication) -> CameraRefusal | None:
        live, person = publication.publisher.lesson, publication.publisher.participant
        watch = await self._looking.watch(
            person.id, live.clock.now_ms, lambda draft: _record(live, draft)
        )
        if watch is None:
            return "no_models"
        publication.look(watch)
        return None

    async def _refusal(self, publication: Publication) -> CameraRefusal | None:
        """Whoever cannot tell what is allowed looks at nothing."""
        publisher = publication.publisher
        lesson = publisher.lesson.lesson
        if refusal := await self._refusal_of_tenant(lesson.tenant_id):
            return refusal
        try:
            consent = await self._consents.of_participant(
                lesson.tenant_id, lesson.id, publisher.participant.id
            )
        except LecternError as outage:
            logger.warning("a camera is not looked at: its consent cannot be read: %s", outage)
            return "unknown"
        covered = consent.permits(Purpose.VIDEO) and consent.permits(Purpose.CAMERA_SIGNALS)
        return None if covered else "consent"

    async def _refusal_of_tenant(self, tenant_id: str) -> CameraRefusal | None:
        try:
            return await self._rules.refusal(tenant_id)
        except LecternError as outage:
            logger.warning("cameras of %s are not looked at: %s", tenant_id, outage)
            return "unknown"


def _record(live: LiveLesson, draft: EventDraft) -> None:
    if live.waiting_events < MOST_WAITING_EVENTS:
        live.record(draft)
