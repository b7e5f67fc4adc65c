"""What a peer tells whoever follows its lesson, and the bounded queue in between."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from media_ingest.counters import TrackCounters
from media_ingest.frames import AudioFrame, VideoFrame
from media_ingest.sdp import TrackKind

CloseReason = Literal["left", "lost", "never_connected", "drained", "failed"]
"""Why a peer is gone: it said so; it fell silent; ICE or DTLS never completed; this worker is being
drained; the handler, or the decoding of the audio, raised."""

MAX_WAITING_AUDIO_FRAMES = 1_500
"""Audio frames that may wait for a slow handler: 30 s of 20 ms frames, about 2 MB."""
MAX_WAITING_VIDEO_FRAMES = 4
"""Pictures that may wait for a slow handler: about 4 MB at 640x480."""


class PeerHandler(Protocol):
    """Follows one peer. Calls come one at a time, in order, on the event loop of the worker.

    A handler that is slow loses frames, counted in the peer's counters, never calls of another
    kind. One that raises ends its peer, as "failed". `on_closed` comes exactly once and last.
    """

    async def on_track(self, kind: TrackKind, label: str) -> None:
        """A track was offered; `label` is the client's name for it. Before `on_connected`."""
        ...

    async def on_connected(self) -> None:
        """Media can flow from now on."""
        ...

    async def on_audio(self, frame: AudioFrame) -> None:
        """Audio as it was said, in order; a gap in `start_ms` is audio that was never received."""
        ...

    async def on_video(self, frame: VideoFrame) -> None:
        """A picture, a few times a second."""
        ...

    async def on_muted(self, muted: bool) -> None:
        """The audio track fell silent as a muted microphone does, or is back."""
        ...

    async def on_closed(self, reason: CloseReason) -> None:
        """Nothing more will come."""
        ...


@dataclass(frozen=True, slots=True)
class _Call:
    """One call to the handler that waits for its turn."""

    work: Coroutine[Any, Any, None]
    frame: TrackKind | None = None


class HandlerQueue:
    """Carries calls to a handler in order, without ever holding up who puts them in.

    Args:
        handler: who is called.
        counters: where refused frames are counted.
    """

    def __init__(self, handler: PeerHandler, counters: TrackCounters) -> None:
        self._handler = handler
        self._counters = counters
        self._calls: deque[_Call] = deque()
        self._waiting: dict[TrackKind, int] = {"audio": 0, "video": 0}
        self._filled = asyncio.Event()
        self._closing = False

    def track(self, kind: TrackKind, label: str) -> None:
        """Queue `on_track`."""
        self._put(_Call(self._handler.on_track(kind, label)))

    def connected(self) -> None:
        """Queue `on_connected`."""
        self._put(_Call(self._handler.on_connected()))

    def muted(self, muted: bool) -> None:
        """Queue `on_muted`."""
        self._put(_Call(self._handler.on_muted(muted)))

    def audio(self, frame: AudioFrame) -> None:
        """Queue `on_audio`, or count the frame as dropped where too many wait already."""
        if self._closing or self._waiting["audio"] >= MAX_WAITING_AUDIO_FRAMES:
            self._counters.audio_frames_dropped += 1
            return
        self._put(_Call(self._handler.on_audio(frame), "audio"))

    def video(self, frame: VideoFrame) -> None:
        """Queue `on_video`, or count the frame as dropped where too many wait already."""
        if self._closing or self._waiting["video"] >= MAX_WAITING_VIDEO_FRAMES:
            self._counters.video_frames_dropped += 1
            return
        self._put(_Call(self._handler.on_video(frame), "video"))

    def finish(self) -> None:
        """Take nothing more; `run` ends once what waits is handled."""
        self._closing = True
        self._filled.set()

    async def run(self) -> None:
        """Make the calls until `finish`; what a handler raises is raised here.

        Cancelled or failed, it gives up the calls that wait, and counts their frames.
        """
        try:
            while True:
                while self._calls:
                    call = self._calls.popleft()
                    if call.frame:
                        self._waiting[call.frame] -= 1
                    await call.work
                if self._closing:
                    return
                self._filled.clear()
                await self._filled.wait()
        finally:
            self._give_up()

    def _put(self, call: _Call) -> None:
        if self._closing:
            call.work.close()
            return
        if call.frame:
            self._waiting[call.frame] += 1
        self._calls.append(call)
        self._filled.set()

    def _give_up(self) -> None:
        self._closing = True
        self._counters.audio_frames_dropped += self._waiting["audio"]
        self._counters.video_frames_dropped += self._waiting["video"]
        while self._calls:
            self._calls.popleft().work.close()
