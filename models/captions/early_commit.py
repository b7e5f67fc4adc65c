"""Where a long sentence may be cut while it is still spoken: between two settled words.

Without it somebody who does not pause gets windows of up to 12 s, and the whole of each is decoded
after its end. Cut between words, the windows stay short and so does that wait. It does not wait for
hypotheses to agree: only the place between the words has to stay, and far enough from the end of
the audio it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.captions.interface import Word


@dataclass(frozen=True, slots=True)
class Cut:
    """A place between two words.

    Attributes:
        at_ms: the middle of the gap between the words, on their clock.
        words: how many of the utterance's words lie before it.
    """

    at_ms: float
    words: int


@dataclass(frozen=True, slots=True)
class EarlyCommit:
    """When a sentence is long, and how much of it is cut off.

    Attributes:
        long_ms: length of an utterance from which it is cut.
        least_ms: shortest first part: a decoder needs words around a word.
        gap_ms: a gap between words that is preferred to a later one without.
        guard_ms: how far from the end of the audio a word must end to be settled.
    """

    long_ms: float = 8000
    least_ms: float = 5000
    gap_ms: float = 60
    guard_ms: float = 500

    def cut(self, words: Sequence[Word], start_ms: float, end_ms: float) -> Cut | None:
        """Return where to cut an utterance, if at all: in its last gap that can be heard.

        Args:
            words: all that was heard of it, from its first word.
            start_ms, end_ms: its audio so far, on the words' clock.
        """
        if end_ms - start_ms < self.long_ms:
            return None
        places = [
            (following.start_ms - word.end_ms >= self.gap_ms, Cut(_middle(word, following), count))
            for count, (word, following) in enumerate(pairwise(words), start=1)
            if word.end_ms >= start_ms + self.least_ms
            and following.end_ms <= end_ms - self.guard_ms
        ]
        return max(places, key=lambda place: (place[0], place[1].words))[1] if places else None


def _middle(word: Word, following: Word) -> float:
    return (word.end_ms + following.start_ms) / 2
