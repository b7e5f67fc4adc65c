"""Word error rate and real-time factor of the caption engines, called directly.

    python -m eval.word_error_rate [--model NAME_OR_FOLDER] [--write]

The clips are the development speech (see `eval/data.py`), never used for tuning. They are cut by
voice activity as the live path cuts them, in 100 ms frames. The peer is what most would do with
pocketsphinx: stock settings, each clip undivided. `--write` stores the finals' figures of the
offline engine in models/captions/accuracy.json, from where `/v1/models` publishes them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pocketsphinx
import psutil
from rich.console import Console
from rich.table import Table

from eval.data import Clip, development_speech
from eval.process_costs import cpu_seconds
from eval.scoring import Score, score
from media_ingest.frames import AudioFrame
from media_ingest.recording import read_recording
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from models.captions.interface import CaptionEngine, CaptionWindow
from models.captions.pocketsphinx_engine import ENGINE, MODEL, PocketsphinxEngine
from models.captions.selection import choose_engine

ACCURACY_FILE = Path(__file__).parents[1] / "models" / "captions" / "accuracy.json"
COMMAND = "python -m eval.word_error_rate --write"

Transcriber = Callable[[Clip], str]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One way of transcribing, measured over all clips.

    Attributes:
        name: the engine and how it was run.
        score: its word error rate.
        cpu_factor: CPU-seconds of this process and its children per second of audio.
        wall_factor: seconds of waiting per second of audio.
    """

    name: str
    score: Score
    cpu_factor: float
    wall_factor: float


def main() -> None:
    """Measure every engine that runs here and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", help="a Whisper model to measure too")
    parser.add_argument("--write", action="store_true", help="store the offline engine's accuracy")
    arguments = parser.parse_args()
    clips = development_speech()
    peer = measure("pocketsphinx, stock, undivided (peer)", undivided_stock(), clips)
    engine: CaptionEngine = PocketsphinxEngine()
    finals = measure("pocketsphinx, finals", cut_by_voice(engine, final=True), clips)
    partials = measure("pocketsphinx, partials", cut_by_voice(engine, final=False), clips)
    engine.close()
    rows = [peer, finals, partials]
    whisper = choose_engine(model=arguments.model)
    if whisper.engine != ENGINE:
        engine = whisper.build()
        name = f"{whisper.engine} {whisper.model}, finals"
        rows.append(measure(name, cut_by_voice(engine, final=True), clips))
        engine.close()
    print_table(rows, peer, clips)
    if arguments.write:
        ACCURACY_FILE.write_text(accuracy_json(finals.score, clips), "utf-8")


def measure(name: str, transcribe: Transcriber, clips: Sequence[Clip]) -> Measurement:
    """Transcribe every clip, one after the other."""
    this = psutil.Process()
    cpu_before, started = cpu_seconds(this), time.perf_counter()
    heard = [transcribe(clip) for clip in clips]
    wall, cpu = time.perf_counter() - started, cpu_seconds(this) - cpu_before
    audio = sum(clip.duration_seconds for clip in clips)
    result = score([clip.reference for clip in clips], heard)
    return Measurement(name, result, cpu / audio, wall / audio)


def undivided_stock() -> Transcriber:
    """Return the peer: pocketsphinx as it comes, a whole clip as one utterance."""
    decoder = pocketsphinx.Decoder(loglevel="FATAL")

    def transcribe(clip: Clip) -> str:
        samples = np.concatenate([frame.samples for frame in frames(clip)])
        decoder.start_utt()
        decoder.process_raw((samples.clip(-1, 1) * 32_767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        hypothesis = decoder.hyp()
        return hypothesis.hypstr if hypothesis else ""

    return transcribe


def cut_by_voice(engine: CaptionEngine, *, final: bool) -> Transcriber:
    """Return the engine behind the live path's voice activity and cutting."""

    def transcribe(clip: Clip) -> str:
        windows = utterances(frames(clip), final=final)
        return " ".join(hypothesis.text for hypothesis in engine.transcribe(windows))

    return transcribe


def utterances(frames: Iterable[AudioFrame], *, final: bool) -> list[CaptionWindow]:
    """Cut speech by voice activity, as the live path does."""
    cutter = UtteranceCutter(SpeechGate(), CuttingSettings())
    cut = [window for frame in frames for window in cutter.feed(frame)]
    cut += cutter.finish()
    return [
        CaptionWindow(str(window.utterance), window.samples, final)
        for window in cut
        if window.ends_utterance
    ]


def frames(clip: Clip) -> list[AudioFrame]:
    """Decode a clip of one track."""
    [track] = read_recording(clip.path).tracks
    return list(track.frames())


def print_table(rows: Sequence[Measurement], peer: Measurement, clips: Sequence[Clip]) -> None:
    """Print the measurements, each with its ratio to the peer's word error rate."""
    table = Table(title=describe(clips))
    for heading in ("engine", "WER", "95 % interval", "WER / peer", "RTF cpu", "RTF wall"):
        table.add_column(heading)
    for row in rows:
        table.add_row(
            row.name,
            f"{row.score.word_error_rate:.1%}",
            f"{row.score.low:.1%} to {row.score.high:.1%}",
            f"{row.score.word_error_rate / peer.score.word_error_rate:.2f}",
            f"{row.cpu_factor:.2f}",
            f"{row.wall_factor:.2f}",
        )
    Console(width=120).print(table)


def describe(clips: Sequence[Clip]) -> str:
    """Return what was measured on, in a few words."""
    seconds = sum(clip.duration_seconds for clip in clips)
    speakers = len({clip.speaker for clip in clips})
    return f"{len(clips)} public clips of English speech, {seconds:.0f} s, {speakers} speakers"


def accuracy_json(result: Score, clips: Sequence[Clip]) -> str:
    """Return the contents of accuracy.json for the offline engine."""
    row = {
        "engine": ENGINE,
        "model": MODEL,
        "word_error_rate": round(result.word_error_rate, 3),
        "low": round(result.low, 3),
        "high": round(result.high, 3),
        "data": describe(clips),
        "command": COMMAND,
    }
    return json.dumps({"measurements": [row]}, indent=2) + "\n"


if __name__ == "__main__":
    main()
