"""Words of an utterance: all with their pairs for the network, the telling ones for titles."""

from __future__ import annotations

import re
from itertools import pairwise

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[?]")
_TELLING = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?")
_LONGEST = 40
"""Words that are read of one utterance."""

_STOP_TEXT = """
a about above actually after again all also am an and another any anybody anyone are as ask
at be because been before being both but by can cause come could did do does doing done down
each else even every everybody everyone everything few find first for from get gets getting
give go goes going gonna good got great guess had has have having he hello help her here hey
hi him his how i if in into is it its just kind know last let lets like little ll look
looking lot m make makes many maybe me mean more most much my need next nice no not now of
off oh ok okay on one ones only or other our out over own perfect please pretty put question
questions re really right s said same say says see she should show so some somebody someone
something sort still stuff such sure t take than thank thanks that the their them then there
these they thing things think this those though through time to too try trying two um up us
use ve very want wants was way we well were what when where which while who why will with
work would yeah yep yes you your
"""

STOP_WORDS = frozenset(_STOP_TEXT.split())
"""Words that tell nothing of what a segment is about."""


def tokens(text: str) -> list[str]:
    """Return words in small letters and pairs of neighbours; of a number only its length."""
    words = ["<s>", *_WORD.findall(text.lower())][: _LONGEST + 1]
    words = [f"#{len(word)}" if word.isdigit() else word for word in words]
    return words + [f"{one} {other}" for one, other in pairwise(words)]


def content_words(text: str) -> list[str]:
    """Return telling words and numbers in small letters, in their order; "1,200" is "1200"."""
    found = _TELLING.findall(text.lower().replace(",", ""))
    return [word for word in found if word not in STOP_WORDS]
