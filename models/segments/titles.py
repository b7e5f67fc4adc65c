"""Titles of segments, taken from the worksheet or from what was said: no word is made up.

Phrases are runs of telling words between stop words and punctuation, as in RAKE (Rose et al. 2010,
"Automatic Keyword Extraction from Individual Documents"); the one wins that is said often here and
seldom in other lessons and in the rest of this one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import log

from features.segmentation import Spoken, content_words
from features.segmentation.tokens import STOP_WORDS

LONGEST_TITLE = 80
"""Characters."""

_PHRASE_WORDS = 3
_SAID = 2
"""Utterances that a phrase must be said in; otherwise once might be a slip of the recogniser."""

_COMMON = 3_000.0
"""In a million content words: what is said more often tells nothing."""

_PLAIN_TEXT = """
absolutely actual already alright amount around away awesome based believe best better big bit
break bye call called camera change chat check choice choose clear close confused correct couple
day days decided definitely difference different done easier easy either email end ended
everyone exactly exam example explain far feel feeling figure final following forgot form found
free full gave general gives guess guys half hand hard harder hear heard help hmm hope hour
hours idea important instead interesting job keep kept knew late later least leave less level
link long looks love may maybe mind minute minutes miss missed mistake month morning move moving
mute muted name names never new nobody number numbers obviously okay once open option order part
past people person pick piece place plan plug point practice probably problems process quick
quickly quiz read reading ready real reason remember rid sat saw saying screen second seconds
section seem send sense sent session sessions set share sharing show showed similar simple skip
slide slow solve soon sorry start started step steps stop stuck students support taken taking
talk talking tell test tests third thought today together tomorrow tonight took top totally
trick true turn turns type understand used using usually wait waiting wanted week weekend weeks
welcome whole wonderful word words work worked working works worry worth write writing written
wrong wrote year yesterday
"""

_PLAIN = frozenset(_PLAIN_TEXT.split())
"""Words of running a lesson: they are said in every one, and tell nothing of this part of it."""

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\w\s]|[\d_]\S*")
_APOSTROPHE = re.compile("['’]")
_NEGATED = re.compile("n['’]t$")
_REDACTED = re.compile(r"\[[^\]]*\]")
_STARTS = re.compile(r"[^\W\d_]{2,}")
_SPACE = re.compile(r"\s+")
_SENTENCE_ENDS = frozenset(".?!")


def title_of_problem(text: str) -> str:
    """Return the beginning of a problem's text, cut between words."""
    lines = [line for line in text.splitlines() if len(_STARTS.findall(line)) > 1]
    joined = _SPACE.sub(" ", " ".join(lines)).strip()
    if len(joined) <= LONGEST_TITLE:
        return joined
    return joined[: LONGEST_TITLE - 1].rpartition(" ")[0].rstrip(",;:") + "…"


def title_of_talk(
    spoken: Sequence[Spoken],
    lesson: Mapping[str, int],
    common: Mapping[str, float],
    left_out: Collection[str] = (),
) -> str:
    """Return the most telling phrase of a segment's utterances, or "" where none tells.

    Args:
        lesson: in how many utterances of the whole lesson each content word is said.
        common: how often content words are said in other lessons, in a million.
        left_out: words in small letters that make no title: people's names.
    """
    said, written = Counter[str](), dict[str, str]()
    named = _names(spoken) | {word.lower() for word in left_out}
    for each in spoken:
        for phrase in dict.fromkeys(_phrases(each.text, common, named)):
            said[phrase.lower()] += 1
            written.setdefault(phrase.lower(), phrase)
    often = {phrase: n for phrase, n in said.items() if n >= _SAID}
    if not often:
        return ""
    # Of equals the one that was said first.
    best = max(often, key=lambda phrase: _telling(phrase, often[phrase], lesson, common))
    return written[best][:LONGEST_TITLE]


def said_in(spoken: Sequence[Spoken]) -> Counter[str]:
    """Return in how many utterances each content word is said."""
    said = Counter[str]()
    for each in spoken:
        said.update(set(content_words(each.text)))
    return said


def _telling(
    phrase: str, said: int, lesson: Mapping[str, int], common: Mapping[str, float]
) -> float:
    words = phrase.split()
    rare = sum(log(1e6 / (common.get(word, 0.0) + 10.0)) for word in words) / len(words)
    here = said / max(said, *(lesson.get(word, 0) for word in words))
    return said * rare * (0.5 + here) * (1.0 + 0.5 * (len(words) - 1))


def _phrases(text: str, common: Mapping[str, float], named: Collection[str]) -> Iterator[str]:
    run: list[str] = []
    for word in [*_WORD.findall(_REDACTED.sub(".", text)), "."]:
        small = word.lower()
        stem = _APOSTROPHE.split(small)[0]
        if (
            len(stem) > 2
            and stem[0].isalpha()
            and stem not in STOP_WORDS
            and stem not in _PLAIN
            and not _NEGATED.search(small)
            and small not in named
            and common.get(stem, 0.0) < _COMMON
        ):
            run.append(word)
            continue
        for length in range(1, min(len(run), _PHRASE_WORDS) + 1):
            for start in range(len(run) - length + 1):
                yield " ".join(run[start : start + length])
        run = []


def _names(spoken: Sequence[Spoken]) -> set[str]:
    """Return words that are written with a capital inside sentences and never without one."""
    capital, small = set[str](), set[str]()
    for each in spoken:
        words = _WORD.findall(each.text)
        for before, word in zip([".", *words], words, strict=False):
            if word[0].isupper() and before not in _SENTENCE_ENDS:
                capital.add(word.lower())
            elif word[0].islower():
                small.add(word)
    return capital - small
