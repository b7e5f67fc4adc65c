"""One caption as its readers see it grow: since when each word stands, and what was taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

_MARKS = re.compile(r"^\W+|\W+$")


def plain(word: str) -> str:
    """Return a word without capitals and the marks around it: a change of those is no change."""
    return _MARKS.sub("", word).casefold() or word


class WordsOnShow:
    """The words of one caption that are on the screen.

    A word counts from when it last came to stand in its place with all words before it as they
    stayed: what is shown and taken back again does not count as shown.
    """

    def __init__(self) -> None:
        self._words: list[str] = []
        self._since_ms: list[float] = []
        self._taken_back: list[tuple[str, float]] = []

    @property
    def since_ms(self) -> Sequence[float]:
        """Since when each word stands."""
        return self._since_ms

    def show(self, words: Iterable[str], at_ms: float) -> int:
        """Take the caption's next revision; return how many words it takes back.

        Those are what normalised erasure counts: all words after the first one that changed.
        Source: Arivazhagan et al. 2020 (arXiv 1912.03393), after Niehues et al. 2018.
        """
        shown = [plain(word) for word in words]
        pairs = zip(self._words, shown, strict=False)
        stayed = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        erased = len(self._words) - stayed
        self._taken_back = list(zip(self._words, self._since_ms, strict=True))[stayed:]
        self._since_ms = self._since_ms[:stayed] + [at_ms] * (len(shown) - stayed)
        self._words = shown
        return erased

    def go_on_from(self, before: WordsOnShow, words: Iterable[str]) -> int:
        """Take over what the caption before gave up, if this one begins with it; return how many.

        A long sentence is parted while it is spoken: its last words go to a caption of their own,
        and for whoever reads they stand where they stood.
        """
        pairs = zip(before._taken_back, map(plain, words), strict=False)
        moved = [gone for gone, _ in takewhile(lambda pair: pair[0][0] == pair[1], pairs)]
        self._words = [word for word, _ in moved]
        self._since_ms = [since_ms for _, since_ms in moved]
        return len(moved)
