from __future__ import annotations

import asyncio

import numpy as np
import pytest

from lessons.errors import Conflict
from media_ingest.counters import TrackCounters
from media_ingest.frames import AudioFrame, VideoFrame
from media_ingest.peer_handler import (
    MAX_WAITING_AUDIO_FRAMES,
    MAX_WAITING_VIDEO_FRAMES,
    HandlerQueue,
)
from tests.unit.media_ingest.whip_endpoint import Listener


def audio(number: int) -> AudioFrame:
    return AudioFrame(20.0 * number, np.zeros(320, np.float32))


def picture(number: int) -> VideoFrame:
    return VideoFrame(500.0 * number, np.zeros((2, 2, 3), np.uint8))


class SlowListener(Listener):
    """Hangs in its first audio frame until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.release = asyncio.Event()

    async def on_audio(self, frame: AudioFrame) -> None:
        await self.release.wait()
        await super().on_audio(frame)


class FailingListener(Listener):
    async def on_audio(self, frame: AudioFrame) -> None:
        raise Conflict("The lesson has ended.")


async def test_calls_come_in_order() -> None:
    listener, counters = Listener(), TrackCounters()
    queue = HandlerQueue(listener, counters)
    running = asyncio.create_task(queue.run())
    queue.track("audio", "microphone")
    queue.connected()
    for number in range(3):
        queue.audio(audio(number))
        await asyncio.sleep(0)
    queue.muted(True)
    queue.finish()
    await running
    assert listener.calls == ["track", "connected", "audio", "audio", "audio", "muted"]
    assert counters == TrackCounters()


async def test_a_slow_handler_loses_frames_and_nothing_else() -> None:
    listener, counters = SlowListener(), TrackCounters()
    queue = HandlerQueue(listener, counters)
    running = asyncio.create_task(queue.run())
    queue.audio(audio(0))
    await asyncio.sleep(0)
    for number in range(1, MAX_WAITING_AUDIO_FRAMES + 11):
        queue.audio(audio(number))
    for number in range(MAX_WAITING_VIDEO_FRAMES + 3):
        queue.video(picture(number))
    queue.muted(True)
    assert (counters.audio_frames_dropped, counters.video_frames_dropped) == (10, 3)
    listener.release.set()
    queue.finish()
    await running
    assert len(listener.audio) == MAX_WAITING_AUDIO_FRAMES + 1
    assert len(listener.video) == MAX_WAITING_VIDEO_FRAMES
    assert listener.mutes == [True]


async def test_what_a_failed_handler_never_saw_is_counted() -> None:
    counters = TrackCounters()
    queue = HandlerQueue(FailingListener(), counters)
    for number in range(5):
        queue.audio(audio(number))
    with pytest.raises(Conflict):
        await queue.run()
    queue.audio(audio(5))
    queue.muted(True)
    assert counters.audio_frames_dropped == 5


async def test_nothing_is_taken_after_the_end() -> None:
    listener, counters = Listener(), TrackCounters()
    queue = HandlerQueue(listener, counters)
    queue.finish()
    queue.audio(audio(0))
    queue.connected()
    await queue.run()
    assert listener.calls == []
    assert counters.audio_frames_dropped == 1
