"""Word error rate of every engine where listening is easy and where it is hard.

    python -m eval.hard_listening [--model FOLDER]

The development speech (see `eval/data.py`), clean, with voices 10 dB below the speaker, across a
room and over a telephone (`eval/listening_conditions.py`), cut by voice activity as the live path
cuts it. With a Whisper model three rows more: as Lectern runs it, the same with the encoder always
on thirty seconds, and the peer: faster-whisper on each clip undivided. Intervals are bootstraps
over clips. Nothing is tuned on the clips, but for one choice: how much silence the short encoder
keeps behind a window (`models/captions/short_encoding.py`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import psutil
from faster_whisper import WhisperModel
from rich.console import Console
from rich.table import Table

from eval.caption_replay import live_frames
from eval.data import development_speech
from eval.listening_conditions import CONDITIONS, Samples, in_condition
from eval.process_costs import cpu_seconds
from eval.scoring import Score, score
from eval.word_error_rate import describe, utterances
from media_ingest.frames import SAMPLE_RATE
from models.captions.faster_whisper_engine import FasterWhisperEngine
from models.captions.interface import CaptionEngine
from models.captions.pocketsphinx_engine import PocketsphinxEngine
from models.captions.whisper_loading import WhisperOptions, load_whisper

LANGUAGE = "en"
Listener = Callable[[Samples], str]


def cut_by_voice(engine: CaptionEngine) -> Listener:
    """Return an engine behind the live path's voice activity and cutting."""

    def listen(samples: Samples) -> str:
        windows = utterances(live_frames(samples), final=True)
        return " ".join(hypothesis.text for hypothesis in engine.transcribe(windows))

    return listen


def undivided(model: WhisperModel) -> Listener:
    """Return the peer: faster-whisper as it comes."""

    def listen(samples: Samples) -> str:
        segments, _ = model.transcribe(samples, language=LANGUAGE)
        return " ".join(segment.text for segment in segments)

    return listen


def measure(
    name: str, listen: Listener, spoken: dict[str, list[Samples]], references: Sequence[str]
) -> list[str]:
    """Listen to every clip in every condition; return the row of the table."""
    cells = [name]
    this = psutil.Process()
    before = cpu_seconds(this)
    for condition, clips in spoken.items():
        result = score(references, [listen(samples) for samples in clips])
        cells.append(_cell(result))
        print(f"  {name}, {condition}: {cells[-1]}", flush=True)
    seconds = sum(len(samples) for clips in spoken.values() for samples in clips) / SAMPLE_RATE
    return [*cells, f"{(cpu_seconds(this) - before) / seconds:.2f}"]


def _cell(result: Score) -> str:
    return f"{result.word_error_rate:.1%} ({result.low:.1%}-{result.high:.1%})"


def main() -> None:
    """Measure every engine that runs here and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", help="folder of a CTranslate2 Whisper model")
    model = parser.parse_args().model
    clips = development_speech()
    references = [clip.reference for clip in clips]
    spoken = {condition: in_condition(condition, clips) for condition in CONDITIONS}
    engines: dict[str, Callable[[], CaptionEngine]] = {"pocketsphinx": PocketsphinxEngine}
    if model:
        name = f"faster-whisper {Path(model).name}"
        for kind, short in (("", None), (", encoder on 30 s", False)):
            options = WhisperOptions(model, short_encoding=short)
            engines[name + kind] = partial(FasterWhisperEngine, options)
    rows = []
    for name, build in engines.items():
        engine = build()
        rows.append(measure(name, cut_by_voice(engine), spoken, references))
        engine.close()
    if model:
        whisper = load_whisper(WhisperOptions(model))
        rows.append(measure("  the same, undivided (peer)", undivided(whisper), spoken, references))
    table = Table(title=describe(clips) + "; WER (95 % interval)")
    for heading in ("engine", *CONDITIONS, "CPU s per s"):
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
