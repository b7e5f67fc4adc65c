"""The headline table: live streams that one machine captions, side by side with its peers.

    python -m eval.caption_streams --model FOLDER
    python -m eval.caption_streams --model FOLDER --whisper-live PYTHON --whisper-live-kit PYTHON

Every system runs the same Whisper model files (a CTranslate2 folder) on the same speech, one after
the other: 1, 2, 4, 8, ... streams at once, until the 95th percentile from the end of a sentence to
its final text passes three seconds, or a tenth of the sentences never gets final, or a stream is
refused. Then the number half-way between. Where no peer holds a single stream so, Lectern goes on
until it is as late as the best of them is with one.

Latencies are the reader's: from the end of a word or a sentence (`eval/timed_speech.py`) to the
moment in which a client has it (`eval/reading.py`). The word error rate is of the final text of the
same run. CPU and memory are of the system's processes, not of the speakers and readers, who run on
the same cores.

The limit is faster-whisper itself on the same speech offline, in batches, as fast as it can.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from faster_whisper import BatchedInferencePipeline, WhisperModel
from rich.console import Console
from rich.table import Table

from eval.caption_peers import whisper_live, whisper_live_kit
from eval.caption_systems import CaptionSystem, lectern
from eval.data import development_speech
from eval.process_costs import cpu_seconds, memory_bytes
from eval.reading import Sight, Waiting
from eval.scoring import Score, score
from eval.timed_speech import SpeechStream, make_streams, time_clips
from lessons.errors import LecternError
from models.captions.whisper_loading import WhisperOptions, load_whisper

TARGET_P95_S = 3.0
MOST_SENTENCES_MISSING = 0.1
STAGGER_S = 0.7
"""Between the starts of streams: those of different lessons are not in step."""
IDLE_CORES = 0.3
REST_S = 35.0
"""Between two steps: so long Lectern refuses new streams after those that were too many."""
MOST_REST_S = 90.0
PERCENTILES = (50, 95, 99)
OFFLINE_BATCH = 8
"""As faster-whisper's own README runs it."""
LANGUAGE = "en"

Runnable = Callable[[], AbstractContextManager[CaptionSystem]]
"""What starts a system, and ends it."""


@dataclass(frozen=True, slots=True)
class Step:
    """So many streams at once through one system.

    Attributes:
        refused: streams that were not taken, or broke.
        cores: processor time of the system's processes for each second of the run.
        memory_bytes: what they held at its end; pages that several share count once (PSS).
    """

    system: str
    streams: int
    waiting: Waiting
    refused: int
    accuracy: Score | None
    cores: float
    memory_bytes: int

    @property
    def p95_s(self) -> float:
        """The 95th percentile to a final, in seconds; infinite where captions do not come."""
        sentences = len(self.waiting.finals_s) + self.waiting.sentences_missing
        if self.refused or self.waiting.sentences_missing > MOST_SENTENCES_MISSING * sentences:
            return float("inf")
        return float(np.percentile(self.waiting.finals_s, 95))


async def _speak(system: CaptionSystem, stream: SpeechStream, delay_s: float) -> list[Sight] | None:
    await asyncio.sleep(delay_s)
    try:
        return await system.caption(stream.samples)
    except (LecternError, OSError, TimeoutError):
        return None


async def rest(process: psutil.Process) -> None:
    """Wait until a system has nothing more to do of what it was told before."""
    deadline = time.monotonic() + MOST_REST_S
    busy = float("inf")
    while busy > IDLE_CORES * REST_S and time.monotonic() < deadline:
        before = cpu_seconds(process)
        await asyncio.sleep(REST_S)
        busy = cpu_seconds(process) - before


async def measure(system: CaptionSystem, streams: Sequence[SpeechStream]) -> Step:
    """Speak all streams at once."""
    await rest(system.process)
    cpu, started = cpu_seconds(system.process), time.monotonic()
    readers = await asyncio.gather(
        *(_speak(system, one, number * STAGGER_S) for number, one in enumerate(streams))
    )
    cores = (cpu_seconds(system.process) - cpu) / (time.monotonic() - started)
    waiting, heard = Waiting(), list[tuple[str, str]]()
    for stream, sights in zip(streams, readers, strict=True):
        if sights is not None:
            waiting.add(stream, sights)
            heard.append((stream.reference, sights[-1].final if sights else ""))
    accuracy = score([said for said, _ in heard], [text for _, text in heard]) if heard else None
    memory = memory_bytes(system.process)
    refused = sum(sights is None for sights in readers)
    return Step(system.name, len(streams), waiting, refused, accuracy, cores, memory)


