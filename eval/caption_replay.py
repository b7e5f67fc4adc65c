"""A track replayed through the live path in virtual time, against an engine whose work is measured.

Everything is the real thing but the clock: the gates, the cutter, the live track, the engine. A
window's answer comes after as much virtual time as the engine works on a window of that length,
which is measured before: so neither the pace of the replay nor other work on the machine changes a
latency, and ways of captioning are compared on equal terms.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import psutil
from numpy.typing import NDArray

from eval.process_costs import cpu_seconds
from lessons.events import CaptionFinal, EventDraft, PartialCaption
from lessons.roles import Role
from media_ingest.frames import SAMPLE_RATE, AudioFrame
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from models.captions.early_commit import EarlyCommit
from models.captions.interface import CaptionEngine, CaptionWindow, Hypothesis
from models.captions.streaming_policies import PolicyName
from serving.live.caption_drafts import Speaker
from serving.live.live_track import LiveTrack

SHORT_SECONDS, LONG_SECONDS = 2, 8
"""Lengths of speech that an engine's pace is measured on."""
TRIES = 3
FRAME_MS = 20
"""Length of a frame as it comes from a peer."""
LEAD_OUT_SECONDS = 2.0
"""Silence after the speech, so that its end is found by the cutter and not by the file's end."""
SPEAKER = Speaker("ten_replay", "les_replay", "par_replay", "Replay", Role.LEARNER, "trk_replay")


@dataclass(frozen=True, slots=True)
class Pace:
    """CPU-seconds that an engine works on a window: so much on any, and so much for a second of it.

    Attributes:
        final, partial: (for any window, for each second of it).
    """

    final: tuple[float, float]
    partial: tuple[float, float]

    def seconds(self, window: CaptionWindow) -> float:
        """Return the CPU-seconds for a window."""
        fixed, per_second = self.final if window.final else self.partial
        return fixed + per_second * len(window.samples) / SAMPLE_RATE


def measure_pace(engine: CaptionEngine, speech: NDArray[np.float32]) -> Pace:
    """Measure an engine on two lengths of speech, the best of some tries at each.

    Args:
        speech: float32, shape (n,), at 16 kHz, at least `LONG_SECONDS` long.
    """
    engine.transcribe([CaptionWindow("warm", speech[: SHORT_SECONDS * SAMPLE_RATE])])
    return Pace(_line(engine, speech, final=True), _line(engine, speech, final=False))


def _line(
    engine: CaptionEngine, speech: NDArray[np.float32], *, final: bool
) -> tuple[float, float]:
    windows = [
        CaptionWindow("pace", speech[: seconds * SAMPLE_RATE], final)
        for seconds in (SHORT_SECONDS, LONG_SECONDS)
    ]
    short, long = (min(_cpu_of(engine, window) for _ in range(TRIES)) for window in windows)
    per_second = max(0.0, (long - short) / (LONG_SECONDS - SHORT_SECONDS))
    return max(0.0, short - per_second * SHORT_SECONDS), per_second


def _cpu_of(engine: CaptionEngine, window: CaptionWindow) -> float:
    this = psutil.Process()
    before = cpu_seconds(this)
    engine.transcribe([window])
    return cpu_seconds(this) - before


class MeasuredCaptions:
    """A captioner for replays: asks the engine once for each window and remembers.

    Args:
        engine: a loaded model.
        pace: how long it works on a window.
    """

    def __init__(self, engine: CaptionEngine, pace: Pace) -> None:
        self._engine = engine
        self._pace = pace
        capabilities = engine.capabilities
        # A pool decodes each window on one core; a model on the CPU spreads it over all of them.
        self._cores = 1 if capabilities.concurrent_calls else len(os.sched_getaffinity(0))
        self._places = capabilities.parallel_windows if capabilities.concurrent_calls else 1
        self._answers: dict[tuple[str, bool], Hypothesis] = {}
        self._free = asyncio.Semaphore(self._places)
        self.cpu_seconds = 0.0

    def start(self) -> None:
        """Begin a replay: nothing is being decoded, no CPU was spent."""
        self._free = asyncio.Semaphore(self._places)
        self.cpu_seconds = 0.0

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        """Answer after as much virtual time as the engine worked."""
        async with self._free:
            seconds = self._pace.seconds(window)
            self.cpu_seconds += seconds
            await asyncio.sleep(seconds / self._cores)
        return self._answer(window)

    def _answer(self, window: CaptionWindow) -> Hypothesis:
        key = (hashlib.sha256(window.samples.tobytes()).hexdigest(), window.final)
        if key not in self._answers:
            [self._answers[key]] = self._engine.transcribe([window])
        return self._answers[key]


@dataclass(slots=True)
class Replay:
    """What a reader of one track saw, each with the lesson-clock time at which they saw it."""

    partials: list[tuple[float, PartialCaption]] = field(default_factory=list)
    finals: list[CaptionFinal] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All finals, in their order."""
        return " ".join(final.text for final in self.finals)

    @property
    def final_latencies_ms(self) -> list[float]:
        """From the end of speech to the final, of each."""
        return [float((final.finalised_at_ms or 0) - final.speech_end_ms) for final in self.finals]


class _Reader:
    """The sink of a replay."""

    def __init__(self) -> None:
        self.replay = Replay()

    async def partial(self, caption: PartialCaption) -> None:
        self.replay.partials.append((_now_ms(), caption))

    def record(self, draft: EventDraft) -> None:
        if isinstance(draft.data, CaptionFinal):
            self.replay.finals.append(draft.data)

    def heard(self, speech_end_ms: float) -> None:
        """A replay measures what is read."""


async def replay_track(
    frames: Iterable[AudioFrame],
    captions: MeasuredCaptions,
    policy: PolicyName,
    early_commit: EarlyCommit | None,
    vocabulary: Sequence[str] = (),
) -> Replay:
    """Play frames in virtual time, from 0 ms on, and give what a reader saw.

    Run it in `run_in_virtual_time`.
    """
    captions.start()
    reader = _Reader()
    cutter = UtteranceCutter(SpeechGate(), CuttingSettings())
    track = LiveTrack(
        SPEAKER,
        captions,
        cutter,
        reader,
        _now_ms,
        vocabulary=lambda: tuple(vocabulary),
        policy=policy,
        early_commit=early_commit,
    )
    running = asyncio.create_task(track.run())
    for frame in frames:
        await asyncio.sleep(max(0.0, (frame.end_ms - _now_ms()) / 1000))
        track.feed(frame)
    track.finish()
    await running
    return reader.replay


def live_frames(samples: NDArray[np.float32]) -> list[AudioFrame]:
    """Cut samples into frames as they come from a peer, with silence behind them.

    Args:
        samples: float32, shape (n,), at 16 kHz.
    """
    silence = np.zeros(round(LEAD_OUT_SECONDS * SAMPLE_RATE), np.float32)
    whole = np.concatenate([samples, silence])
    step = FRAME_MS * SAMPLE_RATE // 1000
    return [
        AudioFrame(1000 * at / SAMPLE_RATE, whole[at : at + step])
        for at in range(0, len(whole), step)
    ]


def _now_ms() -> float:
    return 1000 * asyncio.get_running_loop().time()
