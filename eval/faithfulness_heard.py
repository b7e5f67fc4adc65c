"""Faithfulness of summaries of captions that were really recognised, where it gets harder to hear.

    python -m eval.faithfulness_heard [--model FOLDER] [--half held_out|tuning] [--places quiet ...]

The labelled lessons are spoken by flite in quiet, over a telephone, across a room and among voices
(`eval/heard_lessons.py`), recognised by the engine that ships or by a Whisper model, and summarised
from the captions and confidences that come out. Sentences are judged on the words that were said.
Whatever was chosen by its results was chosen on the tuning half. Where there is development speech
(LECTERN_DATA), what the verifier lets stand of it is told too.
"""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from eval.data import development_speech
from eval.faithfulness_curve import judged
from eval.heard_lessons import PLACES, Half, hear, spoken_turns
from eval.heard_sentences import (
    HeardSentence,
    described,
    sentences_of_clips,
    sentences_of_lessons,
)
from eval.scoring import score
from lessons.errors import NotFound
from models.captions.faster_whisper_engine import FasterWhisperEngine
from models.captions.interface import CaptionEngine
from models.captions.pocketsphinx_engine import PocketsphinxEngine
from models.captions.whisper_loading import WhisperOptions

HEADINGS = (
    "where",
    "word errors",
    "confidence",
    "sentences",
    "quoting",
    "unsupported",
    "misquoted",
    "marked",
    "dropped",
)


def rows(
    half: Half, engine: CaptionEngine, places: list[str]
) -> tuple[list[list[str]], list[HeardSentence]]:
    """Let an engine hear a half's lessons in each place; return the table's rows and sentences."""
    turns = spoken_turns(half)
    found: list[list[str]] = []
    sentences: list[HeardSentence] = []
    for place in (one for one in PLACES if one.name in places):
        hearing = hear(half, turns, place, engine)
        sentences += sentences_of_lessons(hearing)
        errors = score(hearing.references, hearing.hypotheses).word_error_rate
        point = judged((one.heard, one.said) for one in hearing.lessons)
        figures = (point.grounded, point.quoting)
        shares = (point.unsupported, point.misquoted)
        found.append(
            [
                place.name,
                f"{errors:.1%}",
                f"{hearing.confidence:.2f}",
                *(f"{figure:.1f}" for figure in figures),
                *(f"{share:.1%}" for share in shares),
                *(f"{figure:.1f}" for figure in (point.marked, point.dropped)),
            ]
        )
        print("  ".join(found[-1]), flush=True)
    return found, sentences


def main() -> None:
    """Print the table of one engine and half."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", help="folder of a CTranslate2 Whisper model")
    parser.add_argument("--half", choices=["tuning", "held_out"], default="held_out")
    parser.add_argument("--places", nargs="*", default=[one.name for one in PLACES])
    arguments = parser.parse_args()
    engine: CaptionEngine = (
        FasterWhisperEngine(WhisperOptions(arguments.model))
        if arguments.model
        else PocketsphinxEngine()
    )
    named = (
        f"{engine.capabilities.engine} {engine.capabilities.model}, {arguments.half}, per lesson"
    )
    table = Table(title=named)
    for heading in HEADINGS:
        table.add_column(heading)
    found, sentences = rows(arguments.half, engine, arguments.places)
    for row in found:
        table.add_row(*row)
    console = Console(width=110)
    console.print(table)
    console.print(f"All that was heard, quoted or not: {described(sentences)}.")
    try:
        clips = development_speech()
    except NotFound as absent:
        console.print(f"People's voices were not heard: {absent}")
    else:
        console.print(
            f"{len(clips)} clips of people: {described(sentences_of_clips(clips, engine))}."
        )
    engine.close()


if __name__ == "__main__":
    main()
