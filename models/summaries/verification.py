"""The verifier: what the record does not support is dropped, what it half supports is marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from features.languages.language_words import LanguageWords
from models.summaries.absence import is_absent
from models.summaries.alignment import Alignment, align, contradicts
from models.summaries.checks import CHECKS, Finding, cites_exist, counted_in
from models.summaries.claim_reading import read_claim
from models.summaries.evidence import Evidence, evidence_of
from models.summaries.interface import DraftClaim
from models.summaries.record import LessonRecord
from models.summaries.tokens import Token, content_of, tokens_of

GROUNDED_COVERAGE = 0.85
"""Share of a claim's words that its evidence has to hold for it to stand."""

MARKED_COVERAGE = 0.6
"""With less than this share it is dropped; between the two a person should check it."""

CONTRADICTED = 0.5
ENTAILED = 0.9
"""Probabilities from which the judgement of a model counts."""


@dataclass(frozen=True, slots=True)
class Entailment:
    """What a model makes of a claim and its evidence, in 0..1 each."""

    entailed: float
    contradicted: float


class EntailmentModel(Protocol):
    """A model of natural language inference."""

    @property
    def name(self) -> str:
        """Hub id, or the name of its folder."""
        ...

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Entailment]:
        """Judge pairs of evidence and claim, in one batch; one judgement each, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a claim.

    Attributes:
        status: `grounded`: it stands; `marked`: a person should check it; `dropped`.
        check: the check that found most against it; None where none did.
        reason: why, in a sentence.
    """

    status: Literal["grounded", "marked", "dropped"]
    check: str | None = None
    reason: str | None = None


class Verifier:
    """Holds claims against the record of their lesson.

    Args:
        words: of the language that the claims are written in.
        model: judges entailment as well, where there is one: what it finds contradicted is dropped,
            and what only other words kept from standing may stand.
    """

    def __init__(self, words: LanguageWords, model: EntailmentModel | None = None) -> None:
        self._words = words
        self._model = model

    @property
    def name(self) -> str:
        """How it judges, for the document."""
        return "lexical" if self._model is None else f"lexical+{self._model.name}"

    def verify(self, claims: Sequence[DraftClaim], record: LessonRecord) -> list[Verdict]:
        """Return a verdict on each claim, in their order."""
        return [verdict for verdict, _ in self.judge(claims, record)]

    def judge(
        self, claims: Sequence[DraftClaim], record: LessonRecord
    ) -> list[tuple[Verdict, Evidence]]:
        """Return a verdict on each claim with what it rests on, in their order."""
        evidence = [
            evidence_of(read_claim(claim, record, self._words), record, self._words)
            for claim in claims
        ]
        findings = [_worst(list(self._findings(each))) for each in evidence]
        if self._model is not None:
            findings = _second_opinion(self._model, evidence, findings)
        return [(_verdict(one), rests) for one, rests in zip(findings, evidence, strict=True)]

    def _findings(self, evidence: Evidence) -> Iterator[Finding]:
        if evidence.read.claim.kind == "not_observed":
            yield from cites_exist(evidence)
            if not is_absent(evidence):
                yield Finding("drop", "absence", "It was observed.")
            return
        for check in CHECKS:
            yield from check(evidence)
        if evidence.read.content:
            yield from _by_words(evidence, self._words)
        if evidence.read.claim.kind == "objective_covered":
            yield from _by_title(evidence, self._words)


def _by_words(evidence: Evidence, words: LanguageWords) -> Iterator[Finding]:
    counted = counted_in(evidence)
    claimed = [token for token in evidence.read.content if token.number not in counted]
    alignment = align(claimed, evidence.tokens)
    day = next((token for token in alignment.missing if token.text in words.days), None)
    if day is not None:
        yield Finding("drop", "days", f"{day.text.title()} is not in what it cites.")
    if contradicts(evidence.read.telling, evidence.tokens):
        yield Finding("drop", "negation", "What it cites says the opposite.")
    if alignment.flipped:
        yield Finding("drop", "negation", f"What it cites says the opposite of `{_of(alignment)}`.")
    if alignment.swapped:
        yield Finding("drop", "order", "What it cites has the same words the other way round.")
    yield from _by_coverage(alignment)


def _by_title(evidence: Evidence, words: LanguageWords) -> Iterator[Finding]:
    """Ask of talk about an objective that it has a word of its title: likeness alone is a guess."""
    if not all(item.kind == "caption" for item in evidence.cited):
        return
    title = evidence.record.titles.get(evidence.read.claim.objective_id or "", "")
    wanted = {token.key for token in content_of(tokens_of(title, words), words)}
    if not wanted & {each.token.key for each in evidence.tokens}:
        yield Finding("mark", "entailment", "None of the objective's own words was said.")


def _by_coverage(alignment: Alignment) -> Iterator[Finding]:
    if not alignment.pairs or (alignment.coverage >= GROUNDED_COVERAGE and alignment.own):
        return
    lost = ", ".join(token.text for token in alignment.missing) or "all that the person did"
    severity: Literal["drop", "mark"] = (
        "mark" if alignment.coverage >= MARKED_COVERAGE and alignment.own else "drop"
    )
    yield Finding(severity, "entailment", f"What it cites does not say: {lost}.")


def _of(alignment: Alignment) -> str:
    flipped: Sequence[Token] = alignment.flipped
    return " ".join(token.text for token in flipped)


def _worst(findings: Sequence[Finding]) -> Finding | None:
    return min(findings, key=lambda finding: finding.severity, default=None)


def _second_opinion(
    model: EntailmentModel, evidence: Sequence[Evidence], findings: Sequence[Finding | None]
) -> list[Finding | None]:
    """Ask a model about claims that stand, and about those that only lack the same words."""
    asked = [
        place
        for place, finding in enumerate(findings)
        if (finding is None or finding.check == "entailment") and evidence[place].text
    ]
    judged = model.judge([(evidence[at].text, evidence[at].read.claim.text) for at in asked])
    revised = list(findings)
    for place, judgement in zip(asked, judged, strict=True):
        if judgement.contradicted >= CONTRADICTED:
            revised[place] = Finding("drop", "entailment", "What it cites contradicts it.")
        elif judgement.entailed >= ENTAILED:
            revised[place] = None
    return revised


def _verdict(finding: Finding | None) -> Verdict:
    if finding is None:
        return Verdict("grounded")
    status: Literal["dropped", "marked"] = "dropped" if finding.severity == "drop" else "marked"
    return Verdict(status, finding.check, finding.reason)
