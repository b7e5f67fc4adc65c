"""What may not get into a recap: other learners, what models computed, and comparisons."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lessons.summary import text_beyond_quotes
from lessons.summary.claims import mentioned_in

SHORTEST_NAME = 2
"""Letters; a shorter part of a name, such as an initial, would be found everywhere."""

_MEASURE = re.compile(
    r"""
      \d+(?:[.,]\d+)?\s*(?:%|per\s?cent|percent\b)       # shares
    | \b\d+\s*(?:of|out\s+of|from)\s+(?:the\s+)?\d+\b    # counts of answers
    | (?<![\d/])\d*[.]\d+                                # decimals, as confidences are written
    | \b\d+\s*(?:ms|milliseconds?|s|secs?|seconds?|mins?|minutes?)\b
    | \b(?:confidence|similarity|probabilit\w*|likelihood|scores?|mastery|threshold|percentiles?)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)

_COMPARISON = re.compile(
    r"""
      \b(?:than|unlike|compared\s+(?:to|with))\s+(?:the\s+|all\s+)*
        (?:others?|rest|class|group|everybody|everyone|anybody|classmates?|peers|average)\b
    | \b(?:average|rank(?:ed|s|ing)?|fastest|slowest|weakest|strongest|best|worst|top|bottom)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)

_PART = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+")


class Others:
    """The other learners of a lesson, none of whom a child's recap may name.

    Args:
        participant_ids: their ids.
        names: what they are called.
        match_case: whether a word has to be written as the name is, so that whoever writes `will`
            in a sentence has not named Will.
    """

    def __init__(
        self, participant_ids: Iterable[str], names: Iterable[str], *, match_case: bool = False
    ) -> None:
        self._ids = frozenset(participant_ids)
        words = {form for name in names for form in _forms(name)}
        found = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        flags = re.NOFLAG if match_case else re.IGNORECASE
        self._names = re.compile(rf"(?<!\w)(?:{found})(?!\w)", flags) if found else None

    def are_in(self, text: str) -> bool:
        """Tell whether a text mentions one of them, by id or by a part of a name.

        A word that is somebody's name as well, as `will`, counts as the name: a line too few does
        no harm.
        """
        if not self._ids.isdisjoint(mentioned_in(text)):
            return True
        return self._names is not None and self._names.search(text) is not None


def tells_of_a_measure(text: str) -> bool:
    """Tell whether a text has a number of a model or a count; what it quotes was said aloud."""
    return _MEASURE.search(text_beyond_quotes(text)) is not None


def compares(text: str) -> bool:
    """Tell whether a text puts somebody beside others; what it quotes was said aloud."""
    return _COMPARISON.search(text_beyond_quotes(text)) is not None


def _forms(name: str) -> set[str]:
    """Return a name and those parts of it that are long enough to be found."""
    parts = {part for part in _PART.findall(name) if len(part) >= SHORTEST_NAME}
    return {name.strip(), *parts} - {""}
