"""What one GPU captions: the cost of batches of windows, and live streams at p95 <= 300 ms.

    python -m eval.gpu_capacity
    python -m eval.gpu_capacity --compute-type int8_float16 --shapes small,large-v3-turbo
    python -m eval.gpu_capacity --device cpu          (a self-check of the smallest shape)

Runs by itself and ends within ten minutes. The models have the shapes of Whisper tiny, base, small
and large-v3-turbo and made-up weights (`eval/whisper_shapes.py`): each window makes the number of
tokens that people say in such a time, so that cost is right, and what is "heard" means nothing. No
model is downloaded. The windows hold speech of the sample lesson, for the engine looks for speech
before it decodes.

A stream is a track on which somebody speaks without a pause: a partial window every second and a
final one every six, all of five seconds. They go through the product's own `WindowBatcher`, and so
many streams hold if 95 of 100 windows are answered within 300 ms and none is dropped. Nothing is
sent over a network.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np
from numpy.typing import NDArray

from eval.whisper_shapes import SHAPES, Shape, write_shape
from lessons.errors import InvalidInput, LecternError, Unavailable
from media_ingest.frames import SAMPLE_RATE
from media_ingest.recording import read_recording
from models.captions.faster_whisper_engine import FasterWhisperEngine
from models.captions.interface import CaptionEngine, CaptionWindow
from models.captions.whisper_loading import WhisperOptions
from serving.captioning.window_batcher import WindowBatcher
from serving.samples import SAMPLE_FOLDER

WINDOW_S = 5.0
TOKENS_PER_SECOND = 4.0
"""About 2.7 words a second at 1.4 to 1.5 tokens a word: brisk English."""
BATCHES = (1, 2, 4, 8, 16, 32, 64)
REPEATS = 5
P95_MS = 300.0
FINAL_EVERY = 6
MOST_STREAMS = 4096
WALL_LIMIT_S = 560.0
"""When no further measurement is begun: the run has to end within ten minutes."""


@dataclass(frozen=True, slots=True)
class Streams:
    """A number of live streams and what they met with.

    Attributes:
        number: streams that ran at the same time.
        p50_ms, p95_ms: time from sending a window to its words.
        lost: share of windows that were dropped because they had waited too long.
        windows_per_call: mean size of a batch.
    """

    number: int
    p50_ms: float
    p95_ms: float
    lost: float
    windows_per_call: float

    @property
    def holds(self) -> bool:
        """Whether the captioner keeps up with them."""
        return self.lost == 0 and self.p95_ms <= P95_MS


def spoken_windows(seconds: float, count: int) -> list[NDArray[np.float32]]:
    """Windows of the sample lesson's speech, one after the other."""
    (track,) = read_recording(SAMPLE_FOLDER / "tutor.opus").tracks
    length = round(seconds * SAMPLE_RATE)
    pieces: list[NDArray[np.float32]] = []
    for frame in track.frames():
        pieces.append(frame.samples)
        if len(pieces) * len(frame.samples) > (count + 1) * length:
            break
    speech = np.concatenate(pieces)
    return [speech[number * length : (number + 1) * length] for number in range(count)]


def batch_costs(
    engine: CaptionEngine, speech: Sequence[NDArray[np.float32]], sizes: Sequence[int]
) -> dict[int, float]:
    """Median seconds of a call with so many final windows; the first call of all is not counted."""
    engine.transcribe([CaptionWindow("warm", speech[0])])
    costs = {}
    for size in sizes:
        windows = [CaptionWindow(str(n), speech[n % len(speech)]) for n in range(size)]
        took = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            engine.transcribe(windows)
            took.append(time.perf_counter() - started)
        costs[size] = statistics.median(took)
    return costs


async def run_streams(
    engine: CaptionEngine, speech: Sequence[NDArray[np.float32]], number: int, seconds: int
) -> Streams:
    """Let so many people speak for so long; the engine outlives it."""
    batcher = WindowBatcher(engine)
    took: list[float] = []
    lost = 0

    async def ask(name: str, second: int) -> None:
        nonlocal lost
        window = CaptionWindow(
            f"{name}/{second}",
            speech[second % len(speech)],
            final=second % FINAL_EVERY == 0,
            due_in_ms=round(P95_MS),
            track=name,
        )
        started = time.perf_counter()
        try:
            await batcher.transcribe(window)
            took.append(1000 * (time.perf_counter() - started))
        except Unavailable:
            lost += 1

    async def speak(stream: int) -> None:
        await asyncio.sleep(stream / number)  # Nobody starts in step with all others.
        async with asyncio.TaskGroup() as asking:
            for second in range(stream, stream + seconds):
                asking.create_task(ask(f"stream{stream}", second))
                await asyncio.sleep(1)

    async with asyncio.TaskGroup() as speaking:
        for stream in range(number):
            speaking.create_task(speak(stream))
    counters = batcher.counters
    ordered = sorted(took) or [float("inf")]
    return Streams(
        number,
        p50_ms=ordered[len(ordered) // 2],
        p95_ms=ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)],
        lost=lost / max(lost + len(took), 1),
        windows_per_call=counters.windows / max(counters.calls, 1),
    )


