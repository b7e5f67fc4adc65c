"""One participant's publication: frames become captions, coming and going become events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lessons.errors import LecternError
from lessons.events import EventDraft, ParticipantJoined, ParticipantLeft
from lessons.records import Participant, Track, TrackKind
from lessons.store import TrackStore
from lessons.store.consent_changes import REVOKED
from media_ingest.frames import AudioFrame, VideoFrame
from media_ingest.peer_handler import CloseReason
from serving.live.camera_watch import CameraWatch
from serving.live.caption_drafts import Speaker
from serving.live.live_lesson import LiveLesson
from serving.live.live_track import LiveTrack

logger = logging.getLogger(__name__)

LAST_WORDS_SECONDS = 60.0
"""How long the last words of a publication may wait for the captioner after it has ended."""

REASONS: dict[CloseReason, str] = {
    "left": "left",
    "lost": "connection lost",
    "never_connected": "connection lost",
    "failed": "connection lost",
    "drained": "worker lost",
}
"""How a peer's end is told in the record."""

TrackMaker = Callable[[Speaker], LiveTrack]


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, in which lesson, through which worker."""

    lesson: LiveLesson
    participant: Participant
    worker_id: str


class Publication:
    """Follows one peer (a `PeerHandler`): claims its tracks, captions its audio, tells its end.

    Args:
        publisher: who, where and through which worker.
        tracks: the record of tracks; a track that is taken refuses the claim.
        live_track: makes the captioning of the claimed audio track.
        on_over: called once, when nothing of this publication is left to do.
    """

    def __init__(
        self,
        publisher: Publisher,
        tracks: TrackStore,
        live_track: TrackMaker,
        on_over: Callable[[], None],
    ) -> None:
        self._publisher = publisher
        self._tracks = tracks
        self._make_live_track = live_track
        self._on_over = on_over
        self._claimed: dict[TrackKind, Track] = {}
        self._live: LiveTrack | None = None
        self._captioning: asyncio.Task[None] | None = None
        self._camera: CameraWatch | None = None
        self._joined = False
        self._revoked = False
        self._closed = False

    @property
    def caption_counters(self) -> dict[str, int]:
        """What its captions have lost, repeated or been late with; empty where there are none."""
        return {} if self._live is None else self._live.counted()

    @property
    def publisher(self) -> Publisher:
        """Who publishes, and where."""
        return self._publisher

    @property
    def audio_track_id(self) -> str | None:
        """Id of the audio track, once it is claimed."""
        track = self._claimed.get("audio")
        return None if track is None else track.id

    @property
    def has_camera(self) -> bool:
        """Whether a video track was claimed."""
        return "video" in self._claimed

    @property
    def is_looked_at(self) -> bool:
        """Whether the pictures of its camera are looked at."""
        return self._camera is not None

    async def begin(self, kinds: Sequence[TrackKind], *, captioned: bool) -> None:
        """Claim the tracks and begin to caption; called before the answer goes out.

        Args:
            captioned: whether the participant's consent covers captions.

        Raises:
            Conflict: somebody publishes as this participant already.
            ConsentMissing: the participant's consent does not cover such tracks.
        """
        for kind in kinds:
            self._claimed[kind] = await self._claim(kind)
        self._joined = True
        person = self._publisher.participant
        self._record(
            ParticipantJoined(participant_id=person.id, name=person.name, role=person.role)
        )
        if captioned:
            self._live = self._make_live_track(self._speaker())
            self._captioning = asyncio.create_task(self._live.run())

    def stop_captions(self) -> None:
        """Caption nothing more, nor what was said and is not captioned yet."""
        if self._live is not None and self._captioning is not None:
            self._captioning.cancel()
            self._live.abandon()
        self._live = None
        self._captioning = None
        self._measure_no_more()

    def look(self, watch: CameraWatch) -> None:
        """Hand the pictures of the camera to somebody who looks at them, from now on."""
        self._camera = watch
        if self._closed:
            self.look_away()

    def look_away(self) -> None:
        """Let no picture of the camera be looked at, nor what waits to be."""
        if self._camera is not None:
            self._camera.stop()
        self._camera = None

    def revoke_audio(self) -> None:
        """Hear nothing more of the participant, who has taken back the consent to it."""
        self.stop_captions()
        self._revoked = True

    async def on_track(self, kind: TrackKind, label: str) -> None:
        """Nothing to do: what the offer carries was claimed in `begin`."""

    async def on_connected(self) -> None:
        """Nothing to do: frames follow."""

    async def on_audio(self, frame: AudioFrame) -> None:
        """Give the frame to the captions; cutting it costs a millisecond at most."""
        if self._live is not None:
            self._live.feed(frame)

    async def on_video(self, frame: VideoFrame) -> None:
        """Hand the picture on where the camera is looked at; else let it go. None is kept."""
        if self._camera is not None:
            self._camera.feed(frame)

    async def on_muted(self, muted: bool) -> None:
        """Finalise the last words on mute, and tell the lesson."""
        if muted and self._live is not None:
            self._live.flush()
        track = self._claimed["audio"]
        try:
            await self._tracks.set_muted(
                *self._place(), track.id, muted=muted, at_ms=self._now_ms()
            )
        except LecternError as loss:
            logger.warning("track %s: the mute is not recorded: %s", track.id, loss)

    async def on_closed(self, reason: CloseReason) -> None:
        """Caption the last words, end the tracks and tell that the participant left."""
        self._closed = True
        self.look_away()
        try:
            await self._finish_captions()
            told = REVOKED if self._revoked else REASONS[reason]
            await self._end_tracks(told)
            if self._joined:
                person = self._publisher.participant
                self._record(ParticipantLeft(participant_id=person.id, reason=told))
        finally:
            self._measure_no_more()
            self._on_over()

    def _measure_no_more(self) -> None:
        """Raise no alarm for captions that nobody wants any more."""
        if self.audio_track_id is not None:
            self._publisher.lesson.meters.end(self.audio_track_id)

    async def _finish_captions(self) -> None:
        if self._live is None or self._captioning is None:
            return
        self._live.finish()
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self._captioning
        except TimeoutError:
            logger.error(
                "track %s: %.0f s of speech were never captioned: the models stayed away",
                self._speaker().track_id,
                self._live.waiting_seconds,
            )

    async def _claim(self, kind: TrackKind) -> Track:
        return await self._tracks.claim_track(
            *self._place(),
            self._publisher.participant.id,
            kind,
            worker_id=self._publisher.worker_id,
            published_at_ms=self._now_ms(),
            source="live",
        )

    async def _end_tracks(self, reason: str) -> None:
        for track in self._claimed.values():
            try:
                await self._tracks.end_track(
                    *self._place(), track.id, ended_at_ms=self._now_ms(), reason=reason
                )
            except LecternError as loss:
                # A worker's tracks end with its heartbeat too, so an outage costs a few seconds.
                logger.warning("track %s: its end is not recorded: %s", track.id, loss)

    def _record(self, data: ParticipantJoined | ParticipantLeft) -> None:
        self._publisher.lesson.record(
            EventDraft(
                data=data, lesson_time_ms=self._now_ms(), subject=self._publisher.participant.id
            )
        )

    def _speaker(self) -> Speaker:
        lesson, person = self._publisher.lesson.lesson, self._publisher.participant
        track_id = self._claimed["audio"].id
        return Speaker(lesson.tenant_id, lesson.id, person.id, person.name, person.role, track_id)

    def _place(self) -> tuple[str, str]:
        return (self._publisher.lesson.lesson.tenant_id, self._publisher.lesson.lesson.id)

    def _now_ms(self) -> int:
        return round(self._publisher.lesson.clock.now_ms())
