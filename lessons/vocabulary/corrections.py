"""What corrections teach: the words that a person put where the engine had heard others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from lessons.vocabulary.extraction import terms_of
from lessons.vocabulary.material import Correction
from lessons.vocabulary.ordinary import is_function_word

REPEATED = 2
"""Corrections to the same ordinary word that make a term of it."""


def corrected_terms(corrections: Sequence[Correction], language: str) -> list[str]:
    """Return the terms that were put in by corrections, newest first, each once.

    An ordinary word is one only where it was put right at least twice.
    """
    found: dict[str, str] = {}
    put_right: Counter[str] = Counter()
    for correction in corrections:
        for run in _put_in(correction):
            for term in terms_of(run, language):
                found.setdefault(term.casefold(), term)
        put_right.update({word for run in _put_in(correction) for word in _words(run)})
    covered = {word for term in found for word in term.split()}
    for word, times in put_right.items():
        if times >= REPEATED and word not in covered and not is_function_word(word, language):
            found[word] = word
    return list(found.values())


def _put_in(correction: Correction) -> list[str]:
    """Return the runs of words that are in what was said and not in what was heard."""
    said = correction.said.split()
    before = [_plain(word) for word in correction.heard.split()]
    after = [_plain(word) for word in said]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changes = (block[3:] for block in matcher.get_opcodes() if block[0] in ("insert", "replace"))
    known = set(before)
    return [
        " ".join(said[start:end])
        for start, end in changes
        if any(word not in known for word in after[start:end])
    ]


def _plain(word: str) -> str:
    return re.sub(r"[^\w'-]", "", word.replace("’", "'")).casefold()


def _words(run: str) -> list[str]:
    return [word for word in map(_plain, run.split()) if word.isalpha()]
