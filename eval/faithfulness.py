"""Faithfulness of summaries: does the record support what they say, and does the verifier see it.

    python -m eval.faithfulness [--show] [--minutes 10 60 180]

On lessons and claims of our own, judged by hand (`eval/labelled_lessons.json`): half of the lessons
were for tuning, half are held out, and in traps it is easy to claim what is not so.
The curve corrupts the captions and judges each claim on the words that were really said.
"""

from __future__ import annotations

import argparse
import json
import re
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from eval.faithfulness_curve import NAME, simulated_rows
from eval.labelled_lessons import Half, LabelledLesson, labelled_lessons
from eval.readers import HALVES, agreement, claim_pairs, sentence_pairs, settled
from features.languages.language_words import words_of
from models.reading.lesson_reading import LessonReading, ReadSegment
from models.summaries.extractive import ExtractiveWriter
from models.summaries.record import MINUTE_MS, record_of
from models.summaries.verification import Verdict, Verifier
from models.summaries.writing import summarise

JUDGED = Path(__file__).with_name("judged_sentences.json")
SEGMENT_ROWS = 25


@dataclass(frozen=True, slots=True)
class Judged:
    """Verdicts on labelled claims.

    Attributes:
        right: grounded and supported.
        wild: grounded and not supported: what must not happen.
        lost: supported and not grounded.
        caught: not supported and not grounded.
    """

    right: int
    wild: int
    lost: int
    caught: int

    @property
    def precision(self) -> float:
        """Share of the grounded claims that are supported."""
        return self.right / max(1, self.right + self.wild)

    @property
    def recall(self) -> float:
        """Share of the supported claims that are grounded."""
        return self.right / max(1, self.right + self.lost)


def verdicts(lesson: LabelledLesson) -> list[Verdict]:
    """Return the verifier's verdicts on a lesson's labelled claims."""
    claims = [one.claim for one in lesson.claims]
    return Verifier(words_of("en")).verify(claims, record_of(lesson.reading))


def judge_verifier(half: Half) -> Judged:
    """Hold the verifier against what a person found."""
    pairs = [
        (one.supported, verdict.status == "grounded")
        for lesson in labelled_lessons(half)
        for one, verdict in zip(lesson.claims, verdicts(lesson), strict=True)
    ]
    return Judged(
        right=pairs.count((True, True)),
        wild=pairs.count((False, True)),
        lost=pairs.count((True, False)),
        caught=pairs.count((False, False)),
    )


def false_in_traps() -> list[str]:
    """Return what the extractive writer falls for in the traps; there is to be nothing."""
    return [
        f"{lesson.name}: {claim.text}"
        for lesson in labelled_lessons("trap")
        for claim in summarise(lesson.reading, ExtractiveWriter(), NAME).claims()
        for kinds, pattern in lesson.never
        if claim.kind in kinds.split("|") and re.search(pattern, claim.text)
    ]


def judge_writer() -> tuple[int, list[str], list[str]]:
    """Return how many of the writer's sentences were judged, which of them wrong, which never."""
    known: dict[str, dict[str, bool]] = json.loads(JUDGED.read_text("utf-8"))
    said = [
        (lesson.name, claim.text)
        for half in HALVES
        for lesson in labelled_lessons(half)
        for claim in summarise(lesson.reading, ExtractiveWriter(), NAME).claims()
    ]
    unsupported = [text for name, text in said if known.get(name, {}).get(text) is False]
    unknown = [f"{name}: {text}" for name, text in said if text not in known.get(name, {})]
    return len(said) - len(unknown), unsupported, unknown


def long_lesson(minutes: int) -> LessonReading:
    """Return a lesson of that length: the labelled ones, one after the other, again and again."""
    utterances = []
    people = {one.participant_id: one for lesson in _all() for one in lesson.reading.people}
    at_ms = turn = 0
    while at_ms < minutes * MINUTE_MS:
        reading = _all()[turn % len(_all())].reading
        for one in reading.utterances:
            caption_id = f"{one.caption_id}-{turn}"
            length = one.end_ms - one.start_ms
            utterances.append(
                replace(one, caption_id=caption_id, start_ms=at_ms, end_ms=at_ms + length)
            )
            at_ms += length + 1000
        turn += 1
    rows = range(0, len(utterances), SEGMENT_ROWS)
    segments = tuple(
        ReadSegment(
            segment_id=f"seg_{first}",
            first=first,
            last=min(first + SEGMENT_ROWS, len(utterances)) - 1,
            start_ms=utterances[first].start_ms,
            end_ms=utterances[min(first + SEGMENT_ROWS, len(utterances)) - 1].end_ms,
            title="-",
            kind="instruction",
            confidence=1.0,
        )
        for first in rows
    )
    return LessonReading(
        "les_long", None, "en", at_ms, tuple(people.values()), tuple(utterances), segments
    )


@cache
def _all() -> list[LabelledLesson]:
    return [*labelled_lessons("tuning"), *labelled_lessons("held_out")]


def costs(minutes: int) -> tuple[float, float, int]:
    """Return seconds, peak MiB of Python's memory and claims of one summary."""
    reading = long_lesson(minutes)
    began = time.perf_counter()
    document = summarise(reading, ExtractiveWriter(), NAME)
    seconds = time.perf_counter() - began
    tracemalloc.start()
    summarise(reading, ExtractiveWriter(), NAME)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return seconds, peak / 2**20, len(document.claims())


def _shown(half: Half) -> Iterator[str]:
    for lesson in labelled_lessons(half):
        for one, verdict in zip(lesson.claims, verdicts(lesson), strict=True):
            if one.supported != (verdict.status == "grounded"):
                yield f"  {verdict.status} ({verdict.reason}); {one.why}: {one.claim.text}"


def _show_readers() -> None:
    told = {
        "claims": claim_pairs(*HALVES),
        "claims held out": claim_pairs("held_out"),
        "the writer's sentences": sentence_pairs(),
    }
    for what, pairs in told.items():
        found = agreement(pairs)
        print(
            f"two readers, {what}: {found.share:.1%} of {found.pairs} alike, "
            f"kappa {found.kappa:.3f} ({found.low:.3f} to {found.high:.3f})"
        )
    for one in settled(*HALVES):
        held = "supported" if one.supported else "unsupported"
        print(f"  settled as {held}: {one.claim.text} {one.resolution}")


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--show", action="store_true", help="show where the verifier is wrong")
    parser.add_argument("--minutes", type=int, nargs="*", default=[10, 60, 180])
    arguments = parser.parse_args()
    _show_readers()
    for half in HALVES:
        found = judge_verifier(half)
        print(
            f"verifier, {half}: precision {found.precision:.3f}, recall {found.recall:.3f}; "
            f"unsupported claims grounded {found.wild} of {found.wild + found.caught}"
        )
        if arguments.show:
            print(*_shown(half), sep="\n")
    judged, unsupported, unknown = judge_writer()
    print(f"extractive writer: {len(unsupported)} of {judged} sentences unsupported")
    print(*(f"  unsupported: {text}" for text in unsupported), sep="\n", end="")
    print(*(f"  not judged: {text}" for text in unknown), sep="\n")
    print(f"false claims in traps: {len(false_in_traps())}")
    for half in HALVES[:2]:
        print(*simulated_rows(half), sep="\n")
    for minutes in arguments.minutes:
        seconds, mebibytes, claims = costs(minutes)
        print(f"{minutes} minutes: {seconds:.2f} s, {mebibytes:.0f} MiB, {claims} sentences")


if __name__ == "__main__":
    main()
