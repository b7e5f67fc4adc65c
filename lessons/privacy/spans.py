"""Spans of a text, and the text without what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MASK = "***"
"""What stands for a masked word: as long whatever was said, so that its length tells nothing."""

Span = tuple[int, int]
"""Beginning and end of a part of a text, in characters."""

_WORD = re.compile(r"\S+")


def masked_text(text: str, spans: Iterable[Span]) -> str:
    """Return the text with each word, or part of one, that lies in a span as `***`.

    White space stays, so the text has as many words as before and times of words still fit.
    """
    pieces, done = [], 0
    for begin, end in merged(spans):
        pieces.append(text[done:begin])
        pieces.append(_WORD.sub(MASK, text[begin:end]))
        done = end
    return "".join([*pieces, text[done:]])


def behind_masks(text: str, spans: Iterable[Span]) -> list[str]:
    """Return what stands behind each `***` of the masked text, in order."""
    hidden, done = [], 0
    for begin, end in merged(spans):
        # Whoever has typed `***` meant just that.
        hidden += [MASK] * text[done:begin].count(MASK) + _WORD.findall(text[begin:end])
        done = end
    return hidden + [MASK] * text[done:].count(MASK)


def masked_parts(parts: Sequence[str], spans: Iterable[Span]) -> list[str]:
    """Return the parts of a text, masked.

    Args:
        spans: in the text that the parts make when they are joined by a space.
    """
    wanted, masked, begin = merged(spans), [], 0
    for part in parts:
        end = begin + len(part)
        inner = [(max(a, begin) - begin, min(b, end) - begin) for a, b in wanted]
        masked.append(masked_text(part, [(a, b) for a, b in inner if a < b]))
        begin = end + 1
    return masked


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that overlap or touch as one."""
    whole: list[Span] = []
    for begin, end in sorted(spans):
        if whole and begin <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((begin, end))
    return whole