def most_streams(
    engine: CaptionEngine,
    speech: Sequence[NDArray[np.float32]],
    seconds: int,
    until: float,
) -> list[Streams]:
    """Double the streams while they hold, then halve the gap; the best that held is the last one.

    Args:
        until: of `time.monotonic()`, after which no further measurement begins.
    """
    held: list[Streams] = []
    lower, upper = 0, MOST_STREAMS + 1
    number = 1
    while lower < number < upper and time.monotonic() < until:
        found = asyncio.run(run_streams(engine, speech, number, seconds))
        print(
            f"    {found.number:5d} streams: p50 {found.p50_ms:6.0f} ms, p95 {found.p95_ms:6.0f} "
            f"ms, {found.lost:.1%} dropped, {found.windows_per_call:.1f} windows a call",
            flush=True,
        )
        if found.holds:
            held.append(found)
            lower = number
            number = min(2 * number, (number + upper) // 2)
        else:
            upper = number
            number = (lower + upper) // 2
        if upper - lower <= max(1, lower // 16):
            break
    return held


def measure(shape: Shape, arguments: argparse.Namespace, folder: Path, until: float) -> str:
    """Build one shape and measure it; return its row of the table."""
    print(f"{shape.name}: {shape.width} wide, {shape.encoder_layers}+{shape.decoder_layers} layers")
    path = write_shape(shape, folder, round(WINDOW_S * TOKENS_PER_SECOND))
    engine = FasterWhisperEngine(
        WhisperOptions(
            str(path),
            device=arguments.device,
            compute_type=arguments.compute_type,
            download=False,
            parallel_calls=arguments.parallel_calls,
        )
    )
    speech = spoken_windows(WINDOW_S, 8)
    costs = batch_costs(engine, speech, arguments.batches)
    told = ", ".join(f"{size}: {1000 * cost:.0f}" for size, cost in costs.items())
    print(f"    ms for a call of so many finals: {told}", flush=True)
    held = most_streams(engine, speech, arguments.seconds, until)
    engine.close()
    best = held[-1] if held else None
    streams = f"{best.number} (p95 {best.p95_ms:.0f} ms)" if best else "none"
    cells = " | ".join(f"{1000 * cost:.0f}" for cost in costs.values())
    return f"| {shape.name} | {engine.capabilities.compute_type} | {cells} | {streams} |"


def run(arguments: argparse.Namespace) -> None:
    """Measure every shape and print the table.

    Raises:
        InvalidInput: there is no GPU, or no such shape.
    """
    if arguments.device == "cuda" and not ctranslate2.get_cuda_device_count():
        raise InvalidInput(
            "This machine has no CUDA device that CTranslate2 can use.",
            field="--device",
            fix="Run it on a GPU machine with the `gpu` extra, or check the script itself with "
            "--device cpu.",
        )
    unknown = [name for name in arguments.shapes if name not in SHAPES]
    if unknown:
        raise InvalidInput(
            f"There is no shape {', '.join(unknown)}.",
            field="--shapes",
            fix=f"Use some of: {', '.join(SHAPES)}.",
        )
    started = time.monotonic()
    rows = []
    with tempfile.TemporaryDirectory(prefix="lectern-") as folder:
        for number, name in enumerate(arguments.shapes):
            left = started + WALL_LIMIT_S - time.monotonic()
            until = time.monotonic() + left / (len(arguments.shapes) - number)
            rows.append(measure(SHAPES[name], arguments, Path(folder), until))
    sizes = [str(size) for size in arguments.batches]
    print()
    print(f"| shape | weights | {' | '.join(sizes)} | streams at p95 <= {P95_MS:.0f} ms |")
    print(f"|{'---|' * (len(sizes) + 3)}")
    print("\n".join(rows))
    print(f"{WINDOW_S:.0f} s windows; ms for a call of so many; {time.monotonic() - started:.0f} s")


def parse(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; on a CPU only the smallest shape, and little of it, is the default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--compute-type", default="auto", help="such as float16 or int8_float16")
    parser.add_argument("--parallel-calls", type=int, help="calls at the same time; default: 2")
    parser.add_argument("--shapes", help=f"some of {', '.join(SHAPES)}, by commas")
    parser.add_argument("--seconds", type=int, help="how long streams speak in each measurement")
    arguments = parser.parse_args(given)
    on_gpu = arguments.device == "cuda"
    real = [name for name in SHAPES if name != "self-check"]
    arguments.shapes = (
        arguments.shapes.split(",") if arguments.shapes else (real if on_gpu else ["self-check"])
    )
    arguments.seconds = arguments.seconds or (6 if on_gpu else 2)
    arguments.batches = BATCHES if on_gpu else BATCHES[:3]
    return arguments


def main() -> None:
    """Run the benchmark."""
    try:
        run(parse())
    except LecternError as refusal:
        print(refusal, file=sys.stderr)
        raise SystemExit(2) from refusal


if __name__ == "__main__":
    main()
