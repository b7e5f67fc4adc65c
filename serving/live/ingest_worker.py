"""One ingest worker: takes peers into lessons, captions them, and lets them go."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass

from lessons.errors import LecternError, Unavailable
from lessons.identifiers import new_id
from lessons.policy import Credential
from lessons.tenants import CaptionTargets
from media_ingest.media_worker import MediaWorker
from media_ingest.sdp import read_offer
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from models.captions.streaming_policies import PolicyName
from serving.captioning.client import CaptionService
from serving.live.admission import Admission
from serving.live.caption_drafts import Speaker
from serving.live.caption_meter import CaptionMeter
from serving.live.caption_pace import CaptionPace
from serving.live.caption_rules import CaptionRules
from serving.live.endings import Endings
from serving.live.held_lessons import HeldLessons
from serving.live.learner_cameras import LearnerCameras
from serving.live.live_lesson import LiveLesson
from serving.live.live_track import LiveTrack
from serving.live.publication import Publication, Publisher
from serving.live.publications import Publications
from serving.live.worker_status import WorkerStatus
from serving.live.worker_stores import Stores
from serving.observability.ingest_observer import IngestObserver, ObservedCaptions, ObservedSink

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublishedPeer:
    """A peer that may publish from now on: its id and the SDP answer."""

    id: str
    answer: str


class IngestWorker:
    """Takes peers into lessons and lets them go.

    Args:
        stores: the record.
        media: the peers.
        captions: the captioner.
        cutting: how speech is cut into windows.
        rules: whether a tenant's speech is captioned at all.
        pace: what the captioner's load means for tracks and for new lessons.
        policy: when a word of a partial counts as stable.
        observer: counts and traces; one that nobody reads by default.
        cameras: whose camera is looked at; None: nobody's.
    """

    def __init__(
        self,
        stores: Stores,
        media: MediaWorker,
        captions: CaptionService,
        cutting: CuttingSettings,
        rules: CaptionRules,
        pace: CaptionPace | None = None,
        policy: PolicyName = "auto",
        observer: IngestObserver | None = None,
        cameras: LearnerCameras | None = None,
    ) -> None:
        self.id = new_id("wrk")
        self._stores = stores
        self._media = media
        self._observer = observer or IngestObserver.of_its_own()
        self._captions = ObservedCaptions(captions, self._observer)
        self._cutting = cutting
        self._rules = rules
        self._pace = pace or CaptionPace()
        self._policy: PolicyName = policy
        self._cameras = cameras
        self._publications = Publications()
        self._admission = Admission(stores, rules, self._pace, lambda key: key in self._lessons)
        self._endings = Endings(
            self._publications, media, self._admission, stores.credentials, cameras
        )
        self._lessons = HeldLessons(stores, self._endings.end_lesson, self._endings.follow_decision)

    async def publish(self, credential: Credential, lesson_id: str, offer: str) -> PublishedPeer:
        """Take a peer in, and count it where it is refused; raises as `_publish`."""
        try:
            return await self._publish(credential, lesson_id, offer)
        except LecternError as refusal:
            self._observer.metrics.refused.labels(refusal.code).inc()
            raise

    async def _publish(self, credential: Credential, lesson_id: str, offer: str) -> PublishedPeer:
        """Answer a participant's offer and begin to caption its audio.

        Raises:
            NotAllowed: the token is for another lesson, or its role does not publish.
            ConsentMissing: the participant's consent does not cover what the offer brings.
            WrongRegion: the models run in another region than the tenant is bound to.
            Conflict: the lesson has ended, or somebody publishes as this participant already.
            InvalidInput: the offer is malformed or has no audio.
            UnsupportedMedia: no codec in common.
            Overloaded: the worker is past its admission limit.
            NoHeadroom: the captioner has no room for another lesson.
        """
        kinds = read_offer(offer).kinds  # A refused offer must not start the lesson.
        admitted = await self._admission.admit(credential, lesson_id, kinds)
        tenant_id = admitted.lesson.tenant_id
        lesson = await self._stores.lessons.start_lesson(tenant_id, lesson_id)
        targets = await self._rules.targets(tenant_id)
        live = self._lessons.enter(lesson)
        publication = Publication(
            Publisher(live, admitted.participant, self.id),
            self._stores.tracks,
            lambda speaker: self._live_track(live, speaker, targets),
            on_over=lambda: self._over(publication),
        )
        try:
            peer = await self._media.accept(
                offer, publication, live.clock.now_ms, reserved=admitted.goes_on
            )
        except LecternError:
            self._lessons.leave(live)
            raise
        self._publications.add(peer.id, publication, credential)
        self._observer.metrics.tracks.media_began(peer.id, peer.counters)
        try:
            await publication.begin(peer.kinds, captioned=admitted.captioned)
        except LecternError:
            await self._media.close_peer(peer.id)
            raise
        if self._cameras is not None:
            await self._cameras.follow(publication)
        return PublishedPeer(peer.id, peer.answer)

    async def trickle(self, credential: Credential, peer_id: str, fragment: str) -> None:
        """Give a peer's connection the candidates that its client found meanwhile.

        Raises:
            NotFound: no such peer, or not the caller's.
            InvalidInput: the fragment is malformed or asks for an ICE restart.
        """
        self._publications.require_own(credential, peer_id)
        await self._media.trickle(peer_id, fragment)

    async def unpublish(self, credential: Credential, peer_id: str) -> None:
        """End a publication.

        Raises:
            NotFound: no such peer, or not the caller's.
        """
        self._publications.require_own(credential, peer_id)
        await self._media.close_peer(peer_id)

    async def end_revoked(self) -> None:
        """End every publication whose token was revoked since; ask every few seconds.

        So ends looking at cameras where a tenant has switched it off.

        Raises:
            Unavailable: the database does not answer.
        """
        if self._cameras is not None:
            await self._cameras.review(self._publications.all())
        await self._endings.end_revoked()

    async def report(self) -> None:
        """Tell the gateways how loaded this worker is, and bury workers that fell silent."""
        self._observer.metrics.worker_is(self.status())
        await self._stores.workers.heartbeat(
            self.id,
            peers=len(self._media.peers),
            load=self._media.load(),
            draining=self._media.draining,
        )
        await self._stores.workers.expire_dead()

    async def register(self, url: str) -> None:
        """Offer this worker to the gateways at the address of its signalling."""
        await self._stores.workers.register(
            url=url, capacity_peers=self._media.capacity_peers, worker_id=self.id
        )

    def status(self) -> WorkerStatus:
        """What this worker is doing."""
        dropped: Counter[str] = Counter()
        for peer in self._media.peers.values():
            dropped.update(peer.counters.as_dict())
        return WorkerStatus(
            worker_id=self.id,
            peers=len(self._media.peers),
            load=round(self._media.load(), 3),
            draining=self._media.draining,
            lessons=len(self._lessons),
            events_waiting=self._lessons.waiting_events,
            dropped=dict(dropped),
            captions=dict(self._publications.caption_counters()),
            captioner=self._pace.told(),
            cameras=None if self._cameras is None else self._cameras.told(),
        )

    async def drain(self, timeout_seconds: float) -> None:
        """End every peer and write out what was said, in bounded time."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._media.drain(timeout_seconds=0)
                await self._lessons.close()
        except TimeoutError:
            logger.error("worker %s stops with words that were never captioned", self.id)
        try:
            await self._stores.workers.remove(self.id)
        except Unavailable as outage:
            logger.warning("worker %s is not signed off: %s", self.id, outage)

    def _over(self, publication: Publication) -> None:
        totals = self._observer.metrics.tracks
        for peer_id in self._publications.remove(publication):
            totals.media_ended(peer_id)
        if publication.audio_track_id is not None:
            totals.captions_ended(publication.audio_track_id)
        self._lessons.leave(publication.publisher.lesson)

    def _live_track(self, live: LiveLesson, speaker: Speaker, targets: CaptionTargets) -> LiveTrack:
        sink = ObservedSink(live, self._observer)
        meter = CaptionMeter(speaker, sink, live.clock.now_ms, targets)
        live.meters.add(meter)
        track = LiveTrack(
            speaker,
            self._captions,
            UtteranceCutter(SpeechGate(), self._cutting),
            meter,
            live.clock.now_ms,
            live.lesson.spoken_language,
            live.vocabulary.terms,
            self._pace,
            self._policy,
        )
        self._observer.metrics.tracks.captions_began(track)
        return track
