"""A lesson of hours in virtual time: does memory grow, and does a window cost more at its end?

    python -m eval.long_lesson [--hours 3] [--engine NAME]

One track of the sample lesson is spoken over and over through the gates, the cutter and the live
track. By default a captioner that answers at once stands in for the model, so that what is measured
is the pipeline's own; with `--engine` it is a real one. The first quarter warms up and is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import psutil
from numpy.typing import NDArray

from eval.breathless_speech import read_samples
from eval.caption_replay import SPEAKER
from eval.virtual_time import run_in_virtual_time
from lessons.events import EventDraft, PartialCaption
from media_ingest.frames import SAMPLE_RATE, AudioFrame
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from models.captions.interface import CaptionEngine, CaptionWindow, Hypothesis, Word
from models.captions.selection import choose_engine
from serving.captioning.client import CaptionService
from serving.live.live_track import LiveTrack
from serving.samples import sample_script

FRAME_SECONDS = 1.0
SAMPLE_EVERY_S = 120.0
WORD_MS = 400
"""The stand-in hears a word in every stretch of this length."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The pipeline at one time of the lesson.

    Attributes:
        hours: of the lesson so far.
        memory_mib: resident memory of this process.
        window_ms: CPU-milliseconds of this process for each window since the reading before.
        retained: objects that Python's collector knows of.
    """

    hours: float
    memory_mib: float
    window_ms: float
    retained: int


class InstantCaptions:
    """Stands in for a model: hears words of equal length, at once."""

    def __init__(self) -> None:
        self.windows = 0

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        """Answer with a word for every `WORD_MS` of the window."""
        self.windows += 1
        count = len(window.samples) * 1000 // SAMPLE_RATE // WORD_MS
        words = tuple(
            Word(f"word{place % 7}", place * WORD_MS, (place + 1) * WORD_MS - 80, 0.9)
            for place in range(count)
        )
        return Hypothesis(window.id, words, "en", "instant", "none")


class EngineCaptions:
    """A real engine, called in the loop: virtual time stands still meanwhile."""

    def __init__(self, engine: CaptionEngine) -> None:
        self.windows = 0
        self._engine = engine

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        """Transcribe one window."""
        self.windows += 1
        return self._engine.transcribe([window])[0]


class _Nobody:
    """A sink that keeps nothing."""

    async def partial(self, caption: PartialCaption) -> None:
        """Let it pass by."""

    def record(self, draft: EventDraft) -> None:
        """Let it go."""

    def heard(self, speech_end_ms: float) -> None:
        """Let it be."""


def main() -> None:
    """Replay the lesson and print the slopes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hours", type=float, default=3.0, help="length of the lesson")
    parser.add_argument("--engine", help="a real engine: pocketsphinx, faster-whisper or auto")
    arguments = parser.parse_args()
    engine = choose_engine(engine=arguments.engine).build() if arguments.engine else None
    captions = EngineCaptions(engine) if engine else InstantCaptions()
    readings = run_in_virtual_time(replay(arguments.hours, captions))
    if engine is not None:
        engine.close()
    print_slopes(readings)


async def replay(hours: float, captions: InstantCaptions | EngineCaptions) -> list[Reading]:
    """Play a lesson of so many hours, and read memory and cost every two minutes of it."""
    track = _track(captions)
    running = asyncio.create_task(track.run())
    readings: list[Reading] = []
    windows, cpu = 0, time.process_time()
    for frame in _frames(hours):
        await asyncio.sleep(FRAME_SECONDS)
        track.feed(frame)
        if frame.end_ms >= (len(readings) + 1) * SAMPLE_EVERY_S * 1000:
            gc.collect()
            spent = time.process_time() - cpu
            window_ms = 1000 * spent / max(1, captions.windows - windows)
            memory = psutil.Process().memory_info().rss / 2**20
            readings.append(
                Reading(frame.end_ms / 3_600_000, memory, window_ms, len(gc.get_objects()))
            )
            windows, cpu = captions.windows, time.process_time()
    track.finish()
    await running
    return readings


def _track(captions: CaptionService) -> LiveTrack:
    loop = asyncio.get_running_loop()
    cutter = UtteranceCutter(SpeechGate(), CuttingSettings())
    return LiveTrack(SPEAKER, captions, cutter, _Nobody(), lambda: 1000 * loop.time())


def _frames(hours: float) -> Iterator[AudioFrame]:
    spoken = read_samples(sample_script().speakers[0].path)
    step = round(FRAME_SECONDS * SAMPLE_RATE)
    for number in range(round(hours * 3600 / FRAME_SECONDS)):
        yield AudioFrame(1000 * FRAME_SECONDS * number, _piece(spoken, number * step, step))


def _piece(spoken: NDArray[np.float32], first: int, length: int) -> NDArray[np.float32]:
    places = np.arange(first, first + length) % len(spoken)
    return spoken[places]


def print_slopes(readings: Sequence[Reading]) -> None:
    """Print how memory, objects and cost change by the hour, over the last three quarters."""
    kept = readings[len(readings) // 4 :]
    first, last = kept[0], kept[-1]
    print(f"from {first.hours:.1f} h to {last.hours:.1f} h of the lesson, every two minutes")
    rows = {
        "memory, MiB": [reading.memory_mib for reading in kept],
        "objects": [float(reading.retained) for reading in kept],
        "CPU of a window, ms": [reading.window_ms for reading in kept],
    }
    for name, values in rows.items():
        slope = np.polyfit([reading.hours for reading in kept], values, 1)[0]
        mean = float(np.mean(values))
        print(f"{name}: mean {mean:.2f}, slope {slope:+.3f} an hour ({slope / mean:+.2%})")


if __name__ == "__main__":
    main()
