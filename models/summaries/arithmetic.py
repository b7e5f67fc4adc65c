"""Sums asked for in a lesson, worked out: so that praise of a wrong answer proves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from features.languages.language_words import LanguageWords
from models.summaries.tokens import Token, tokens_of


def asked_value(text: str, words: LanguageWords) -> Fraction | None:
    """Return the value of the one sum in a text, such as `one third plus one sixth`.

    None where there is no sum, or several, so that it is not clear which one is asked for.
    """
    tokens = tokens_of(text, words)
    found = [
        value
        for place in range(len(tokens))
        if (value := _sum_at(tokens, place, words)) is not None
    ]
    return found[0] if len(found) == 1 else None


def numbers_in(text: str, words: LanguageWords) -> list[Fraction]:
    """Return the numbers of a text in their order."""
    return [token.number for token in tokens_of(text, words) if token.number is not None]


def _sum_at(tokens: Sequence[Token], place: int, words: LanguageWords) -> Fraction | None:
    first = tokens[place].number
    if first is None:
        return None
    behind = place + 1
    percent = behind < len(tokens) and tokens[behind].text in words.numbers.percent
    behind += percent
    if behind + 1 >= len(tokens) or (second := tokens[behind + 1].number) is None:
        return None
    operator = words.operators.get(tokens[behind].text)
    if operator == "of" and (percent or first < 1):
        return first * second / (100 if percent else 1)
    return None if percent else _worked_out(operator, first, second)


def _worked_out(operator: str | None, first: Fraction, second: Fraction) -> Fraction | None:
    if operator == "+":
        return first + second
    if operator == "-":
        return first - second
    if operator == "*":
        return first * second
    return first / second if operator == "/" and second else None
