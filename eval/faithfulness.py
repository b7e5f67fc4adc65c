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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from eval.corrupted_captions import corrupted
from eval.labelled_lessons import Half, LabelledLesson, labelled_lessons
from eval.readers import HALVES, agreement, claim_pairs, sentence_pairs, settled
from lessons.summary import Claim
from models.reading.lesson_reading import LessonReading, ReadSegment
from models.summaries.alignment import EvidenceToken, align
from models.summaries.extractive import ExtractiveWriter
from models.summaries.interface import DraftClaim
from models.summaries.language_words import words_of
from models.summaries.record import MINUTE_MS, record_of
from models.summaries.tokens import content_of, tokens_of
from models.summaries.verification import GROUNDED_COVERAGE, Verdict, Verifier
from models.summaries.writing import SummaryName, summarise

JUDGED = Path(__file__).with_name("judged_sentences.json")
RATES = (0.0, 0.1, 0.2, 0.3, 0.4)
SEEDS = 5
_QUOTED = re.compile("“([^”]*)”")
NAME = SummaryName("sum_measured")
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


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What became of the writer's claims at one word error rate, per lesson.

    Attributes:
        grounded: claims that stand unmarked.
        unsupported: share of them that say something else than was really said: another number,
            person or polarity, or words of content that nobody said.
        misquoted: share of them that quote at least one word wrong.
        marked: claims that a person should check.
    """

    rate: float
    grounded: float
    unsupported: float
    misquoted: float
    marked: float


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


def curve(rates: Sequence[float] = RATES, seeds: int = SEEDS, *, told: bool) -> list[CurvePoint]:
    """Corrupt the captions more and more, and judge the claims on what was really said."""
    return [_point(rate, seeds, told=told) for rate in rates]


def _point(rate: float, seeds: int, *, told: bool) -> CurvePoint:
    lessons = [*labelled_lessons("tuning"), *labelled_lessons("held_out")]
    grounded = unsupported = misquoted = marked = 0
    for seed in range(seeds):
        for lesson in lessons:
            heard = corrupted(lesson.reading, rate, seed, told=told)
            claims = summarise(heard, ExtractiveWriter(), NAME).claims()
            stand = [claim for claim in claims if claim.status == "grounded"]
            grounded += len(stand)
            marked += len(claims) - len(stand)
            misquoted += _dropped([_draft(claim) for claim in stand], lesson.reading)
            unsupported += sum(_says_otherwise(claim, lesson.reading) for claim in stand)
    runs, stood = seeds * len(lessons), max(1, grounded)
    return CurvePoint(rate, grounded / runs, unsupported / stood, misquoted / stood, marked / runs)


def _dropped(drafts: Sequence[DraftClaim], said: LessonReading) -> int:
    found = Verifier(words_of("en")).verify(drafts, record_of(said))
    return sum(verdict.status == "dropped" for verdict in found)


def _says_otherwise(claim: Claim, said: LessonReading) -> bool:
    """Tell whether a sentence means something else than the words that were really said.

    A quotation does where a number or a polarity is another, or too many words of content are.
    """
    words, draft = words_of("en"), _draft(claim)
    cited = set(draft.cites)
    spoken = " ".join(one.text for one in said.utterances if one.caption_id in cited)
    quoted = " ".join(_QUOTED.findall(claim.text))
    if not spoken or not quoted:
        return _dropped([draft], said) > 0
    evidence = [
        EvidenceToken(token, place, True, 0) for place, token in enumerate(tokens_of(spoken, words))
    ]
    alignment = align(content_of(tokens_of(quoted, words), words), evidence)
    number = any(token.number is not None for token in alignment.missing)
    return number or bool(alignment.flipped) or alignment.coverage < GROUNDED_COVERAGE


def _draft(claim: Claim) -> DraftClaim:
    cites = (one for each in claim.citations for one in (*each.caption_ids, *each.event_ids))
    return DraftClaim(claim.kind, claim.text, tuple(cites), claim.subject, claim.objective_id)


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
    for told in (True, False):
        print(f"captions with errors, {'confidence tells' if told else 'confidence hides it'}:")
        for point in curve(told=told):
            print(
                f"  WER {point.rate:.0%}: {point.grounded:.1f} claims a lesson, "
                f"{point.unsupported:.1%} of them unsupported, {point.misquoted:.1%} with a word "
                f"misquoted; {point.marked:.1f} marked"
            )
    for minutes in arguments.minutes:
        seconds, mebibytes, claims = costs(minutes)
        print(f"{minutes} minutes: {seconds:.2f} s, {mebibytes:.0f} MiB, {claims} sentences")


if __name__ == "__main__":
    main()
