"""Plays the sample lesson: both voices by WebRTC and its class's events, at real-time pace."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from lessons.errors import Overloaded, Unavailable
from lessons.records import Participant
from lessons.store.lessons import LessonStore
from lessons.store.tracks import TrackStore
from lessons.tokens import mint_participant_token
from media_ingest.publisher import WhipPublisher
from serving.jobs.sample_class_playback import SampleClassPlayer
from serving.samples import sample_script

logger = logging.getLogger(__name__)

TOKEN_LIFETIME = timedelta(minutes=30)
LAST_WORDS_SECONDS = 60.0
"""How long to wait for the captions of the last words before the lesson ends without them."""

POLL_SECONDS = 0.5

PATIENCE_SECONDS = 90.0
"""How long to try where there is no room for the lesson yet."""


@dataclass(frozen=True, slots=True)
class SamplePlayer:
    """Publishes sample lessons to a gateway like any other platform.

    Attributes:
        lessons, tracks: the record.
        gateway_url: where voices and events go to, without a path.
        token_secret: what signs the participants' tokens.
    """

    lessons: LessonStore
    tracks: TrackStore
    gateway_url: str
    token_secret: str

    async def play(self, tenant_id: str, lesson_id: str, *, interrupted: bool) -> None:
        """Play a sample lesson and end it; one that has ended is left alone.

        Args:
            interrupted: it was being played when its player died; then it is only ended, for half
                a lesson is not played twice.

        Raises:
            NotFound: the tenant has no such lesson.
            LecternError: the endpoint refused a track, or had no room for `PATIENCE_SECONDS`; the
                lesson has ended.
        """
        lesson = await self.lessons.get_lesson(tenant_id, lesson_id)
        if lesson.status == "ended":
            return
        try:
            if not interrupted:
                await self._play_all(tenant_id, lesson_id)
        finally:
            await self.lessons.end_lesson(tenant_id, lesson_id)

    async def _play_all(self, tenant_id: str, lesson_id: str) -> None:
        """Play the voices, and the class beside them; it works on when the voices are over."""
        lesson = await self.lessons.start_lesson(tenant_id, lesson_id)
        player = SampleClassPlayer(self.lessons, self.gateway_url, self.token_secret)
        in_class = asyncio.create_task(player.play(lesson))
        try:
            await self._publish_all(tenant_id, lesson_id)
            await self._wait_for_last_words(tenant_id, lesson_id)
            await in_class
        finally:
            in_class.cancel()
            await asyncio.gather(in_class, return_exceptions=True)

    async def _publish_all(self, tenant_id: str, lesson_id: str) -> None:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return await self._publish_together(tenant_id, lesson_id)
            except Overloaded as busy:
                if time.monotonic() + busy.retry_after_seconds > give_up_at:
                    raise
                logger.info("a sample lesson waits for room: %s", busy)
                await asyncio.sleep(busy.retry_after_seconds)

    async def _publish_together(self, tenant_id: str, lesson_id: str) -> None:
        """Publish every voice at once; where one is refused, none goes on without it."""
        people = await self.lessons.list_participants(tenant_id, lesson_id)
        publishers = [
            publisher
            for person in people
            if (publisher := self._publisher(tenant_id, person)) is not None
        ]
        playing = [asyncio.create_task(publisher.publish()) for publisher in publishers]
        try:
            await asyncio.gather(*playing)
        finally:
            for publisher in publishers:
                publisher.stop()
            await asyncio.gather(*playing, return_exceptions=True)

    def _publisher(self, tenant_id: str, person: Participant) -> WhipPublisher | None:
        """Return what publishes this person's voice; None for people who only watch."""
        speaker = sample_script().speaker_named(person.name)
        if speaker is None:
            return None
        token = mint_participant_token(
            self.token_secret,
            tenant_id=tenant_id,
            lesson_id=person.lesson_id,
            participant_id=person.id,
            role=person.role,
            name=person.name,
            lifetime=TOKEN_LIFETIME,
        )
        whip_url = f"{self.gateway_url}/v1/lessons/{person.lesson_id}/whip"
        return WhipPublisher(whip_url, token, speaker.path)

    async def _wait_for_last_words(self, tenant_id: str, lesson_id: str) -> None:
        """Wait until the ingest worker has ended every track, which it does after its captions."""
        deadline = time.monotonic() + LAST_WORDS_SECONDS
        while time.monotonic() < deadline:
            try:
                tracks = await self.tracks.list_tracks(tenant_id, lesson_id)
            except Unavailable as outage:
                logger.info("waiting for the database: %s", outage)
            else:
                if all(track.ended_at_ms is not None for track in tracks):
                    return
            await asyncio.sleep(POLL_SECONDS)
