"""Summaries of captions with errors: what of them holds by the words that were really said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from whisper_normalizer.english import EnglishTextNormalizer

from eval.corrupted_captions import corrupted
from eval.labelled_lessons import Half, labelled_lessons
from features.languages.language_words import words_of
from lessons.summary import Claim
from models.reading.lesson_reading import LessonReading
from models.summaries.alignment import EvidenceToken, align
from models.summaries.extractive import ExtractiveWriter
from models.summaries.interface import DraftClaim
from models.summaries.record import record_of
from models.summaries.tokens import content_of, is_said_in, tokens_of
from models.summaries.verification import GROUNDED_COVERAGE, Verifier
from models.summaries.writing import SummaryName, summarise

RATES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4)
SEEDS = 5
_QUOTED = re.compile("“([^”]*)”")
NAME = SummaryName("sum_measured")

Heard = tuple[LessonReading, LessonReading]
"""A lesson as it was heard, and the same captions with the words that were really said."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What became of the writer's sentences, per lesson.

    Attributes:
        grounded: sentences that stand unmarked.
        quoting: those of them that quote what was heard; the others tell of events.
        unsupported: share of the grounded that say something else than was really said: another
            number, person or polarity, or words of content that nobody said.
        misquoted: share of them that quote at least one word wrong.
        marked: sentences that a person should check.
        dropped: sentences that the verifier took out.
    """

    grounded: float
    quoting: float
    unsupported: float
    misquoted: float
    marked: float
    dropped: float


def simulated(rate: float, half: Half, *, told: bool, seeds: int = SEEDS) -> CurvePoint:
    """Corrupt a half's captions, and judge the sentences on what was really said.

    Args:
        told: whether the captions' confidence tells of the errors.
    """
    lessons = [one.reading for one in labelled_lessons(half)]
    return judged(
        (corrupted(said, rate, seed, told=told), said) for seed in range(seeds) for said in lessons
    )


def judged(lessons: Iterable[Heard]) -> CurvePoint:
    """Summarise lessons as they were heard, and judge each sentence on what was said."""
    runs = [_Run(heard, said) for heard, said in lessons]
    stood = max(1, sum(len(run.stand) for run in runs))
    return CurvePoint(
        grounded=sum(len(run.stand) for run in runs) / len(runs),
        quoting=sum(len(run.quoting) for run in runs) / len(runs),
        unsupported=sum(run.unsupported for run in runs) / stood,
        misquoted=sum(run.misquoted for run in runs) / stood,
        marked=sum(run.marked for run in runs) / len(runs),
        dropped=sum(run.dropped for run in runs) / len(runs),
    )


class _Run:
    """One lesson's summary, judged."""

    def __init__(self, heard: LessonReading, said: LessonReading) -> None:
        document = summarise(heard, ExtractiveWriter(), NAME)
        claims = document.claims()
        self.stand = [claim for claim in claims if claim.status == "grounded"]
        self.quoting = [one for one in self.stand if _spoken(one, said) and _quoted(one)]
        self.marked = len(claims) - len(self.stand)
        self.dropped = document.dropped_claims
        self.unsupported = sum(says_otherwise(claim, said) for claim in self.stand)
        self.misquoted = sum(_misquotes(claim, said) for claim in self.stand)


def says_otherwise(claim: Claim, said: LessonReading) -> bool:
    """Tell whether a sentence means something else than the words that were really said."""
    spoken, quoted = _spoken(claim, said), _quoted(claim)
    if not spoken or not quoted:
        verdict = Verifier(words_of("en")).verify([_draft(claim)], record_of(said))[0]
        return verdict.status == "dropped"
    return means_something_else(quoted, spoken)


def means_something_else(quoted: str, spoken: str) -> bool:
    """Tell whether a number or polarity is another, or too many words of content are."""
    words = words_of("en")
    evidence = [
        EvidenceToken(token, place, True, 0) for place, token in enumerate(tokens_of(spoken, words))
    ]
    alignment = align(content_of(tokens_of(quoted, words), words), evidence)
    number = any(token.number is not None for token in alignment.missing)
    return number or bool(alignment.flipped) or alignment.coverage < GROUNDED_COVERAGE


def _misquotes(claim: Claim, said: LessonReading) -> bool:
    spoken, quoted = _spoken(claim, said), _quoted(claim)
    if not spoken or not quoted:
        return says_otherwise(claim, said)
    return is_misquoted(quoted, spoken)


def is_misquoted(quoted: str, spoken: str) -> bool:
    """Tell whether a quotation is not word for word what was said; digits are as good as words."""
    if is_said_in(quoted, spoken, words_of("en")):
        return False
    normalise = EnglishTextNormalizer()
    return f" {normalise(quoted)} " not in f" {normalise(spoken)} "


def _spoken(claim: Claim, said: LessonReading) -> str:
    cited = set(_draft(claim).cites)
    return " ".join(one.text for one in said.utterances if one.caption_id in cited)


def _quoted(claim: Claim) -> str:
    return " ".join(_QUOTED.findall(claim.text))


def _draft(claim: Claim) -> DraftClaim:
    cites = (one for each in claim.citations for one in (*each.caption_ids, *each.event_ids))
    return DraftClaim(claim.kind, claim.text, tuple(cites), claim.subject, claim.objective_id)


def simulated_rows(half: Half, rates: Sequence[float] = RATES) -> Iterator[str]:
    """Give the curve of one half as lines to print."""
    for told in (True, False):
        yield f"captions with errors, {half}, confidence {'tells' if told else 'hides it'}:"
        for rate in rates:
            yield f"  WER {rate:.0%}: {described(simulated(rate, half, told=told))}"


def described(point: CurvePoint) -> str:
    """Return a point in a line."""
    return (
        f"{point.grounded:.1f} sentences a lesson ({point.quoting:.1f} quote), "
        f"{point.unsupported:.1%} of them unsupported, {point.misquoted:.1%} with a word "
        f"misquoted; {point.marked:.1f} marked, {point.dropped:.1f} dropped"
    )
