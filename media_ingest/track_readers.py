"""Empties a peer's tracks: decoded frames in, plain frames on the lesson clock out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import av
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray

from media_ingest.counters import TrackCounters
from media_ingest.frames import SAMPLE_RATE, AudioFrame, VideoFrame
from media_ingest.mute_detection import MuteDetector
from media_ingest.peer_handler import HandlerQueue
from media_ingest.resampling import Resampler
from media_ingest.timeline import TrackTimeline

MAX_PICTURE_WIDTH = 854
MAX_PICTURE_HEIGHT = 480
"""Pixels; larger pictures are scaled down, so that a camera cannot choose our memory and time."""


class AudioReader:
    """Reads one audio track to its end."""

    def __init__(
        self,
        track: MediaStreamTrack,
        queue: HandlerQueue,
        counters: TrackCounters,
        lesson_now_ms: Callable[[], float],
    ) -> None:
        self._track = track
        self._queue = queue
        self._lesson_now_ms = lesson_now_ms
        self._counters = counters
        self._mute = MuteDetector()
        self._resampler = Resampler(counters)
        self._timeline = TrackTimeline(SAMPLE_RATE, counters)

    async def run(self) -> None:
        """Pass frames on until the track ends."""
        while True:
            try:
                frame = await self._track.recv()
            except MediaStreamError:
                return
            if isinstance(frame, av.AudioFrame):
                self._take(frame)

    def check_mute(self) -> None:
        """Notice a track that stopped sending; to be called a few times a second."""
        if self._mute.check(self._lesson_now_ms()):
            self._queue.muted(self._mute.muted)

    def _take(self, frame: av.AudioFrame) -> None:
        if frame.pts is None or frame.time_base is None:
            self._counters.packets_undecodable += 1
            return
        now_ms = self._lesson_now_ms()
        samples = self._resampler.resample(frame)
        # aiortc's decoders stamp a frame with its RTP time, in ticks of the codec's RTP clock.
        clock_rate = round(1 / frame.time_base)
        start_ms = self._timeline.place(frame.pts, clock_rate, len(samples), now_ms)
        if self._mute.feed(samples, now_ms):
            self._queue.muted(self._mute.muted)
        if start_ms is not None:
            self._queue.audio(AudioFrame(start_ms, samples))


class VideoReader:
    """Reads one video track to its end and keeps a few pictures a second.

    Every frame is decoded, on aiortc's own thread: each builds on the one before. Only the kept
    ones are scaled and turned into RGB. A picture's time is when it was decoded.
    """

    def __init__(
        self,
        track: MediaStreamTrack,
        queue: HandlerQueue,
        lesson_now_ms: Callable[[], float],
        frames_per_second: float,
    ) -> None:
        self._track = track
        self._queue = queue
        self._lesson_now_ms = lesson_now_ms
        self._interval_ms = 1000 / frames_per_second
        self._next_ms = 0.0

    async def run(self) -> None:
        """Pass pictures on until the track ends."""
        while True:
            try:
                frame = await self._track.recv()
            except MediaStreamError:
                return
            now_ms = self._lesson_now_ms()
            if isinstance(frame, av.VideoFrame) and now_ms >= self._next_ms:
                self._next_ms = now_ms + self._interval_ms
                pixels = await asyncio.to_thread(_rgb, frame)
                self._queue.video(VideoFrame(now_ms, pixels))


def _rgb(frame: av.VideoFrame) -> NDArray[np.uint8]:
    scale = min(1.0, MAX_PICTURE_WIDTH / frame.width, MAX_PICTURE_HEIGHT / frame.height)
    width, height = max(1, round(scale * frame.width)), max(1, round(scale * frame.height))
    return frame.to_ndarray(format="rgb24", width=width, height=height).astype(np.uint8, copy=False)
