"""The publications that one worker keeps, by the id of their peer, with the token of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from lessons.errors import NotFound
from lessons.policy import Credential
from serving.live.publication import Publication


class Publications:
    """What is published through a worker now."""

    def __init__(self) -> None:
        self._by_peer: dict[str, Publication] = {}
        self._tokens: dict[str, Credential] = {}

    def add(self, peer_id: str, publication: Publication, credential: Credential) -> None:
        """Keep a publication under its peer's id."""
        self._by_peer[peer_id] = publication
        # A token that only expires has let its bearer in, and a lesson may last longer.
        self._tokens[peer_id] = replace(credential, expires_at=None)

    def remove(self, publication: Publication) -> list[str]:
        """Let a publication go; return the ids of its peers."""
        peer_ids = [key for key, one in self._by_peer.items() if one is publication]
        for peer_id in peer_ids:
            del self._by_peer[peer_id]
            del self._tokens[peer_id]
        return peer_ids

    def require_own(self, credential: Credential, peer_id: str) -> None:
        """See that a peer is the caller's.

        Raises:
            NotFound: no such peer, or not the caller's.
        """
        publication = self._by_peer.get(peer_id)
        if publication is None or credential.participant_id != publication.publisher.participant.id:
            raise NotFound(
                "No such publication of yours.", fix="It may have ended; publish again by POST."
            )

    def in_lesson(self, lesson_id: str) -> dict[str, Publication]:
        """Return the publications in one lesson, by peer id."""
        return {
            peer_id: publication
            for peer_id, publication in self._by_peer.items()
            if publication.publisher.lesson.lesson.id == lesson_id
        }

    def all(self) -> list[Publication]:
        """Return the publications of every lesson."""
        return list(self._by_peer.values())

    def tokens_by_tenant(self) -> dict[str, dict[str, Credential]]:
        """Return the tokens that let peers in: of each tenant, by peer id."""
        by_tenant: defaultdict[str, dict[str, Credential]] = defaultdict(dict)
        for peer_id, credential in self._tokens.items():
            by_tenant[credential.tenant_id][peer_id] = credential
        return by_tenant

    def caption_counters(self) -> Counter[str]:
        """Sum what the captions of all publications lost or repeated."""
        counters: Counter[str] = Counter()
        for publication in self._by_peer.values():
            counters.update(publication.caption_counters)
        return counters
