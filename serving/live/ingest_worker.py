"""The live state of every lesson that publishes through one ingest worker."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lessons.errors import Conflict, LecternError, NotAllowed, NotFound, Unavailable
from lessons.identifiers import new_id
from lessons.policy import Action, Credential, Resource, Situation, Standing, Target, decide
from lessons.privacy.consent import ParticipantConsent, Purpose, purposes_of_track
from lessons.records import Lesson, Participant, TrackKind
from lessons.store import Ledger, LessonStore, LiveFeed, TrackStore, WorkerStore
from lessons.store.consents import ConsentStore
from lessons.store.credentials import CredentialStore
from lessons.store.regions import RegionPin
from lessons.store.vocabulary import VocabularyStore
from lessons.tenants import CaptionTargets
from media_ingest.media_worker import MediaWorker
from media_ingest.sdp import read_offer
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from models.captions.streaming_policies import PolicyName
from serving.captioning.client import CaptionService
from serving.live.caption_drafts import Speaker
from serving.live.caption_meter import CaptionMeter
from serving.live.caption_pace import CaptionPace
from serving.live.caption_rules import CaptionRules
from serving.live.live_lesson import LiveLesson
from serving.live.live_track import LiveTrack
from serving.live.live_vocabulary import LiveVocabulary
from serving.live.publication import Publication, Publisher
from serving.live.worker_status import WorkerStatus
from serving.observability.ingest_observer import IngestObserver, ObservedCaptions, ObservedSink

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores that a worker writes to."""

    lessons: LessonStore
    tracks: TrackStore
    workers: WorkerStore
    ledger: Ledger
    feed: LiveFeed
    consents: ConsentStore
    credentials: CredentialStore
    vocabulary: VocabularyStore
    pin: RegionPin


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
        self._lessons: dict[str, LiveLesson] = {}
        self._peers: dict[str, Publication] = {}
        self._tokens: dict[str, Credential] = {}
        self._tasks: set[asyncio.Task[None]] = set()

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
        lesson, participant, consent = await self._look_up(credential, lesson_id, kinds)
        allowed = await self._rules.allow(lesson.tenant_id)
        captioned = allowed and consent.permits(Purpose.CAPTIONS)
        goes_on = await self._is_live(lesson)
        if captioned:
            await self._pace.admit(live=goes_on)
        lesson = await self._stores.lessons.start_lesson(lesson.tenant_id, lesson_id)
        targets = await self._rules.targets(lesson.tenant_id)
        live = self._enter(lesson)
        publisher = Publisher(live, participant, self.id)
        publication = Publication(
            publisher,
            self._stores.tracks,
            lambda speaker: self._live_track(live, speaker, targets),
            on_over=lambda: self._over(publication),
        )
        try:
            peer = await self._media.accept(offer, publication, live.clock.now_ms, reserved=goes_on)
        except LecternError:
            self._leave(live)
            raise
        self._peers[peer.id] = publication
        self._observer.metrics.tracks.media_began(peer.id, peer.counters)
        # A token that only expires has let its bearer in, and a lesson may last longer.
        self._tokens[peer.id] = replace(credential, expires_at=None)
        try:
            await publication.begin(peer.kinds, captioned=captioned)
        except LecternError:
            await self._media.close_peer(peer.id)
            raise
        return PublishedPeer(peer.id, peer.answer)

    async def trickle(self, credential: Credential, peer_id: str, fragment: str) -> None:
        """Give a peer's connection the candidates that its client found meanwhile.

        Raises:
            NotFound: no such peer, or not the caller's.
            InvalidInput: the fragment is malformed or asks for an ICE restart.
        """
        self._require_own(credential, peer_id)
        await self._media.trickle(peer_id, fragment)

    async def unpublish(self, credential: Credential, peer_id: str) -> None:
        """End a publication.

        Raises:
            NotFound: no such peer, or not the caller's.
        """
        self._require_own(credential, peer_id)
        await self._media.close_peer(peer_id)

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
        captions: Counter[str] = Counter()
        for publication in self._peers.values():
            captions.update(publication.caption_counters)
        return WorkerStatus(
            worker_id=self.id,
            peers=len(self._media.peers),
            load=round(self._media.load(), 3),
            draining=self._media.draining,
            lessons=len(self._lessons),
            events_waiting=sum(live.waiting_events for live in self._lessons.values()),
            dropped=dict(dropped),
            captions=dict(captions),
            captioner=self._pace.told(),
        )

    async def drain(self, timeout_seconds: float) -> None:
        """End every peer and write out what was said, in bounded time."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._media.drain(timeout_seconds=0)
                for live in list(self._lessons.values()):
                    self._close(live)
                await asyncio.gather(*self._tasks)
        except TimeoutError:
            logger.error("worker %s stops with words that were never captioned", self.id)
        try:
            await self._stores.workers.remove(self.id)
        except Unavailable as outage:
            logger.warning("worker %s is not signed off: %s", self.id, outage)

    async def _look_up(
        self, credential: Credential, lesson_id: str, kinds: Sequence[TrackKind]
    ) -> tuple[Lesson, Participant, ParticipantConsent]:
        tenant_id, participant_id = credential.tenant_id, credential.participant_id
        if participant_id is None:
            raise NotFound(
                "An API key is no participant.",
                field="Authorization",
                fix="Publish with a participant token: POST .../participants/{id}/token.",
            )
        participant = await self._stores.lessons.get_participant(
            tenant_id, lesson_id, participant_id
        )
        _require_publishing(tenant_id, credential.lesson_id, participant)
        lesson = await self._stores.lessons.get_lesson(tenant_id, lesson_id)
        if lesson.status == "ended":
            raise Conflict(
                "The lesson has ended.", field="lesson_id", fix="Create a new lesson for it."
            )
        consent = await self._stores.consents.of_participant(tenant_id, lesson_id, participant_id)
        for kind in kinds:
            consent.require(purposes_of_track(kind, "live"), participant_id)
        if consent.permits(Purpose.CAPTIONS):
            self._stores.pin.require_models(tenant_id)
        return lesson, participant, consent

    async def _is_live(self, lesson: Lesson) -> bool:
        """Whether somebody publishes in the lesson already, through this worker or another."""
        if lesson.id in self._lessons:
            return True
        if lesson.status == "scheduled":
            return False
        tracks = await self._stores.tracks.list_tracks(lesson.tenant_id, lesson.id)
        return any(track.ended_at_ms is None for track in tracks)

    def _enter(self, lesson: Lesson) -> LiveLesson:
        live = self._lessons.get(lesson.id)
        if live is None:
            live = LiveLesson(
                lesson,
                self._stores.ledger,
                self._stores.feed,
                LiveVocabulary(lesson, self._stores.vocabulary),
                on_ended=lambda: self._run(self._end_peers(lesson.id)),
                on_revoked=lambda person: self._run(self._stop_revoked(lesson.id, person)),
            )
            self._lessons[lesson.id] = live
        live.publications += 1
        return live

    def _over(self, publication: Publication) -> None:
        totals = self._observer.metrics.tracks
        for peer_id in [key for key, one in self._peers.items() if one is publication]:
            del self._peers[peer_id]
            totals.media_ended(peer_id)
        if publication.audio_track_id is not None:
            totals.captions_ended(publication.audio_track_id)
        _measure_no_more(publication)
        self._leave(publication.publisher.lesson)

    def _leave(self, live: LiveLesson) -> None:
        live.publications -= 1
        if live.publications == 0:
            self._close(live)

    def _close(self, live: LiveLesson) -> None:
        if self._lessons.pop(live.lesson.id, None) is not None:
            self._run(live.close())

    async def end_revoked(self) -> None:
        """End every publication whose token was revoked since; ask every few seconds.

        Raises:
            Unavailable: the database does not answer.
        """
        self._tokens = {key: one for key, one in self._tokens.items() if key in self._peers}
        by_tenant: defaultdict[str, set[Credential]] = defaultdict(set)
        for credential in self._tokens.values():
            by_tenant[credential.tenant_id].add(credential)
        for tenant_id, credentials in by_tenant.items():
            over = await self._stores.credentials.over(tenant_id, credentials)
            for peer_id in [key for key, one in self._tokens.items() if one in over]:
                logger.info("peer %s ends: its token was revoked", peer_id)
                await self._close_peer(peer_id)

    async def _close_peer(self, peer_id: str) -> None:
        try:
            await self._media.close_peer(peer_id)
        except NotFound:
            return  # It left by itself meanwhile.

    async def _end_peers(self, lesson_id: str) -> None:
        logger.info("lesson %s has ended", lesson_id)
        for peer_id in list(self._in_lesson(lesson_id)):
            await self._close_peer(peer_id)

    async def _stop_revoked(self, lesson_id: str, participant_id: str) -> None:
        """Stop what a participant's role or consent covers no more, as it stands now.

        What the record says of it is written already: the decision ended the tracks there.
        """
        for peer_id, publication in self._in_lesson(lesson_id).items():
            if publication.publisher.participant.id != participant_id:
                continue
            try:
                if not await self._may_publish(publication.publisher):
                    await self._media.close_peer(peer_id)
                    continue
                consent = await self._consent_of(publication.publisher)
                await self._stop_uncovered(peer_id, publication, consent)
            except NotFound:
                continue  # It left by itself meanwhile.
            except LecternError as outage:
                # Whoever cannot tell what is allowed captures nothing.
                logger.warning("peer %s ends: its consent cannot be read: %s", peer_id, outage)
                await self._media.close_peer(peer_id)

    async def _stop_uncovered(
        self, peer_id: str, publication: Publication, consent: ParticipantConsent
    ) -> None:
        if not consent.permits(Purpose.AUDIO):
            publication.revoke_audio()
            _measure_no_more(publication)
            await self._media.stop_track(peer_id, "audio")
        elif not consent.permits(Purpose.CAPTIONS):
            publication.stop_captions()
            _measure_no_more(publication)
        if not consent.permits(Purpose.VIDEO):
            await self._media.stop_track(peer_id, "video")

    async def _may_publish(self, publisher: Publisher) -> bool:
        lesson = publisher.lesson.lesson
        participant = await self._stores.lessons.get_participant(
            lesson.tenant_id, lesson.id, publisher.participant.id
        )
        try:
            _require_publishing(lesson.tenant_id, lesson.id, participant)
        except NotAllowed:
            return False
        return True

    async def _consent_of(self, publisher: Publisher) -> ParticipantConsent:
        lesson = publisher.lesson.lesson
        return await self._stores.consents.of_participant(
            lesson.tenant_id, lesson.id, publisher.participant.id
        )

    def _in_lesson(self, lesson_id: str) -> dict[str, Publication]:
        return {
            peer_id: publication
            for peer_id, publication in self._peers.items()
            if publication.publisher.lesson.lesson.id == lesson_id
        }

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

    def _require_own(self, credential: Credential, peer_id: str) -> None:
        publication = self._peers.get(peer_id)
        if publication is None or credential.participant_id != publication.publisher.participant.id:
            raise NotFound(
                "No such publication of yours.", fix="It may have ended; publish again by POST."
            )

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _measure_no_more(publication: Publication) -> None:
    """Raise no alarm for captions that nobody wants any more."""
    if publication.audio_track_id is not None:
        publication.publisher.lesson.meters.end(publication.audio_track_id)


def _require_publishing(tenant_id: str, lesson_id: str | None, participant: Participant) -> None:
    """Hold a participant's role as it is now, not as their token says, against the policy.

    Args:
        lesson_id: the lesson that the token is for.

    Raises:
        NotAllowed: the role does not publish, or the token is for another lesson.
    """
    caller = Credential(tenant_id, "participant", lesson_id, participant.id)
    held = Standing(participant.role, tenant_id, lesson_id)
    target = Target((tenant_id,), participant.lesson_id)
    decide(caller, Action.PUBLISH, Resource.MEDIA, Situation((held,), target))
