"""Where a long sentence may be cut while it is still spoken: between two words that are stable.

Without it somebody who does not pause gets windows of up to 12 s, and the whole of each is decoded
after its end. Cut at words that will not change, the windows stay short and so does that wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from models.captions.agreement import Agreement
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
        after_ms: stable speech behind the cut, so that no cut lies where words may still move.
    """

    long_ms: float = 4000
    least_ms: float = 2500
    gap_ms: float = 60
    after_ms: float = 150

    def cut(self, agreement: Agreement, start_ms: float, end_ms: float) -> Cut | None:
        """Return where to cut an utterance that lasts from `start_ms` to `end_ms` so far, if so.

        It is cut in the last gap between stable words that can be heard, else between the last.
        """
        if end_ms - start_ms < self.long_ms or not agreement.stable:
            return None
        latest_ms = agreement.stable[-1].end_ms - self.after_ms
        places = [
            (following.start_ms - word.end_ms >= self.gap_ms, Cut(_middle(word, following), count))
            for count, (word, following) in enumerate(pairwise(agreement.stable), start=1)
            if word.end_ms >= start_ms + self.least_ms and _middle(word, following) <= latest_ms
        ]
        return max(places, key=lambda place: (place[0], place[1].words))[1] if places else None


def _middle(word: Word, following: Word) -> float:
    return (word.end_ms + following.start_ms) / 2
