"""Words invented where nobody speaks, and real words lost: gates, cutter and engine together.

    python -m eval.invented_words [--seconds 30] [--seeds 2] [--engine NAME] [--model FOLDER]

Every sound of `eval/sounds_without_speech.py` goes the way of a live track. "Straight" is the peer:
pocketsphinx on the same sounds without any of the gates. Real speech is every turn of the sample
lesson and the first second of each, at its own level and 20 dB below.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pocketsphinx
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from eval.breathless_speech import read_samples
from eval.caption_replay import live_frames
from eval.sounds_without_speech import SEED, sounds
from media_ingest.frames import SAMPLE_RATE, SpeechWindow
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from models.captions.interface import CaptionEngine, CaptionWindow
from models.captions.selection import choose_engine
from serving.samples import sample_script

Samples = NDArray[np.float32]
QUIETER = 0.1
"""20 dB below."""
FIRST_WORDS = round(1.1 * SAMPLE_RATE)
"""Samples of a turn's first words, 0.7 s of speech."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """What came of one piece of audio: utterances that the gates let through, and their texts."""

    name: str
    utterances: int
    texts: tuple[str, ...]


def caption(engine: CaptionEngine, name: str, samples: Samples) -> Captioned:
    """Take a piece of audio the way of a live track: finals, and partials as well."""
    cutter = UtteranceCutter(SpeechGate(), CuttingSettings())
    windows = [window for frame in live_frames(samples) for window in cutter.feed(frame)]
    windows += cutter.finish()
    hypotheses = engine.transcribe([_asked(window) for window in windows])
    texts = tuple(hypothesis.text for hypothesis in hypotheses if hypothesis.words)
    return Captioned(name, sum(window.ends_utterance for window in windows), texts)


def _asked(window: SpeechWindow) -> CaptionWindow:
    return CaptionWindow(str(window.utterance), window.samples, window.ends_utterance)


def real_speech() -> Iterator[tuple[str, Samples]]:
    """Give each turn of the sample lesson, with a pause before and behind, loud and quiet."""
    script = sample_script()
    tracks = {speaker.speaker: read_samples(speaker.path) for speaker in script.speakers}
    per_ms = SAMPLE_RATE // 1000
    for turn in script.turns:
        track = tracks[turn.speaker]
        spoken = track[max(0, turn.start_ms - 400) * per_ms : (turn.end_ms + 400) * per_ms]
        for name, samples in ((turn.text, spoken), (f"{turn.text[:20]} ...", spoken[:FIRST_WORDS])):
            yield name, samples
            yield f"{name} (quiet)", samples * np.float32(QUIETER)


def straight() -> Callable[[Samples], str]:
    """Return the peer: the offline recogniser as it comes, without a gate."""
    decoder = pocketsphinx.Decoder(loglevel="FATAL")

    def transcribe(samples: Samples) -> str:
        decoder.start_utt()
        decoder.process_raw((samples.clip(-1, 1) * 32_767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        hypothesis = decoder.hyp()
        return hypothesis.hypstr if hypothesis else ""

    return transcribe


def print_table(rows: Sequence[tuple[str, int, int, int, int]]) -> None:
    """Print what was heard in each kind of audio."""
    table = Table()
    for heading in ("audio", "pieces", "through the gates", "with text", "straight with text"):
        table.add_column(heading)
    for name, *counts in rows:
        table.add_row(name, *(str(count) if count >= 0 else "" for count in counts))
    Console(width=110).print(table)


def main() -> None:
    """Caption every sound and every turn, and print how many have text."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=30, help="length of each sound")
    parser.add_argument("--seeds", type=int, default=2, help="how often each is made anew")
    parser.add_argument("--engine", default="auto", help="caption engine")
    parser.add_argument("--model", help="name or folder of a Whisper model")
    arguments = parser.parse_args()
    engine = choose_engine(engine=arguments.engine, model=arguments.model, device="cpu").build()
    made = [
        piece for seed in range(arguments.seeds) for piece in sounds(arguments.seconds, SEED + seed)
    ]
    heard = [caption(engine, name, samples) for name, samples in made]
    peer = straight()
    invented = sum(bool(peer(samples)) for _, samples in made)
    real = [caption(engine, name, samples) for name, samples in real_speech()]
    engine.close()
    print_table(
        [
            ("nobody speaks", len(made), _opened(heard), _with_text(heard), invented),
            ("the sample lesson", len(real), _opened(real), _with_text(real), -1),
        ]
    )
    for piece in heard:
        if piece.texts:
            print(f"invented in {piece.name}: {piece.texts}")
    for piece in real:
        if not piece.texts:
            print(f"lost: {piece.name}")


def _opened(pieces: Sequence[Captioned]) -> int:
    return sum(piece.utterances > 0 for piece in pieces)


def _with_text(pieces: Sequence[Captioned]) -> int:
    return sum(bool(piece.texts) for piece in pieces)


if __name__ == "__main__":
    main()
