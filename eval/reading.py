"""What a reader of captions saw, and how long they waited for it.

A reader sees a text grow and change. A word counts as seen when the whole text on the screen,
laid beside the words that were said by then, first has it in its place; a sentence is final when
every word of it that ever comes stands in text that will not change any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from eval.scoring import plain_words
from eval.timed_speech import SpeechStream

SPOKEN_BY_S = 0.3
"""A word may be seen so long before its measured end: ends are known within some 200 ms."""
ENOUGH_OF_SENTENCE = 0.5
"""Share of a sentence's words that must ever be final; with fewer the sentence was lost."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A screen at a moment.

    Attributes:
        at_s: seconds since the first sample was spoken.
        final: text that will not change any more.
        shown: all text on the screen, that one included.
    """

    at_s: float
    final: str
    shown: str


@dataclass(slots=True)
class Waiting:
    """How long readers waited, in seconds; add readings to it.

    Attributes:
        words_s: from a word's end to the screen, of the words that came.
        finals_s: from a sentence's end to its last final word, of the sentences that came.
        words_missing, sentences_missing: those that never came, or came as something else.
    """

    words_s: list[float] = field(default_factory=list)
    finals_s: list[float] = field(default_factory=list)
    words_missing: int = 0
    sentences_missing: int = 0

    def add(self, stream: SpeechStream, sights: Sequence[Sight]) -> None:
        """Take what the reader of one stream saw."""
        seen = _first_seen(stream, [(sight.at_s, sight.shown) for sight in sights])
        final = _first_seen(stream, [(sight.at_s, sight.final) for sight in sights])
        for place, word in enumerate(stream.words):
            if place in seen:
                self.words_s.append(max(0.0, seen[place] - word.end_s))
            else:
                self.words_missing += 1
        begin = 0
        for end in stream.sentences:
            came = [final[place] for place in range(begin, end + 1) if place in final]
            if len(came) >= ENOUGH_OF_SENTENCE * (end + 1 - begin):
                self.finals_s.append(max(0.0, max(came) - stream.words[end].end_s))
            else:
                self.sentences_missing += 1
            begin = end + 1


def _first_seen(stream: SpeechStream, texts: Sequence[tuple[float, str]]) -> dict[int, float]:
    """Return when each word of a stream was first in a text, by its place."""
    seen: dict[int, float] = {}
    said = [word.text for word in stream.words]
    before = ""
    for at_s, text in texts:
        if text == before:
            continue
        before = text
        spoken = sum(word.end_s <= at_s + SPOKEN_BY_S for word in stream.words)
        for block in Levenshtein.opcodes(said[:spoken], plain_words(text)):
            if block.tag == "equal":
                for place in range(block.src_start, block.src_end):
                    seen.setdefault(place, at_s)
    return seen
