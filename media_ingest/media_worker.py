"""The peers of one ingest process: admits them, finds them, ends them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from lessons.errors import NotFound, Overloaded
from lessons.identifiers import new_id
from media_ingest.admission import LIVE_LESSONS_RESERVE, LoadMeter
from media_ingest.negotiation import answer_offer, close_connection, ice_configuration
from media_ingest.peer import Peer, PeerLimits
from media_ingest.peer_handler import PeerHandler
from media_ingest.sdp import TrackKind, read_offer

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
EXIT_SECONDS = 8.0
"""How long the handlers have at the very end; whoever wants to give them longer drains before."""


class MediaWorker:
    """Takes WHIP offers and keeps their peers. Knows nothing of lessons, tokens or HTTP.

    Use it as an async context manager, in the event loop that the peers live in.

    Args:
        capacity_peers: peers that count as full load.
        admission_limit: load from which new peers are refused, 0..1.
        ice_servers: STUN and TURN URIs; none by default.
        limits: timeouts of a peer and how much of its video is kept.
        load_meter: measures this process.

    Attributes:
        capacity_peers: as given.

    Raises:
        InvalidInput: an ICE server is not a STUN or TURN URI.
    """

    def __init__(
        self,
        *,
        capacity_peers: int = 20,
        admission_limit: float = 0.7,
        ice_servers: Sequence[str] = (),
        limits: PeerLimits | None = None,
        load_meter: LoadMeter | None = None,
    ) -> None:
        self.capacity_peers = capacity_peers
        self._admission_limit = admission_limit
        self._configuration = ice_configuration(ice_servers)
        self._limits = limits or PeerLimits()
        self._load_meter = load_meter or LoadMeter()
        self._peers: dict[str, Peer] = {}
        self._answering = 0
        self._draining = False
        self._ending: set[asyncio.Task[None]] = set()
        self._measuring: asyncio.Task[None] | None = None

    async def __aenter__(self) -> MediaWorker:
        self._measuring = asyncio.create_task(self._load_meter.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            async with asyncio.timeout(EXIT_SECONDS):
                await self.drain(timeout_seconds=0)
        except TimeoutError:
            logger.error("%d handlers did not finish and are given up", len(self._ending))
            for ending in self._ending:
                ending.cancel()
        if self._measuring is not None:
            self._measuring.cancel()

    @property
    def peers(self) -> Mapping[str, Peer]:
        """Peers by id, until their connections are gone."""
        return MappingProxyType(self._peers)

    @property
    def draining(self) -> bool:
        """Whether new peers are refused for good."""
        return self._draining

    def load(self) -> float:
        """0 when idle, 1 when full: the larger of the share of peers and the measured load."""
        peers = (len(self._peers) + self._answering) / self.capacity_peers
        return max(peers, self._load_meter.load)

    async def accept(
        self,
        offer_sdp: str,
        handler: PeerHandler,
        lesson_now_ms: Callable[[], float],
        *,
        reserved: bool = False,
    ) -> Peer:
        """Answer an offer; the answer is in the peer's `answer`.

        Args:
            offer_sdp: the client's SDP offer.
            handler: told of everything that happens on the peer, from its tracks on.
            lesson_now_ms: the lesson clock, in milliseconds.
            reserved: whether it may use the reserve: its lesson is live already.

        Raises:
            InvalidInput, UnsupportedMedia: the offer is at fault; the handler hears nothing.
            Overloaded: past the admission limit, or draining.
            Unavailable: no ICE candidate could be gathered.
        """
        offer = read_offer(offer_sdp)
        self._admit(reserved=reserved)
        self._answering += 1
        try:
            connection = await answer_offer(offer, self._configuration)
        finally:
            self._answering -= 1
        if self._draining:
            await close_connection(connection)
            self._admit(reserved=reserved)
        peer = Peer(new_id("per"), offer, connection, handler, lesson_now_ms, self._limits)
        self._peers[peer.id] = peer
        ending = asyncio.create_task(self._see_off(peer))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        return peer

    async def trickle(self, peer_id: str, fragment: str) -> None:
        """Give a peer trickled candidates (`application/trickle-ice-sdpfrag`).

        Raises:
            NotFound: no such peer.
            InvalidInput: malformed, or an ICE restart, which is not supported.
        """
        await self._peer(peer_id).trickle(fragment)

    async def close_peer(self, peer_id: str) -> None:
        """End a peer because its client leaves; returns when its connection is gone.

        Raises:
            NotFound: no such peer.
        """
        await self._peer(peer_id).close("left")

    async def stop_track(self, peer_id: str, kind: TrackKind) -> None:
        """Take nothing more of one track of a peer; where it was the last one, the peer ends.

        Raises:
            NotFound: no such peer.
        """
        await self._peer(peer_id).stop_track(kind)

    async def drain(self, timeout_seconds: float) -> None:
        """Refuse new peers, wait for the present ones to leave, and close those still there.

        Returns when every handler's `on_closed` has returned: bound it by `asyncio.timeout`.
        """
        self._draining = True
        if self._ending and timeout_seconds > 0:
            await asyncio.wait(self._ending, timeout=timeout_seconds)
        await asyncio.gather(*(peer.close("drained") for peer in self._peers.values()))
        if self._ending:
            await asyncio.wait(self._ending)

    def _admit(self, *, reserved: bool) -> None:
        if self._draining:
            raise Overloaded(
                "This worker is shutting down.", retry_after_seconds=RETRY_AFTER_SECONDS
            )
        limit = self._admission_limit + (LIVE_LESSONS_RESERVE if reserved else 0.0)
        if (load := self.load()) >= limit:
            raise Overloaded(
                f"This worker is at {load:.0%} of its capacity "
                f"and admits new peers below {limit:.0%}.",
                retry_after_seconds=RETRY_AFTER_SECONDS,
            )

    def _peer(self, peer_id: str) -> Peer:
        peer = self._peers.get(peer_id)
        if peer is None:
            raise NotFound("No such peer on this worker.", field="peer_id")
        return peer

    async def _see_off(self, peer: Peer) -> None:
        try:
            await peer.wait_disconnected()
            del self._peers[peer.id]
            await peer.wait_finished()
        except asyncio.CancelledError:
            peer.give_up()
            raise
