"""Ends publications that may not go on: of lessons that are over, of what is allowed no more."""

from __future__ import annotations

import logging

from lessons.errors import LecternError, NotFound
from lessons.privacy.consent import ParticipantConsent, Purpose
from lessons.store.credentials import CredentialStore
from media_ingest.media_worker import MediaWorker
from serving.live.admission import Admission
from serving.live.learner_cameras import LearnerCameras
from serving.live.publication import Publication
from serving.live.publications import Publications

logger = logging.getLogger(__name__)


class Endings:
    """Ends publications, or the part of one that is covered no more.

    Args:
        publications: what is published.
        media: the peers.
        admission: what is allowed now.
        credentials: which tokens are good no more.
        cameras: which cameras are looked at.
    """

    def __init__(
        self,
        publications: Publications,
        media: MediaWorker,
        admission: Admission,
        credentials: CredentialStore,
        cameras: LearnerCameras | None = None,
    ) -> None:
        self._publications = publications
        self._media = media
        self._admission = admission
        self._credentials = credentials
        self._cameras = cameras

    async def end_lesson(self, lesson_id: str) -> None:
        """End every publication in a lesson that is over."""
        logger.info("lesson %s has ended", lesson_id)
        for peer_id in self._publications.in_lesson(lesson_id):
            await self._close_peer(peer_id)

    async def end_revoked(self) -> None:
        """End every publication whose token was revoked since.

        Raises:
            Unavailable: the database does not answer.
        """
        for tenant_id, tokens in self._publications.tokens_by_tenant().items():
            over = await self._credentials.over(tenant_id, set(tokens.values()))
            for peer_id in [key for key, one in tokens.items() if one in over]:
                logger.info("peer %s ends: its token was revoked", peer_id)
                await self._close_peer(peer_id)

    async def follow_decision(self, lesson_id: str, participant_id: str) -> None:
        """Stop what a participant's role or consent covers no more, as it stands now.

        What the record says of it is written already: the decision ended the tracks there. A
        camera that may be looked at from now on is.
        """
        for peer_id, publication in self._publications.in_lesson(lesson_id).items():
            if publication.publisher.participant.id != participant_id:
                continue
            try:
                if not await self._admission.may_publish(publication.publisher):
                    await self._media.close_peer(peer_id)
                    continue
                consent = await self._admission.consent_of(publication.publisher)
                await self._stop_uncovered(peer_id, publication, consent)
                if self._cameras is not None:
                    await self._cameras.follow(publication)
            except NotFound:
                continue  # It left by itself meanwhile.
            except LecternError as outage:
                # Whoever cannot tell what is allowed captures nothing.
                publication.look_away()
                logger.warning("peer %s ends: its consent cannot be read: %s", peer_id, outage)
                await self._media.close_peer(peer_id)

    async def _stop_uncovered(
        self, peer_id: str, publication: Publication, consent: ParticipantConsent
    ) -> None:
        if not consent.permits(Purpose.CAMERA_SIGNALS):
            publication.look_away()
        if not consent.permits(Purpose.AUDIO):
            publication.revoke_audio()
            await self._media.stop_track(peer_id, "audio")
        elif not consent.permits(Purpose.CAPTIONS):
            publication.stop_captions()
        if not consent.permits(Purpose.VIDEO):
            await self._media.stop_track(peer_id, "video")

    async def _close_peer(self, peer_id: str) -> None:
        try:
            await self._media.close_peer(peer_id)
        except NotFound:
            return  # It left by itself meanwhile.
