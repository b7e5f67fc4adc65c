"""The order of a lesson's own words: which a caption engine hears of first, and how many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from lessons.vocabulary.corrections import corrected_terms
from lessons.vocabulary.extraction import terms_of
from lessons.vocabulary.material import Material

LONGEST_NAME = 4
"""Words of the longest name that is taken; what is longer is rarely a person's."""


class TermSource(StrEnum):
    """What a term was taken from, the most important first."""

    EXPLICIT = "explicit"
    CORRECTION = "correction"
    PLAN = "plan"
    CONTENT = "content"
    OBJECTIVE = "objective"
    ROSTER = "roster"


MOST_TERMS: Mapping[TermSource, int] = MappingProxyType(
    {
        TermSource.EXPLICIT: 500,
        TermSource.CORRECTION: 30,
        TermSource.PLAN: 30,
        TermSource.CONTENT: 40,
        TermSource.OBJECTIVE: 20,
        TermSource.ROSTER: 40,
    }
)
"""Terms of each source. A bound for each, so that a long slide does not crowd out the names."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase that the lesson is likely to say, and what it was taken from."""

    text: str
    source: TermSource


def ranked_terms(material: Material) -> tuple[Term, ...]:
    """Return a lesson's own words, the most important first, each once and from its best source."""
    taken: set[str] = set()
    ranked: list[Term] = []
    for source, terms in _by_source(material).items():
        fresh: dict[str, str] = {}
        for term in terms:
            if term.casefold() not in taken:
                fresh.setdefault(term.casefold(), term)
        kept = list(fresh.items())[: MOST_TERMS[source]]
        taken.update(key for key, _ in kept)
        ranked += [Term(term, source) for _, term in kept]
    return tuple(ranked)


def _by_source(material: Material) -> dict[TermSource, Iterable[str]]:
    def of_texts(texts: Iterable[str]) -> list[str]:
        return [term for text in texts for term in terms_of(text, material.language)]

    return {
        TermSource.EXPLICIT: filter(None, (" ".join(term.split()) for term in material.explicit)),
        TermSource.CORRECTION: corrected_terms(material.corrections, material.language),
        TermSource.PLAN: of_texts(material.plan),
        TermSource.CONTENT: of_texts(material.content),
        TermSource.OBJECTIVE: of_texts(material.objectives),
        TermSource.ROSTER: filter(None, map(_name, material.names)),
    }


def _name(name: str) -> str | None:
    """Return a person's name as it is said; None where it is an address, a number or a label."""
    words = name.split()
    sayable = all(word.strip(".'’-").replace("-", "").replace("'", "").isalpha() for word in words)
    return " ".join(words) if sayable and len(words) <= LONGEST_NAME else None
