"""One WebRTC connection that a participant publishes by."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from aiortc import MediaStreamTrack, RTCPeerConnection

from lessons.errors import InvalidInput
from media_ingest.candidates import MAX_CANDIDATES
from media_ingest.counters import TrackCounters
from media_ingest.negotiation import close_connection
from media_ingest.peer_handler import CloseReason, HandlerQueue, PeerHandler
from media_ingest.sdp import Offer, TrackKind, complete_answer
from media_ingest.track_readers import AudioReader, VideoReader
from media_ingest.trickle import read_fragment

logger = logging.getLogger(__name__)

WATCH_INTERVAL_SECONDS = 0.5
READERS_END_SECONDS = 1.0
BACKLOG_SECONDS = 10.0
"""How long a handler has, after its peer closed, for the frames that still wait."""


@dataclass(frozen=True, slots=True)
class PeerLimits:
    """How long a peer may take, and how much of its video is kept.

    Attributes:
        connect_timeout_seconds: from the answer to a completed DTLS handshake.
        silence_timeout_seconds: without any RTP or RTCP packet, after which a peer counts as lost.
        video_frames_per_second: pictures a second that reach the handler.
    """

    connect_timeout_seconds: float = 15.0
    silence_timeout_seconds: float = 10.0
    video_frames_per_second: float = 2.0


class Peer:
    """A publishing peer, from its answer to its end. Made inside a running event loop.

    Attributes:
        id: the peer's identifier.
        kinds: kinds of its tracks.
        answer: the SDP answer, with all our candidates.
        counters: what was dropped.
        connected: whether ICE and DTLS came up.
    """

    def __init__(
        self,
        peer_id: str,
        offer: Offer,
        connection: RTCPeerConnection,
        handler: PeerHandler,
        lesson_now_ms: Callable[[], float],
        limits: PeerLimits,
    ) -> None:
        self.id = peer_id
        self.kinds: tuple[TrackKind, ...] = offer.kinds
        self.answer = complete_answer(connection.localDescription.sdp, offer.declined)
        self.counters = TrackCounters()
        self.connected = False
        self._offer = offer
        self._candidates = len(offer.candidates)
        self._connection = connection
        self._handler = handler
        self._limits = limits
        self._queue = HandlerQueue(handler, self.counters)
        self._closing: asyncio.Task[None] | None = None
        self._stopped: set[TrackKind] = set()
        self._disconnected = asyncio.Event()
        tracks = {receiver.track.kind: receiver.track for receiver in connection.getReceivers()}
        self._audio = AudioReader(tracks["audio"], self._queue, self.counters, lesson_now_ms)
        self._tasks = self._start(tracks, lesson_now_ms)
        connection.on("connectionstatechange", self._on_state)
        self._on_state()

    async def trickle(self, fragment: str) -> None:
        """Take trickled candidates.

        Raises:
            InvalidInput: malformed, an ICE restart, or more candidates than we check.
        """
        candidates = read_fragment(fragment, self._offer).candidates
        if self._candidates + len(candidates) > MAX_CANDIDATES:
            raise InvalidInput(
                f"A peer may offer {MAX_CANDIDATES} ICE candidates, no more.", field="sdpfrag"
            )
        self._candidates += len(candidates)
        for candidate in candidates:
            await self._connection.addIceCandidate(candidate)

    async def stop_track(self, kind: TrackKind) -> None:
        """Take nothing more of one track, not even to decode it; the other one goes on.

        The last track that stops ends the peer.
        """
        self._stopped.add(kind)
        if self._stopped >= set(self.kinds):
            await self.close("left")
            return
        for receiver in self._connection.getReceivers():
            if receiver.track.kind == kind:
                await receiver.stop()

    async def close(self, reason: CloseReason) -> None:
        """End the connection; returns when it is gone, in bounded time. The first reason counts."""
        self._begin_closing(reason)
        await self._disconnected.wait()

    async def wait_disconnected(self) -> None:
        """Wait until the connection is gone."""
        await self._disconnected.wait()

    async def wait_finished(self) -> None:
        """Wait until the connection is gone and the handler's `on_closed` has returned."""
        await self._disconnected.wait()
        if self._closing is not None:
            await asyncio.wait({self._closing})

    def give_up(self) -> None:
        """Stop waiting for a handler that does not finish."""
        if self._closing is not None:
            self._closing.cancel()

    def _start(
        self, tracks: dict[str, MediaStreamTrack], lesson_now_ms: Callable[[], float]
    ) -> list[asyncio.Task[None]]:
        for kind in self.kinds:
            self._queue.track(kind, tracks[kind].id)
        self._delivery = self._supervise(self._queue.run())
        self._watching = self._supervise(self._watch())
        tasks = [self._supervise(self._read_audio())]
        if "video" in tracks:
            rate = self._limits.video_frames_per_second
            video = VideoReader(tracks["video"], self._queue, lesson_now_ms, rate)
            tasks.append(self._supervise(video.run()))
        return tasks

    def _supervise(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._after_task)
        return task

    def _after_task(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            logger.error("peer %s failed", self.id, exc_info=error)
            self._begin_closing("failed")

    async def _read_audio(self) -> None:
        """The audio track ends when the client leaves, or stops sending for good (RTCP BYE)."""
        await self._audio.run()
        if "audio" in self._stopped:
            return
        self._begin_closing("lost" if self._connection.connectionState == "failed" else "left")

    async def _watch(self) -> None:
        """Notice what no packet tells: a peer that never connects, mutes or falls silent."""
        limits, started, packets, heard = self._limits, time.monotonic(), 0, time.monotonic()
        while self._closing is None:
            await asyncio.sleep(WATCH_INTERVAL_SECONDS)
            now = time.monotonic()
            if "audio" not in self._stopped:
                self._audio.check_mute()
            if not self.connected:
                heard = now
                if now - started > limits.connect_timeout_seconds:
                    self._begin_closing("never_connected")
            elif (received := await self._packets_received()) != packets:
                packets, heard = received, now
            elif now - heard > limits.silence_timeout_seconds:
                self._begin_closing("lost")

    async def _packets_received(self) -> int:
        """RTP, RTCP and DTLS packets so far; audio and video share one transport."""
        report = await self._connection.getReceivers()[0].getStats()
        return sum(entry.packetsReceived for entry in report.values() if entry.type == "transport")

    def _on_state(self) -> None:
        state = self._connection.connectionState
        if state == "connected" and not self.connected:
            self.connected = True
            self._queue.connected()
        elif state == "failed":
            self._begin_closing("lost" if self.connected else "never_connected")
        elif state == "closed":
            self._begin_closing("left")

    def _begin_closing(self, reason: CloseReason) -> None:
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(reason))

    async def _close(self, reason: CloseReason) -> None:
        self._watching.cancel()
        await close_connection(self._connection)
        await asyncio.wait(self._tasks, timeout=READERS_END_SECONDS)
        for task in self._tasks:
            task.cancel()
        self._disconnected.set()
        self._queue.finish()
        await asyncio.wait({self._delivery}, timeout=BACKLOG_SECONDS)
        self._delivery.cancel()
        told = asyncio.create_task(self._handler.on_closed(reason))
        try:
            await asyncio.wait({told})
        finally:
            told.cancel()
        if not told.cancelled() and (error := told.exception()):
            logger.error("the handler of peer %s failed at its end", self.id, exc_info=error)
