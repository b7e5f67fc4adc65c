"""Has summaries written anew that a decision for all lessons of a tenant leaves too much in."""

from __future__ import annotations

from lessons.privacy.consent import Purpose
from lessons.store import Database
from lessons.store.consent_changes import ConsentChange
from lessons.store.summarised_lessons import SummarisedLessons
from serving.jobs.queue import JobQueue

NEEDED_CONSENT = frozenset({Purpose.SIGNALS, Purpose.CAPTIONS})
"""Without which less is told of a person."""


async def wake_summaries_about(
    database: Database, queue: JobQueue, tenant_id: str, change: ConsentChange
) -> None:
    """Have the summaries of a person's lessons written anew where consent is taken back.

    Raises:
        Unavailable: the database does not answer; the next reader of each has it written anew.
    """
    if change.granted or NEEDED_CONSENT.isdisjoint(change.purposes):
        return
    for lesson_id in await SummarisedLessons(database).of_person(tenant_id, change.person_id):
        await queue.wake_summary(tenant_id, lesson_id)
