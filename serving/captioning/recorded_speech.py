"""Recorded speech before the captioner: final windows in order, several at once, each in its turn.

Recorded windows go into capacity that live lessons do not need: the captioner takes live windows
first, and hands recorded ones back while it has none to spare.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from lessons.errors import Overloaded, Unavailable
from media_ingest.frames import AudioFrame, SpeechWindow
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from models.captions.interface import CaptionWindow, Hypothesis
from serving.captioning.client import CaptionService

Recorded = TypeVar("Recorded")
Heard = TypeVar("Heard")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a recorded window is tried.

    Attributes:
        failures: how often models that fail are asked again.
        rest_seconds: how long they are left alone in between.
        turn_seconds: how long it waits while live lessons need the captioner.
    """

    failures: int
    rest_seconds: float
    turn_seconds: float = math.inf

    async def hear(self, captions: CaptionService, window: CaptionWindow) -> Hypothesis:
        """Transcribe a window, in its turn.

        Raises:
            InvalidInput: the window can never be transcribed.
            Overloaded: live lessons needed the captioner for all of `turn_seconds`.
            Unavailable: the models stayed away.
        """
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self.turn_seconds
        failures = 0
        while True:
            try:
                return await captions.transcribe(window)
            except Overloaded as busy:
                if loop.time() + busy.retry_after_seconds > give_up_at:
                    raise
                await asyncio.sleep(busy.retry_after_seconds)
            except Unavailable:
                failures += 1
                if failures > self.failures:
                    raise
                await asyncio.sleep(self.rest_seconds)


def final_windows(frames: Iterable[AudioFrame], cutting: CuttingSettings) -> Iterator[SpeechWindow]:
    """Cut one track as live speech is; a recording has no use for partials."""
    cutter = UtteranceCutter(SpeechGate(), cutting)
    for frame in frames:
        yield from (window for window in cutter.feed(frame) if window.ends_utterance)
    yield from cutter.finish()


async def in_order(
    recorded: Iterator[Recorded],
    hear: Callable[[Recorded], Coroutine[Any, Any, Heard]],
    at_once: int,
) -> AsyncGenerator[tuple[Recorded, Heard], None]:
    """Hear a bounded number at once; the results come in order, each as soon as it can.

    Use it under `contextlib.aclosing`, which ends what is under way however the caller ends.

    Args:
        recorded: what is to be heard, read in a thread.
        hear: transcribes one; what it raises ends the whole.
        at_once: how many are heard at the same time.
    """
    flying: deque[tuple[Recorded, asyncio.Task[Heard]]] = deque()
    try:
        while True:
            window = await asyncio.to_thread(next, recorded, None)
            if window is not None:
                flying.append((window, asyncio.create_task(hear(window))))
            if flying and (window is None or len(flying) > at_once):
                first, task = flying.popleft()
                yield first, await task
            if window is None and not flying:
                return
    finally:
        for _, task in flying:
            task.cancel()
        await asyncio.gather(*(task for _, task in flying), return_exceptions=True)
