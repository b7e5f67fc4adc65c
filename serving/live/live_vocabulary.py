"""A live lesson's own words: renewed after what they are taken from changed, never waited for."""

from __future__ import annotations

import asyncio
import logging

from lessons.errors import LecternError
from lessons.events import CaptionCorrected, LearningEvent, ParticipantJoined
from lessons.records import Lesson
from lessons.store.vocabulary import MATERIAL_TYPES, VocabularyStore
from lessons.vocabulary import ranked_terms

logger = logging.getLogger(__name__)

VOCABULARY_TYPES = (*MATERIAL_TYPES, CaptionCorrected.type, ParticipantJoined.type)
"""Events after which the words may be others."""

SETTLE_SECONDS = 2.0
"""How long a change is left to become complete: a class opens a slide one learner at a time."""
RENEWAL_SECONDS = 30.0
"""Shortest time between two renewals, for an engine may have to load something for each."""


class LiveVocabulary:
    """The words that the windows of a lesson's tracks are captioned with.

    Args:
        lesson: the lesson; until the first reading is through, what it was created with holds.
        store: where the texts are read.
    """

    def __init__(self, lesson: Lesson, store: VocabularyStore) -> None:
        self._lesson = lesson
        self._store = store
        self._terms = tuple(lesson.vocabulary)
        self._changed = asyncio.Event()

    def terms(self) -> tuple[str, ...]:
        """Return the words as they stand, the most important first."""
        return self._terms

    def take(self, event: LearningEvent) -> bool:
        """Note an event of the lesson; return whether it is one that the words depend on."""
        if event.type not in VOCABULARY_TYPES:
            return False
        self._changed.set()
        return True

    async def run(self) -> None:
        """Read the words, and again after every change, until cancelled."""
        while True:
            self._changed.clear()
            await self._renew()
            await asyncio.sleep(RENEWAL_SECONDS)
            await self._changed.wait()
            await asyncio.sleep(SETTLE_SECONDS)

    async def _renew(self) -> None:
        try:
            material = await self._store.material(self._lesson.tenant_id, self._lesson.id)
        except LecternError as outage:
            logger.debug("the words of %s stay as they are: %s", self._lesson.id, outage)
            self._changed.set()  # and are read after the next rest.
            return
        self._terms = tuple(term.text for term in ranked_terms(material))
