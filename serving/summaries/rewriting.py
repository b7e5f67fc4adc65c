"""Has what was told of a person follow a decision for all lessons, those that are over as well."""

from __future__ import annotations

import logging
from datetime import timedelta

from lessons.privacy.consent import Purpose
from lessons.store import Database
from lessons.store.consent_changes import ConsentChange
from lessons.store.regions import WrongRegion
from lessons.store.summarised_lessons import SummarisedLessons
from serving.jobs.queue import JobQueue
from serving.recaps.keeping import wake_recaps_about

logger = logging.getLogger(__name__)

NEEDED_CONSENT = frozenset({Purpose.SIGNALS, Purpose.CAPTIONS})
"""Without which less is told of a person."""

DECIDED_WITHIN = timedelta(minutes=1)
"""From announcing a decision to its commit, at the latest."""


def is_followed(change: ConsentChange) -> bool:
    """Tell whether lessons that are over hear of a decision by nothing but its own job.

    One for a single lesson has its event there.
    """
    return change.lesson_id is None and not NEEDED_CONSENT.isdisjoint(change.purposes)


class ConsentFollower:
    """Has summaries and recaps of a person's lessons looked at anew, whatever was decided.

    Its job is queued before the decision is made, for a time by which it is; so it comes though the
    service stops right after the decision.
    """

    def __init__(self, database: Database, queue: JobQueue) -> None:
        self._database = database
        self._queue = queue

    async def follow(self, tenant_id: str, person_id: str) -> None:
        """Wake whoever writes summaries and recaps of the lessons of a person.

        Raises:
            Unavailable: the database does not answer: repeat.
        """
        try:
            lessons = await SummarisedLessons(self._database).of_person(tenant_id, person_id)
            for lesson_id in lessons:
                await self._queue.wake_summary(tenant_id, lesson_id)
            await wake_recaps_about(self._database, self._queue, tenant_id, person_id)
        except WrongRegion as error:
            logger.info("nothing of person %s is rewritten here: %s", person_id, error)
