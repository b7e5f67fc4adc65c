"""What goes into a translation model at once, and what comes out of it when it loses its way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.captions.interface import Word
from models.captions.repetitions import cut_loops

LONGEST_CHARACTERS = 300
"""A longer sentence is cut between words: models are trained on sentences, not on paragraphs."""

MOST_TIMES_LONGER = 6
"""How many times the characters of its original a translation may have; Chinese into English takes
four to five."""

MARGIN_CHARACTERS = 60
"""What a translation of a word or two may have beside that."""

# A sentence ends at its mark, before white space or, where a language writes none, at once.
_SENTENCE = re.compile(r"[^.!?…。！？]+(?:[.!?…]+(?=\s|$)|[。！？]+|[.!?…]+|$)|[.!?…。！？]+")
_LOOP_WITHOUT_SPACES = re.compile(r"(\S{1,12}?)\1{7,}")


def sentences_of(text: str) -> list[str]:
    """Split a text into sentences of at most `LONGEST_CHARACTERS`; none of a text without words."""
    return [
        piece
        for sentence in _joined(_SENTENCE.findall(" ".join(text.split())))
        for piece in _pieces(sentence)
    ]


def sound(translation: str, original: str) -> str:
    """Return a sentence's translation without loops, or the empty text where it is none.

    The same word or phrase more than three times in a row is a loop, of which the first is kept.
    """
    words = [Word(word, 0, 0, 1.0) for word in translation.split()]
    kept = " ".join(word.text for word in cut_loops(words))
    kept = _LOOP_WITHOUT_SPACES.sub(r"\1", kept)
    runaway = len(kept) > MOST_TIMES_LONGER * len(original) + MARGIN_CHARACTERS
    return "" if runaway else kept


def _joined(matches: list[str]) -> Iterator[str]:
    """Put together what a mark inside of a word has split, as in `3.5` or `e.g.`."""
    sentence = ""
    for part in matches:
        if sentence and not part[:1].isspace() and sentence[-1] not in "。！？":
            sentence += part
            continue
        if sentence.strip():
            yield sentence.strip()
        sentence = part
    if sentence.strip():
        yield sentence.strip()


def _pieces(sentence: str) -> Iterator[str]:
    piece = ""
    for word in sentence.split():
        for start in range(0, len(word), LONGEST_CHARACTERS):
            part = word[start : start + LONGEST_CHARACTERS]
            if piece and len(piece) + 1 + len(part) > LONGEST_CHARACTERS:
                yield piece
                piece = ""
            piece = f"{piece} {part}" if piece else part
    if piece:
        yield piece
