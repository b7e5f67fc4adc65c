"""What a lesson's own words do for captions, and what they cost: the same speech with and without.

    python -m eval.lesson_vocabulary             the half that nothing was tuned on
    python -m eval.lesson_vocabulary --tuning    the half for choosing weights
    python -m eval.lesson_vocabulary --voice rms --crowded

Term recall: how many of the lesson's own rare words that were said were heard. Harm: the word error
rate on all other words, insertions included. Both as differences over the same sentences, with
95 % bootstrap intervals over sentences.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jiwer
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from whisper_normalizer.english import EnglishTextNormalizer

from eval.spoken_lessons import Half, Sentence, say, spoken_lessons
from lessons.vocabulary.ordinary import is_ordinary
from models.captions.interface import CaptionWindow
from models.captions.pocketsphinx_engine import PocketsphinxEngine

RESAMPLES = 10_000
SEED = 20_261_125
HARM_BUDGET = 0.0025
"""Most that the word error rate on other words may rise: a quarter of a point."""

Counts = NDArray[np.int64]
"""Shape (sentences, 4): own words said, own words heard, other words said, errors on them."""
Vocabulary = Callable[[Sentence], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def main() -> None:
    """Measure one half and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tuning", action="store_true", help="the half for choosing weights")
    parser.add_argument("--voice", help="only this voice of the half, in half the time")
    parser.add_argument("--crowded", action="store_true", help="all lessons' words at once too")
    arguments = parser.parse_args()
    half: Half = "tuning" if arguments.tuning else "report"
    lessons = spoken_lessons(half)
    said = [each for each in say(lessons, half) if arguments.voice in (None, each.voice)]
    vocabularies: dict[str, Vocabulary] = {
        "without": lambda _: (),
        "the lesson's own words": lambda sentence: sentence.lesson.terms,
    }
    if arguments.crowded:
        everything = tuple(dict.fromkeys(term for lesson in lessons for term in lesson.terms))
        vocabularies[f"all lessons' words ({len(everything)})"] = lambda _: everything
    engine = PocketsphinxEngine()
    try:
        counted = {name: count(engine, said, terms) for name, terms in vocabularies.items()}
    finally:
        engine.close()
    print_table(f"{half} half: {describe(said)}", counted)


def count(engine: PocketsphinxEngine, said: Sequence[Sentence], terms_of: Vocabulary) -> Counts:
    """Transcribe every sentence with its vocabulary, lesson by lesson, and count what was heard."""
    counts = []
    for lesson in dict.fromkeys(sentence.lesson for sentence in said):
        sentences = [sentence for sentence in said if sentence.lesson is lesson]
        windows = [
            CaptionWindow(str(number), sentence.samples, vocabulary=terms_of(sentence))
            for number, sentence in enumerate(sentences)
        ]
        counts += [
            sentence_counts(sentence.text, hypothesis.text, lesson.terms)
            for sentence, hypothesis in zip(sentences, engine.transcribe(windows), strict=True)
        ]
    return np.array(counts)


def sentence_counts(reference: str, heard: str, terms: Sequence[str]) -> list[int]:
    """Return own words said and heard, other words said, and errors on those, of one sentence.

    An own word is a rare word of a term. An insertion counts as an error on other words.
    """
    normalise = EnglishTextNormalizer()
    own = {
        normal
        for term in terms
        for word in term.split()
        if not is_ordinary(word.lower(), "en")
        for normal in normalise(word).split()
    }
    result = jiwer.process_words(normalise(reference), normalise(heard))
    words = result.references[0]
    hits = {
        place
        for chunk in result.alignments[0]
        if chunk.type == "equal"
        for place in range(chunk.ref_start_idx, chunk.ref_end_idx)
    }
    mine = {place for place, word in enumerate(words) if word in own}
    others = set(range(len(words))) - mine
    return [len(mine), len(mine & hits), len(others), len(others - hits) + result.insertions]


def recall(counts: Counts) -> float:
    """Return the share of own words that was heard."""
    return float(counts[:, 1].sum() / counts[:, 0].sum())


def other_errors(counts: Counts) -> float:
    """Return the word error rate on other words."""
    return float(counts[:, 3].sum() / counts[:, 2].sum())


def difference(after: Counts, before: Counts, figure: Callable[[Counts], float]) -> Interval:
    """Return how much a figure rose, drawing the same sentences from both."""
    generator = np.random.default_rng(SEED)
    drawn = generator.integers(0, len(before), (RESAMPLES, len(before)))
    rises = [figure(after[rows]) - figure(before[rows]) for rows in drawn]
    low, high = np.quantile(rises, [0.025, 0.975])
    return Interval(figure(after) - figure(before), float(low), float(high))


def describe(said: Sequence[Sentence]) -> str:
    """Return what was measured on, in a few words."""
    voices = ", ".join(sorted({sentence.voice for sentence in said}))
    seconds = sum(len(sentence.samples) for sentence in said) / 16_000
    lessons = len({sentence.lesson.title for sentence in said})
    return f"{len(said)} sentences of {lessons} lessons, {seconds:.0f} s, flite voices {voices}"


def print_table(title: str, counted: dict[str, Counts]) -> None:
    """Print recall and harm of every vocabulary, as they are and against none."""
    table = Table(title=title)
    for heading in ("vocabulary", "own words heard", "rise", "WER, other words", "rise", "budget"):
        table.add_column(heading)
    without = counted["without"]
    for name, counts in counted.items():
        gain = difference(counts, without, recall)
        harm = difference(counts, without, other_errors)
        table.add_row(
            name,
            f"{counts[:, 1].sum()} of {counts[:, 0].sum()} ({recall(counts):.1%})",
            _points(gain),
            f"{other_errors(counts):.2%}",
            _points(harm),
            "kept" if harm.value <= HARM_BUDGET else "exceeded",
        )
    Console(width=140).print(table)


def _points(interval: Interval) -> str:
    value, low, high = (100 * each for each in (interval.value, interval.low, interval.high))
    return f"{value:+.2f} ({low:+.2f} to {high:+.2f})"


if __name__ == "__main__":
    main()
