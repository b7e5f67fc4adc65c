"""A lesson's stream retold as LiveKit transcriptions: captions only, each under its segment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from pydantic import ValidationError

from integrations.captions.livekit import TOPIC, TextStream, final, interim
from lessons.captions import captions_of
from lessons.errors import Unavailable
from lessons.events import CaptionCorrected, CaptionFinal, LearningEvent, PartialCaption
from lessons.store import Passing
from serving.web.caption_reading import caption_events
from serving.web.services import Services
from serving.web.stream_messages import Batch, StreamMessage, retold_message
from serving.web.stream_sources import PARTIAL

logger = logging.getLogger(__name__)

STORE_RETRY_SECONDS = 1.0


class Transcriptions:
    """Retells the captions of one lesson; it knows what the platform calls each participant."""

    def __init__(self, services: Services, tenant_id: str, lesson_id: str) -> None:
        self._services = services
        self._tenant_id = tenant_id
        self._lesson_id = lesson_id
        self._identities: dict[str, str] = {}

    async def retell(self, batches: AsyncIterator[Batch]) -> AsyncIterator[Batch]:
        """Yield the captions of each batch as text streams; while the store is down it waits."""
        async for batch in batches:
            retold = [await self._patiently(message) for message in batch.messages]
            yield Batch([message for message in retold if message is not None])

    async def of_event(self, event: LearningEvent) -> TextStream | None:
        """Return a stored event as a text stream; None if it is no caption.

        Raises:
            Unavailable: the database does not answer.
        """
        if isinstance(event.data, CaptionFinal):
            return final(event.data, await self._identity(event.data.participant_id))
        if isinstance(event.data, CaptionCorrected):
            return await self._corrected(event.data.caption_id)
        return None

    async def _patiently(self, message: StreamMessage) -> StreamMessage | None:
        while True:
            try:
                stream = await self._stream_of(message)
            except Unavailable as error:
                logger.warning("a stream waits for the store: %s", error)
                await asyncio.sleep(STORE_RETRY_SECONDS)
            else:
                if stream is None:
                    return None
                return retold_message(message, TOPIC, stream.model_dump())

    async def _stream_of(self, message: StreamMessage) -> TextStream | None:
        if message.event is not None:
            return await self.of_event(message.event)
        partial = _partial_of(message.passing)
        if partial is None:
            return None
        return interim(partial, await self._identity(partial.participant_id))

    async def _corrected(self, caption_id: str) -> TextStream | None:
        """Return a corrected caption; the correction itself does not say whose words they are."""
        events = await caption_events(self._services, self._tenant_id, self._lesson_id)
        found = next((one for one in captions_of(events) if one.caption_id == caption_id), None)
        if found is None:
            return None
        return final(found, await self._identity(found.participant_id))

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