def climb(
    system: CaptionSystem, streams: Sequence[SpeechStream], target_s: float
) -> Iterator[Step]:
    """Double the streams while they hold, then try half-way between the last two numbers."""
    asyncio.run(measure(system, streams[:1]))  # The first stream also loads and warms.
    held, count = 0, 1
    while count <= len(streams):
        yield (step := asyncio.run(measure(system, streams[:count])))
        if step.p95_s > target_s:
            break
        held, count = count, 2 * count
    else:
        return
    if (middle := (held + count) // 2) > held:
        yield asyncio.run(measure(system, streams[:middle]))


@dataclass(frozen=True, slots=True)
class Offline:
    """faster-whisper on the same speech without a clock: seconds of speech it reads in a second."""

    beam_size: int
    speed: float
    accuracy: Score


def read_offline(model: WhisperModel, streams: Sequence[SpeechStream], beam_size: int) -> Offline:
    """Read all streams, one after the other, each in batches."""
    pipeline, heard = BatchedInferencePipeline(model), list[str]()
    started = time.monotonic()
    for stream in streams:
        segments, _ = pipeline.transcribe(
            stream.samples, language=LANGUAGE, batch_size=OFFLINE_BATCH, beam_size=beam_size
        )
        heard.append(" ".join(segment.text for segment in segments))
    seconds = time.monotonic() - started
    accuracy = score([stream.reference for stream in streams], heard)
    return Offline(beam_size, sum(stream.seconds for stream in streams) / seconds, accuracy)


def _of(values: Sequence[float]) -> str:
    if not values:
        return "-"
    return " / ".join(f"{value:.2f}" for value in np.percentile(values, PERCENTILES))


def print_table(steps: Sequence[Step]) -> None:
    """Print every step, a line each."""
    table = Table(title="seconds: p50 / p95 / p99")
    for heading in ("system", "streams", "word → screen", "sentence → final", "missing"):
        table.add_column(heading)
    for heading in ("WER (95 %)", "cores", "MiB", "holds"):
        table.add_column(heading)
    for step in steps:
        waiting, accuracy = step.waiting, step.accuracy
        words = len(waiting.words_s) + waiting.words_missing
        sentences = len(waiting.finals_s) + waiting.sentences_missing
        missing = f"{waiting.words_missing}/{words} w, {waiting.sentences_missing}/{sentences} s"
        table.add_row(
            step.system,
            f"{step.streams}" + (f" ({step.refused} refused)" if step.refused else ""),
            _of(waiting.words_s),
            _of(waiting.finals_s),
            missing,
            f"{accuracy.word_error_rate:.1%} ({accuracy.low:.1%}-{accuracy.high:.1%})"
            if accuracy
            else "-",
            f"{step.cores:.2f}",
            f"{step.memory_bytes / 2**20:.0f}",
            "yes" if step.p95_s <= TARGET_P95_S else "no",
        )
    Console(width=150).print(table)


def most_held(steps: Sequence[Step], system: str, target_s: float) -> int:
    """Return the most streams that a system held."""
    held = [one.streams for one in steps if one.system == system and one.p95_s <= target_s]
    return max(held, default=0)


def conclude(steps: Sequence[Step], limits: Sequence[Offline], equal_s: float) -> None:
    """Print the ratios."""
    for limit in limits:
        accuracy = limit.accuracy
        print(
            f"faster-whisper offline, beam {limit.beam_size}: {limit.speed:.1f} s of speech a "
            f"second, WER {accuracy.word_error_rate:.1%} "
            f"({accuracy.low:.1%} to {accuracy.high:.1%})"
        )
    for name in dict.fromkeys(step.system for step in steps):
        for target_s in sorted({TARGET_P95_S, equal_s}):
            held = most_held(steps, name, target_s)
            shares = ", ".join(
                f"{held / limit.speed:.0%} of offline with beam {limit.beam_size}"
                for limit in limits
            )
            print(f"{name}: {held} streams with p95 up to {target_s:.1f} s; {shares}")


def main() -> None:
    """Run every system that is here, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", required=True, help="folder of a CTranslate2 Whisper model")
    parser.add_argument("--whisper-live", type=Path, help="a Python that has whisper_live")
    parser.add_argument("--whisper-live-kit", type=Path, help="a Python that has whisperlivekit")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of a stream")
    parser.add_argument("--most", type=int, default=32, help="stop at so many streams")
    arguments = parser.parse_args()
    model = str(Path(arguments.model).resolve())
    offline = load_whisper(WhisperOptions(model))
    timed = time_clips(development_speech(), offline, LANGUAGE)
    streams = make_streams(timed, arguments.most, arguments.seconds)
    limits = [read_offline(offline, streams[:4], beam_size) for beam_size in (1, 5)]
    offline.model.unload_model()
    steps: list[Step] = []
    for system in peers(arguments, model):
        steps += run(system, streams, TARGET_P95_S)
    alone = [np.percentile(one.waiting.finals_s, 95) for one in steps if one.waiting.finals_s]
    equal_s = max(TARGET_P95_S, float(min(alone, default=0.0)))
    steps += run(partial(lectern, model), streams, equal_s)
    print_table(steps)
    conclude(steps, limits, equal_s)


def peers(arguments: argparse.Namespace, model: str) -> list[Runnable]:
    """Return the peers that are here."""
    found: list[Runnable] = []
    if arguments.whisper_live:
        found += [
            partial(whisper_live, arguments.whisper_live, model, LANGUAGE, batched=batched)
            for batched in (False, True)
        ]
    if arguments.whisper_live_kit:
        found.append(partial(whisper_live_kit, arguments.whisper_live_kit, model, LANGUAGE))
    return found


def run(system: Runnable, streams: Sequence[SpeechStream], target_s: float) -> list[Step]:
    """Run one system and climb; print each step as it is done."""
    steps = []
    with system() as running:
        for step in climb(running, streams, target_s):
            steps.append(step)
            print_table([step])
    return steps


if __name__ == "__main__":
    main()
