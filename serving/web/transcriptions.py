"""A lesson's stream retold as LiveKit transcriptions: captions only, each under its segment."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from pydantic import ValidationError

from integrations.captions.livekit import TOPIC, TextStream, final, interim, taken_back
from lessons.captions import CAPTION_TYPES, captions_of
from lessons.errors import Unavailable
from lessons.events import CaptionCorrected, CaptionFinal, LearningEvent, PartialCaption
from lessons.store import Passing
from lessons.takeovers import Takeovers
from serving.database import wait_for_store
from serving.web.services import Services
from serving.web.stream_messages import Batch, StreamMessage, retold_message
from serving.web.stream_sources import PARTIAL

logger = logging.getLogger(__name__)

LIVE_ENGINE = ""
"""A partial does not name its engine: people type finals only."""


class Transcriptions:
    """Retells the captions of one lesson to one reader, without those that a captioner's supersede.

    It knows what the platform calls each participant, and which segments the reader has not seen
    the end of.
    """

    def __init__(self, services: Services, tenant_id: str, lesson_id: str) -> None:
        self._services = services
        self._tenant_id = tenant_id
        self._lesson_id = lesson_id
        self._identities: dict[str, str] = {}
        self._takeovers: Takeovers | None = None
        self._growing: set[str] = set()

    async def retell(self, batches: AsyncIterator[Batch]) -> AsyncIterator[Batch]:
        """Yield the captions of each batch as text streams; while the store is down it waits."""
        async for batch in batches:
            retold = [await self._patiently(message) for message in batch.messages]
            yield Batch([message for message in retold if message is not None])

    async def of_event(self, event: LearningEvent) -> TextStream | None:
        """Return a stored event as a text stream; None if it is no caption, or a superseded one.

        Raises:
            Unavailable: the database does not answer.
        """
        if event.type in CAPTION_TYPES:
            await self._follow_takeovers(event.ledgersequence)
        if isinstance(event.data, CaptionFinal):
            return await self._final(event.data)
        if isinstance(event.data, CaptionCorrected):
            return await self._corrected(event.data.caption_id)
        return None

    async def _patiently(self, message: StreamMessage) -> StreamMessage | None:
        while True:
            try:
                stream = await self._stream_of(message)
            except Unavailable as error:
                await wait_for_store(logger, "a stream", error)
            else:
                if stream is None:
                    return None
                return retold_message(message, TOPIC, stream.model_dump())

    async def _stream_of(self, message: StreamMessage) -> TextStream | None:
        if message.event is not None:
            return await self.of_event(message.event)
        partial = _partial_of(message.passing)
        return None if partial is None else await self._partial(partial)

    async def _partial(self, partial: PartialCaption) -> TextStream | None:
        if self._takeovers is None:  # It resumed behind whatever tells of them.
            newest = await self._services.commits.last_sequence(self._tenant_id, self._lesson_id)
            await self._follow_takeovers(newest)
        if self._is_superseded(LIVE_ENGINE, partial.start_ms):
            return await self._taken_back(partial)
        shown = partial.stable_text or partial.unstable_text
        (self._growing.add if shown else self._growing.discard)(partial.caption_id)
        return interim(partial, await self._identity(partial.participant_id))

    async def _final(self, caption: CaptionFinal) -> TextStream | None:
        if self._is_superseded(caption.engine, caption.start_ms):
            return await self._taken_back(caption)
        self._growing.discard(caption.caption_id)
        return final(caption, await self._identity(caption.participant_id))

    async def _taken_back(self, caption: PartialCaption | CaptionFinal) -> TextStream | None:
        """End a segment that the reader has begun to see, and leave out any other."""
        if caption.caption_id not in self._growing:
            return None
        stream = taken_back(caption, await self._identity(caption.participant_id))
        self._growing.discard(caption.caption_id)
        return stream

    async def _corrected(self, caption_id: str) -> TextStream | None:
        """Return a corrected caption; the correction itself does not say whose words they are."""
        events = await self._services.caption_records.events(self._tenant_id, self._lesson_id)
        found = next((one for one in captions_of(events) if one.caption_id == caption_id), None)
        if found is None or found.superseded:
            return None
        return final(found, await self._identity(found.participant_id))

    async def _follow_takeovers(self, sequence: int) -> None:
        self._takeovers = await self._services.takeovers.through(
            self._tenant_id, self._lesson_id, sequence
        )

    def _is_superseded(self, engine: str, start_ms: int) -> bool:
        return self._takeovers is not None and self._takeovers.supersedes(engine, start_ms)

    async def _identity(self, participant_id: str) -> str:
        if participant_id not in self._identities:
            people = await self._services.lessons.list_participants(
                self._tenant_id, self._lesson_id
            )
            self._identities = {person.id: person.external_id or person.id for person in people}
            self._identities.setdefault(participant_id, participant_id)
        return self._identities[participant_id]


def _partial_of(passing: Passing | None) -> PartialCaption | None:
    if passing is None or passing.type != PARTIAL:
        return None
    try:
        return PartialCaption.model_validate(passing.data)
    except ValidationError as error:  # Of a worker of another version.
        logger.warning("a partial is passed over: %s", error)
        return None
