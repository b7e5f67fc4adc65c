"""Which words of a growing utterance may be shown as stable: the arithmetic all policies share.

Local agreement: a word of a partial caption is stable once two hypotheses in a row agree on it and
on every word before it (LocalAgreement-2: Macháček, Dabre and Bojar 2023, arXiv 2307.14743).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from models.captions.interface import Word


@dataclass(frozen=True, slots=True)
class Agreement:
    """An utterance as it may be shown: `stable` words only ever grow, `unstable` ones may change.

    Word times are those of the hypotheses, on whatever clock the caller gave them.
    """

    stable: tuple[Word, ...]
    unstable: tuple[Word, ...]

    @property
    def stable_text(self) -> str:
        """The stable words joined by spaces."""
        return " ".join(word.text for word in self.stable)

    @property
    def unstable_text(self) -> str:
        """The unstable words joined by spaces."""
        return " ".join(word.text for word in self.unstable)

    def parted(self, count: int) -> tuple[Agreement, Agreement]:
        """Return the first `count` words and the rest, each word as stable as it was."""
        before, behind = max(0, count - len(self.stable)), min(count, len(self.stable))
        return (
            Agreement(self.stable[:behind], self.unstable[:before]),
            Agreement(self.stable[behind:], self.unstable[before:]),
        )


class LocalAgreement:
    """The words of one utterance, from hypotheses of its growing window.

    Make one for each utterance. Every hypothesis covers the utterance from its first word.
    """

    def __init__(self) -> None:
        self._stable: tuple[Word, ...] = ()
        self._previous: tuple[Word, ...] = ()

    def update(self, words: Sequence[Word], window_end_ms: float) -> Agreement:  # noqa: ARG002
        """Take the newest hypothesis of the whole utterance so far; return what to show.

        A hypothesis that contradicts the stable words leaves them as they are, and goes on after
        them: text that has been shown as stable is withdrawn only by the final caption. Where the
        window ends is of no matter here.
        """
        current = tuple(words)
        before, now = words_after(self._stable, self._previous), words_after(self._stable, current)
        agreed = agreeing_length(before, now)
        self._stable += now[:agreed]
        self._previous = current
        return Agreement(self._stable, now[agreed:])


def words_after(stable: tuple[Word, ...], words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return the words that follow the stable ones: by count where they agree, else by time."""
    count = len(stable)
    if agreeing_length(stable, words) == count:
        return words[count:]
    end_ms = stable[-1].end_ms
    return tuple(word for word in words if word.start_ms + word.end_ms >= 2 * end_ms)


def agreeing_length(left: Sequence[Word], right: Sequence[Word]) -> int:
    """Return how many words from the start are the same but for case and punctuation."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if comparable(one.text) != comparable(other.text):
            break
        count += 1
    return count


def comparable(text: str) -> str:
    """Return the text without case and punctuation; of punctuation alone, the text itself."""
    letters = "".join(
        character
        for character in unicodedata.normalize("NFKC", text).casefold()
        if not unicodedata.category(character).startswith("P")
    )
    return letters or text
