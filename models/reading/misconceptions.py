"""Likely misconceptions: what a wrong answer shows that a learner takes for right.

A slip is named only where arithmetic proves it: the answer is what the well-known wrong rule gives
for the numbers of the question, and not what the right rule gives. Anything else is told as the
answer itself, in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from features.languages.language_words import words_if_known
from features.reading.words import numbers_of

LONGEST_QUOTE = 120

_RIGHT: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda first, second: first + second,
    "-": lambda first, second: first - second,
    "*": lambda first, second: first * second,
}
_NAMES = {"+": "adds", "-": "subtracts", "*": "multiplies"}


def misconception_of(question: str, answer: str, language: str = "en") -> str | None:
    """Return the slip that an answer shows, in a sentence; None where none is proved.

    Source of the first rule: adding tops and bottoms of fractions is the commonest slip with them
    (Siegler, Thompson and Schneider 2011, "An integrated theory of whole number and fractions").

    Args:
        question: what was asked, with two numbers and the sign between them.
        answer: what the learner said, the last number of which counts.
    """
    sign = _sign(question, language)
    asked, told = numbers_of(question, language), numbers_of(answer, language)
    if sign is None or len(asked) != 2 or not told:
        return None
    first, second = asked
    given = told[-1]
    if given == _RIGHT[sign](first, second):
        return None
    if sign == "+" and given == _added_apart(first, second):
        return "Adds the tops and the bottoms of fractions, each for itself."
    for other, rule in _RIGHT.items():
        if other != sign and given == rule(first, second):
            return f"Where it asks for another operation, {_NAMES[other]} the two numbers."
    return None


def quoted(text: str) -> str:
    """Return a text in quotation marks, cut where it is long."""
    plain = re.sub(r'[“”"]', "'", " ".join(text.split()))
    cut = plain if len(plain) <= LONGEST_QUOTE else f"{plain[: LONGEST_QUOTE - 1].rstrip()}…"
    return f"“{cut}”"


def _sign(question: str, language: str) -> str | None:
    """Return the sign of the one operation that a question asks for.

    None: it asks for none, for several, or for one whose slips are not known.
    """
    words = words_if_known(language)
    if words is None:
        return None
    found = {
        sign
        for word, sign in words.signs.items()
        if re.search(rf"(?<![\w/]){re.escape(word)}(?![\w/])", question.lower())
    }
    sign = found.pop() if len(found) == 1 else None
    return sign if sign in _RIGHT else None


def _added_apart(first: Fraction, second: Fraction) -> Fraction | None:
    if first.denominator == 1 and second.denominator == 1:
        return None
    return Fraction(first.numerator + second.numerator, first.denominator + second.denominator)
