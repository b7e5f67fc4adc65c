"""Finds swear words: whole words only, from the lists of glin-profanity and a tenant's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from glin_profanity.data.dictionary import dictionary
from glin_profanity.types.types import Language

from lessons.privacy.spans import Span

LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        "cs": "czech",
        "da": "danish",
        "de": "german",
        "en": "english",
        "eo": "esperanto",
        "es": "spanish",
        "fi": "finnish",
        "fr": "french",
        "hu": "hungarian",
        "it": "italian",
        "nl": "dutch",
        "no": "norwegian",
        "pl": "polish",
        "pt": "portuguese",
        "ru": "russian",
        "sv": "swedish",
        "tr": "turkish",
    }
)
"""The package's lists by ISO 639-1 code. Languages that are written without spaces between words
are left out: only whole words are masked."""

OF_LESSONS = frozenset(
    """
    anal|anus|rectum|fecal|penis|vagina|vulva|clitoris|semen|ejaculation|genitals|nipple|nipples
    pubes|masturbate|orgasm|intercourse|sex|sexo|sexy|incest|rape|raping|rapist|date rape|daterape
    pedophile|paedophile|neonazi|neo nazi|swastika|sadism|domination|eunuch|erotic|erotism
    homoerotic|nude|nudity|topless|undressing|pornography|lovemaking|grope|voyeur|escort|hardcore
    suck|sucks|snatch|spunk|butt|bs|xx|hoe|cock|cocks|dick|tit|bareback|bastinado|bondage|fingering
    hooker|lolita|negro|negros|negra|octopussy|playboy|scat|scissoring|shrimping|skeet|snowballing
    swinger|tainted love|humping|pegging|santorum|guro|vibrator|poof|panties|panty|figging
    big black|huge fat|girl on|girl on top|taste my|tongue in a|tight white|spread legs
    wrapping men|how to kill|how to murder|white power|jelly donut|hot chick|testbad01|blue waffle
    cum|deep throat|tied up|strap on|hard core|barely legal|barenaked|make me come|simp|twinkie
    girls gone wild|orgy|sodomy|gay sex|wet dream|ecchi|auto erotic|autoerotic
    """.replace("\n", "|").split("|")
)
"""What the English list has and lessons need: biology, history, literature, music, names, animals.
A tenant that wants one of them masked puts it among its own words."""

FORMS_OF_ENGLISH = frozenset(
    """
    fucks|fucked|fuckers|motherfuckers|motherfucking|shits|shitting|bullshitting|bullshitter
    arseholes|assholes|bastards|bitching|cunts|twats|wanker|wankers|wanking|sluts|whore|whores
    niggers|niggas|faggots|retards|tossers|dickhead|dickheads
    """.replace("\n", "|").split("|")
)
"""Forms that the English list lacks. They are written out, for rules that make them would find
`spiced` in `spic`."""

_TOKEN = re.compile(r"[^\W_]+")
_BETWEEN = re.compile(r"[\s'’-]*")
_ENTRY = re.compile(r"[^\W_]+(?:[\s'’-]+[^\W_]+)*")

Phrase = tuple[str, ...]
"""The words of a list's entry, casefolded."""


class ProfanityFinder:
    """Finds the swear words of a language, and a tenant's own in every language.

    Args:
        own_words: words and phrases beside those of the lists.
    """

    def __init__(self, own_words: Iterable[str] = ()) -> None:
        self._own = frozenset(map(phrase_of, own_words)) - {()}

    def spans(self, text: str, language: str) -> list[Span]:
        """Return where swear words stand in a text, each entry as long as it goes.

        Args:
            language: ISO 639-1 code of the text; of others only the tenant's own words are found.
        """
        phrases = words_of(language) | self._own
        tokens = list(_TOKEN.finditer(text))
        words = [token[0].casefold() for token in tokens]
        together = [
            _BETWEEN.fullmatch(text, one.end(), other.start()) is not None
            for one, other in pairwise(tokens)
        ]
        longest = max(map(len, phrases), default=0)
        spans: list[Span] = []
        for first in range(len(tokens)):
            for last in range(min(first + longest, len(tokens)) - 1, first - 1, -1):
                if all(together[first:last]) and tuple(words[first : last + 1]) in phrases:
                    spans.append((tokens[first].start(), tokens[last].end()))
                    break
        return spans


@cache
def words_of(language: str) -> frozenset[Phrase]:
    """Return the entries of a language's list, without those that lessons need."""
    name = LANGUAGES.get(language)
    if name is None:
        return frozenset()
    entries = {entry for entry in dictionary.get_words(name) if _ENTRY.fullmatch(entry)}
    if language == "en":
        entries |= FORMS_OF_ENGLISH
    spared = {phrase_of(entry.strip()) for entry in OF_LESSONS}
    return frozenset(map(phrase_of, entries)) - spared - {()}


def phrase_of(entry: str) -> Phrase:
    """Return an entry as it is compared."""
    return tuple(word.casefold() for word in _TOKEN.findall(entry))
