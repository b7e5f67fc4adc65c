"""Translates a lesson's captions: whatever its ledger lacks of them, newest first.

Nothing is kept of what is still to do but the ledger itself, so nothing is lost over restarts, and
a correction is just another revision without its translation.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from cachetools import LRUCache

from lessons.errors import InvalidInput, LecternError, NotFound
from lessons.events import EventDraft
from lessons.privacy.consent import ConsentMissing, Purpose
from lessons.store import Database, Ledger
from lessons.store.consents import ConsentStore
from lessons.store.ledger import MAX_PAGE
from lessons.store.regions import WrongRegion
from lessons.store.tenants import TenantStore
from lessons.translations import TRANSLATION_TYPES, MissingTranslations, Wanted
from serving.jobs.clock import Clock, now_utc
from serving.jobs.queue import JobQueue
from serving.observability.jobs_metrics import JobsMetrics
from serving.translation.status import TranslationService
from serving.translation.wire import Original, Translation

logger = logging.getLogger(__name__)

BATCH = 16
"""Texts of one request; what was said meanwhile goes before the rest of a backlog."""

RUN_SECONDS = 20.0
"""After so long a lesson with more to do goes to the end of the queue."""

LATE_AFTER = timedelta(seconds=5)
"""A translation that comes later after its caption counts as late."""

FIRST_RETRY = timedelta(seconds=1)
LONGEST_RETRY = timedelta(seconds=60)
MOST_ATTEMPTS = 1_500
"""About a day; then the lesson waits for its next event."""

REMEMBERED_LESSONS = 1_000
"""Lessons of which one process remembers what is dealt with; of others it reads it again."""

Where = tuple[str, str]
"""Ids of a tenant and a lesson."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A translation that came out of the model, as it goes into the ledger."""

    wanted: Wanted
    draft: EventDraft


