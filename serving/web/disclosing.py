"""Writing down whose data a reader is about to see: before a page, and on a stream as it goes."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Annotated

from fastapi import Header

from lessons.errors import Unavailable
from lessons.events import LearningEvent
from lessons.policy import Credential
from serving.database import wait_for_store
from serving.web.services import Services
from serving.web.stream_messages import Batch

logger = logging.getLogger(__name__)

EVENTS = "events"

ReadingPurpose = Annotated[
    str | None,
    Header(
        alias="Lectern-Purpose",
        max_length=200,
        description="Why the data is looked at, for the disclosure log",
    ),
]
"""Dependency: what the reader says for what it reads."""


async def disclose_events(
    services: Services,
    reader: Credential,
    lesson_id: str,
    events: Iterable[LearningEvent],
    purpose: str | None = None,
) -> None:
    """Enter whose events a reader is about to see on a page.

    Raises:
        Unavailable: it cannot be entered, so nothing must be shown.
    """
    subjects = {event.subject for event in events if event.subject is not None}
    await services.disclosures.record(
        reader, EVENTS, lesson_id=lesson_id, participant_ids=subjects, purpose=purpose
    )


class StreamDisclosures:
    """Enters each person once for an open stream, before the first message about them goes out.

    Args:
        lesson_id: of a lesson's stream; None for that of a course or a tenant.
    """

    def __init__(self, services: Services, reader: Credential, lesson_id: str | None) -> None:
        self._log = services.disclosures
        self._reader = reader
        self._lesson_id = lesson_id
        self._entered: set[tuple[str | None, str]] = set()

    async def enter(self, batch: Batch) -> None:
        """Enter whoever is new in a batch; while the store is down the stream waits."""
        new = batch.people - self._entered
        for lesson_id in {lesson_id for lesson_id, _ in new}:
            people = [person for lesson, person in new if lesson == lesson_id]
            await self._record(lesson_id or self._lesson_id, people)
        self._entered |= new

    async def _record(self, lesson_id: str | None, people: list[str]) -> None:
        while True:
            try:
                await self._log.record(
                    self._reader, EVENTS, lesson_id=lesson_id, participant_ids=people
                )
            except Unavailable as error:
                await wait_for_store(logger, "a stream's disclosure log", error)
            else:
                return
