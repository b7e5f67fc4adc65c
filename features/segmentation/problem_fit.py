"""How well utterances fit the problems of a worksheet: by their words, and by a number said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.segmentation.spoken import Array, Spoken
from features.segmentation.tokens import content_words

_NUMBER = re.compile(
    r"(?<![\d.,/])\b([1-9]\d?)\b(?![.,/%]?\d)"
    r"(?! ?(?:[-+]|x\b|times|minutes|percent|over|plus|minus|divided|degrees|equals))"
)
_NAMED = re.compile(r"(?:question|number|problem|#)\W*(?:number\W*)?$", re.IGNORECASE)
_SHORT_WORDS = 4
_WEAK = 0.4
"""What a number counts in the middle of other words."""

_NEAR = {-2: 0.5, -1: 0.8, 0: 1.0, 1: 1.0, 2: 0.8, 3: 0.6, 4: 0.4}
"""What a number counts by how many rows after a problem's first one it is said."""

_MIXED = 0.5
_SHORTEST_TEXT = 20
_MOST_OF_A_WORD = 5.0


@dataclass(frozen=True, slots=True)
class WorksheetProblem:
    """A problem that a lesson may be about.

    Attributes:
        text: as it stands on the worksheet; recognised print will do.
        numbers: what people may call it by, none if it has no number.
    """

    problem_id: str
    text: str
    numbers: frozenset[int] = frozenset()


class ProblemFit:
    """Compares utterances with the problems of one worksheet.

    A word speaks for a problem by the logarithm of how much likelier it is in a mixture of the
    problem's words and everybody's than in everybody's alone.

    Args:
        problems: in the order of the worksheet.
        common: how often a content word is said in a million of them; rarer ones are left out.
    """

    def __init__(self, problems: Sequence[WorksheetProblem], common: Mapping[str, float]) -> None:
        self.problems = tuple(problems)
        self._words = _weights(problems, common)

    def words(self, spoken: Sequence[Spoken]) -> Array:
        """Return how much the words of utterances speak for problems, (utterances, problems)."""
        nothing = np.zeros(len(self.problems), np.float32)
        rows = [
            sum((self._words.get(word, nothing) for word in set(content_words(each.text))), nothing)
            for each in spoken
        ]
        return np.stack(rows) if rows else nothing[np.newaxis][:0]

    def numbers(self, spoken: Sequence[Spoken]) -> Array:
        """Return how surely a number is said at each row that names a problem which begins there.

        Rows shortly before and after count as well. Shape (utterances, problems), 0 to 1.
        """
        said = np.zeros((len(spoken), len(self.problems)), np.float32)
        for row, each in enumerate(spoken):
            for number, weight in _numbers_in(each.text).items():
                for place, problem in enumerate(self.problems):
                    if number in problem.numbers:
                        said[row, place] = max(said[row, place], weight)
        near = np.zeros_like(said)
        for after, weight in _NEAR.items():
            shifted = np.zeros_like(said)
            first, last = max(0, -after), min(len(said), len(said) - after)
            if first < last:
                shifted[first:last] = said[first + after : last + after]
            near = np.maximum(near, np.float32(weight) * shifted)
        return near


def _weights(
    problems: Sequence[WorksheetProblem], common: Mapping[str, float]
) -> Mapping[str, Array]:
    counted = [Counter(content_words(problem.text)) for problem in problems]
    lengths = [max(sum(min(n, 2) for n in words.values()), _SHORTEST_TEXT) for words in counted]
    weights = {}
    for word in sorted(set().union(*counted)):
        everybody = (common.get(word, 0.0) + 1.0) / 1e6
        share = np.array(
            [min(words[word], 2) / n for words, n in zip(counted, lengths, strict=True)]
        )
        likelier = np.log1p(_MIXED * share / ((1 - _MIXED) * everybody))
        weights[word] = np.minimum(likelier, _MOST_OF_A_WORD).astype(np.float32)
    return weights


def _numbers_in(text: str) -> Mapping[int, float]:
    """Return numbers that may name a problem, with how surely they do."""
    found: dict[int, float] = {}
    short = len(text.split()) <= _SHORT_WORDS
    for match in _NUMBER.finditer(text):
        named = short or _NAMED.search(text[: match.start()]) is not None
        number = int(match.group(1))
        found[number] = max(found.get(number, 0.0), 1.0 if named else _WEAK)
    return found