class CaptionTranslations:
    """Translates one lesson at a time; the queue sees to it that nobody else does meanwhile."""

    def __init__(
        self,
        database: Database,
        service: TranslationService,
        queue: JobQueue,
        metrics: JobsMetrics,
        clock: Clock = now_utc,
    ) -> None:
        self._ledger = Ledger(database)
        self._tenants = TenantStore(database)
        self._consents = ConsentStore(database)
        self._pin = database.pin
        self._service = service
        self._queue = queue
        self._metrics = metrics
        self._clock = clock
        self._states: LRUCache[Where, MissingTranslations] = LRUCache(REMEMBERED_LESSONS)
        self._attempts: LRUCache[Where, int] = LRUCache(REMEMBERED_LESSONS)
        self._told: LRUCache[tuple[str, str], None] = LRUCache(REMEMBERED_LESSONS)

    async def translate(self, tenant_id: str, lesson_id: str) -> None:
        """Translate what the lesson lacks, and see to it that the rest is translated in time."""
        where = (tenant_id, lesson_id)
        try:
            await self._work(where)
        except (NotFound, WrongRegion) as error:
            self._states.pop(where, None)
            logger.info("nothing of lesson %s is translated: %s", lesson_id, error)
        except LecternError as error:
            # The words that wait are read again: their speaker may be erased by then.
            self._states.pop(where, None)
            await self._retry(where, error)

    async def _work(self, where: Where) -> None:
        targets = (await self._tenants.settings(where[0])).caption_translations
        if not targets:
            return
        self._pin.require_models(where[0])
        state = self._state(where, targets)
        deadline = asyncio.get_running_loop().time() + RUN_SECONDS
        await self._catch_up(where, state)
        while batch := list(islice(state.wanted(), BATCH)):
            await self._translate(where, state, batch)
            self._attempts.pop(where, None)
            await self._catch_up(where, state)
            if asyncio.get_running_loop().time() > deadline:
                await self._queue.wake_translations(*where)
                return
        state.forget_words()

    def _state(self, where: Where, targets: Sequence[str]) -> MissingTranslations:
        known = self._states.get(where)
        if known is None or known.targets != tuple(targets):
            known = self._states[where] = MissingTranslations(targets)
        return known

    async def _catch_up(self, where: Where, state: MissingTranslations) -> None:
        """Take what was stored in the lesson since the last time."""
        while True:
            page = await self._ledger.read(*where, state.sequence, MAX_PAGE, TRANSLATION_TYPES)
            state.follow(page)
            if len(page) < MAX_PAGE:
                return

    async def _translate(
        self, where: Where, state: MissingTranslations, batch: Sequence[Wanted]
    ) -> None:
        """Translate a batch and store it; afterwards nothing of it is wanted any more."""
        permitted = await self._permitted(where, batch)
        for wanted in batch:
            if wanted not in permitted:
                self._give_up(state, wanted, "withheld")
        if not permitted:
            return
        outcomes = await self._outcomes(where[1], permitted)
        made: list[_Made] = []
        for wanted, outcome in zip(permitted, outcomes, strict=True):
            if outcome.outcome == "done":
                made.append(_Made(wanted, wanted.draft(outcome.text, outcome.model)))
            else:
                self._tell_once(where[1], wanted, outcome)
                self._give_up(state, wanted, outcome.outcome)
        await self._store(where, state, made)

    async def _permitted(self, where: Where, batch: Sequence[Wanted]) -> list[Wanted]:
        """Leave out whoever has taken back the consent to captions since."""
        speakers = {wanted.caption.participant_id for wanted in batch}
        consents = await self._consents.of_participants(*where, speakers)
        refused = {
            one for one, consent in consents.items() if not consent.permits(Purpose.CAPTIONS)
        }
        return [wanted for wanted in batch if wanted.caption.participant_id not in refused]

    async def _outcomes(self, lesson_id: str, batch: Sequence[Wanted]) -> list[Translation]:
        originals = [
            Original(text=wanted.text, source=wanted.caption.language, target=wanted.target)
            for wanted in batch
        ]
        try:
            return await self._service.translate(originals)
        except InvalidInput as error:  # This installation translates nothing.
            logger.warning("captions of lesson %s are not translated: %s", lesson_id, error)
            return [Translation(outcome="not_offered")] * len(batch)

    async def _store(self, where: Where, state: MissingTranslations, made: Sequence[_Made]) -> None:
        outcomes = await self._ledger.append_each(*where, [one.draft for one in made])
        for one, outcome in zip(made, outcomes, strict=True):
            if isinstance(outcome, ConsentMissing):
                self._give_up(state, one.wanted, "withheld")
            elif isinstance(outcome, LecternError):
                # Another process was faster, or the speaker was erased.
                self._give_up(state, one.wanted, "refused")
            else:
                delay = self._clock() - one.wanted.caption.said_at
                self._metrics.translated(delay.total_seconds(), late=delay > LATE_AFTER)

    def _give_up(self, state: MissingTranslations, wanted: Wanted, why: str) -> None:
        state.give_up(wanted)
        self._metrics.translations.labels(why).inc()

    def _tell_once(self, lesson_id: str, wanted: Wanted, outcome: Translation) -> None:
        """Log once for a lesson why it has no translation into a language."""
        key = (lesson_id, f"{wanted.target} {outcome.outcome}")
        if key in self._told:
            return
        self._told[key] = None
        logger.warning(
            "captions of lesson %s from %s into %s: %s",
            lesson_id,
            wanted.caption.language,
            wanted.target,
            REASONS[outcome.outcome],
        )

    async def _retry(self, where: Where, error: LecternError) -> None:
        attempts = self._attempts[where] = self._attempts.get(where, 0) + 1
        if attempts > MOST_ATTEMPTS:
            logger.error("captions of lesson %s stay without translation: %s", where[1], error)
            self._attempts.pop(where, None)
            return
        logger.warning("translations of lesson %s wait: %s", where[1], error)
        delay = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LONGEST_RETRY)
        await self._queue.wake_translations(*where, delay)


REASONS: Mapping[str, str] = {
    "not_offered": "no loaded model has this pair of languages",
    "unsound": "the model's output was empty or had no end, so the original is shown",
    "failed": "the model broke",
}
"""Why a caption has no translation."""
