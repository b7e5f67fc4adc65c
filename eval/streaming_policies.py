"""Streaming policies side by side: how soon words stand, how often they change, what it costs.

    python -m eval.streaming_policies [--clips N] [--engine pocketsphinx] [--model FOLDER]
    python -m eval.streaming_policies --sample [--pause 120]

The speech is the development speech (see `eval/data.py`), never used for tuning, or with `--sample`
the sample lesson, its pauses cut down to `--pause` milliseconds as of somebody who hardly breathes.
Replayed in virtual time (see `eval/caption_replay.py`); ratios are to local agreement as it was
before long sentences were cut early.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from eval.breathless_speech import Speech, breathless_lesson, read_samples
from eval.caption_replay import MeasuredCaptions, live_frames, measure_pace, replay_track
from eval.caption_stability import Stability
from eval.data import development_speech
from eval.scoring import Score, score
from eval.virtual_time import run_in_virtual_time
from media_ingest.frames import SAMPLE_RATE
from models.captions.early_commit import EarlyCommit
from models.captions.interface import CaptionEngine
from models.captions.selection import choose_engine
from models.captions.streaming_policies import PolicyName


@dataclass(frozen=True, slots=True)
class Way:
    """One way of captioning live."""

    name: str
    policy: PolicyName
    early_commit: EarlyCommit | None


@dataclass(slots=True)
class Result:
    """What one way gave over all the speech; CPU in seconds per second of speech."""

    way: Way
    accuracy: Score
    cpu: float
    stability: Stability
    final_latencies_ms: Sequence[float]


PEER = Way("local agreement, whole sentences", "local-agreement", None)
WAYS = (
    PEER,
    Way("local agreement", "local-agreement", EarlyCommit()),
    Way("attention guided, whole sentences", "attention-guided", None),
    Way("attention guided", "attention-guided", EarlyCommit()),
    Way("endpoint only", "endpoint-only", EarlyCommit()),
)


def main() -> None:
    """Replay the speech in every way that the engine allows, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--engine", default="auto", help="caption engine (as configured)")
    parser.add_argument("--model", help="name or folder of a Whisper model")
    parser.add_argument("--clips", type=int, help="only the first so many clips")
    parser.add_argument("--sample", action="store_true", help="the sample lesson instead")
    parser.add_argument("--pause", type=int, default=120, help="longest pause in it, milliseconds")
    arguments = parser.parse_args()
    speech = breathless_lesson(arguments.pause) if arguments.sample else clips(arguments.clips)
    engine = choose_engine(engine=arguments.engine, model=arguments.model, device="cpu").build()
    pace = measure_pace(engine, breathless_lesson(arguments.pause)[0].samples)
    print(f"CPU-seconds: final {_told(pace.final)}, partial {_told(pace.partial)}", flush=True)
    captions = MeasuredCaptions(engine, pace)
    results = [measure(way, speech, captions) for way in WAYS if _is_possible(way, engine)]
    engine.close()
    capabilities = engine.capabilities
    seconds = sum(len(track.samples) for track in speech) / SAMPLE_RATE
    print_table(f"{capabilities.engine} {capabilities.model}, {seconds:.0f} s of speech", results)


def clips(count: int | None) -> list[Speech]:
    """Return the development speech, or its first clips."""
    return [
        Speech(read_samples(clip.path), clip.reference) for clip in development_speech()[:count]
    ]


def measure(way: Way, speech: Sequence[Speech], captions: MeasuredCaptions) -> Result:
    """Replay all the speech in one way, each track for itself."""
    heard, cpu, seconds = list[str](), 0.0, 0.0
    stability, latencies = Stability(), list[float]()
    for track in speech:
        frames = live_frames(track.samples)
        replay = run_in_virtual_time(replay_track(frames, captions, way.policy, way.early_commit))
        heard.append(replay.text)
        stability.add(replay)
        latencies += replay.final_latencies_ms
        cpu += captions.cpu_seconds
        seconds += len(track.samples) / SAMPLE_RATE
    accuracy = score([track.reference for track in speech], heard)
    return Result(way, accuracy, cpu / seconds, stability, latencies)


def _is_possible(way: Way, engine: CaptionEngine) -> bool:
    return way.policy != "attention-guided" or engine.capabilities.word_times == "cross-attention"


COLUMNS: dict[str, Callable[[Result], float]] = {
    "first stable p50": lambda result: _percentile(result.stability.first_stable_ms, 50),
    "word stable p50": lambda result: _percentile(result.stability.word_stable_ms, 50),
    "word stable p95": lambda result: _percentile(result.stability.word_stable_ms, 95),
    "final p50": lambda result: _percentile(result.final_latencies_ms, 50),
    "final p95": lambda result: _percentile(result.final_latencies_ms, 95),
    "erasure": lambda result: result.stability.normalised_erasure,
    "taken back": lambda result: result.stability.contradicted,
    "WER": lambda result: result.accuracy.word_error_rate,
    "CPU": lambda result: result.cpu,
}
"""Times in seconds, from the start (first stable) or the end of what was said."""


def print_table(title: str, results: Sequence[Result]) -> None:
    """Print each way's figures, with the ratio of each to the first one's."""
    table = Table(title=title)
    for heading in ("policy", *COLUMNS, "finals"):
        table.add_column(heading)
    for result in results:
        cells = [_with_ratio(figure(result), figure(results[0])) for figure in COLUMNS.values()]
        table.add_row(result.way.name, *cells, str(len(result.final_latencies_ms)))
    Console(width=180).print(table)


def _told(line: tuple[float, float]) -> str:
    return f"{line[0]:.2f} and {line[1]:.2f} for each second"


def _with_ratio(value: float, peer: float) -> str:
    return f"{value:.2f} ({value / peer:.2f})" if peer else f"{value:.2f}"


def _percentile(values_ms: Sequence[float], percent: float) -> float:
    return float(np.percentile(values_ms, percent)) / 1000


if __name__ == "__main__":
    main()
