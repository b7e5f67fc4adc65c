"""A claim taken apart: whom it names, what it quotes, what it says of them, and its own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from features.languages.language_words import LanguageWords
from features.reading.parts import Person
from lessons.summary import named, quotes_in, text_beyond_quotes
from lessons.summary.claims import mentioned_in
from models.summaries.interface import DraftClaim
from models.summaries.record import LessonRecord
from models.summaries.tokens import Token, content_of, telling_of, tokens_of

SOMEBODY = "they"
"""In a mention's place: a name may have a number or a verb in it, which nobody meant to say."""

_ASK = "ask"
_EXPLAIN = ("explain", "conclud", "reason")


@dataclass(frozen=True, slots=True)
class ReadClaim:
    """A claim's parts.

    Attributes:
        named: ids of the people whom it names, in order; several of one name all count.
        strangers: names in it that nobody in the lesson has.
        role: `tutor` or `learner` where it says that word and names nobody.
        quotes: what it has between quotation marks.
        telling: its tokens outside of quotes that are no mere grammar.
        content: its tokens outside of quotes and names that carry meaning.
        numbers: those among them that are numbers.
        asks: whether it says that somebody asked.
        explains: whether it says that somebody explained.
        rightly: whether it says that something was right.
        wrongly: whether it says that something was wrong.
    """

    claim: DraftClaim
    named: Sequence[str]
    strangers: Sequence[str]
    role: str | None
    quotes: Sequence[str]
    telling: Sequence[Token]
    content: Sequence[Token]
    numbers: Sequence[Token]
    asks: bool
    explains: bool
    rightly: bool
    wrongly: bool

    @property
    def agent(self) -> str | None:
        """Who it says did it: its subject, else the first whom it names."""
        return self.claim.subject or (self.named[0] if self.named else None)


def read_claim(claim: DraftClaim, record: LessonRecord, words: LanguageWords) -> ReadClaim:
    """Take a claim apart."""
    mentioned = _mentioned(claim.text)
    text = named(claim.text, dict.fromkeys(mentioned, SOMEBODY))
    outside = text_beyond_quotes(text)
    tokens = tokens_of(outside, words)
    by_name = _names(record.people.values(), words)
    content = [token for token in content_of(tokens, words) if token.text not in by_name]
    stems = {token.key for token in tokens}
    people = mentioned or [who for token in tokens for who in by_name.get(token.text, ())]
    return ReadClaim(
        claim=claim,
        named=list(dict.fromkeys(people)),
        strangers=_strangers(tokens, by_name, words),
        role=_role(tokens, words),
        quotes=quotes_in(text),
        telling=[one for one in telling_of(tokens, words) if one.text not in by_name],
        content=content,
        numbers=[token for token in content if token.number is not None],
        asks=words.stem(_ASK) in stems,
        explains=any(word in stems for word in _EXPLAIN),
        rightly=words.cues["correctness"].found_in(outside),
        wrongly=words.cues["incorrectness"].found_in(outside),
    )


def _mentioned(text: str) -> list[str]:
    """Return the ids that a text mentions, in its order."""
    return sorted(mentioned_in(text), key=text.index)


def _names(people: Iterable[Person], words: LanguageWords) -> dict[str, list[str]]:
    """Return whose name each word is; only words with which nothing else could be meant."""
    found: dict[str, list[str]] = {}
    for person in people:
        for part in tokens_of(person.name, words):
            if part.number is None:
                found.setdefault(part.text, []).append(person.participant_id)
    return found


def _strangers(
    tokens: Sequence[Token], by_name: dict[str, list[str]], words: LanguageWords
) -> list[str]:
    """Return what looks like a name and is nobody's: a capital before a verb of telling."""
    return [
        token.text
        for token, following in zip(tokens, [*tokens[1:], None], strict=False)
        if (token.capital or token.opens)
        and token.text not in by_name
        and following is not None
        and following.text in words.reporting
        and words.is_content(token.text)
        and token.key not in words.frame
        and token.number is None
    ]


def _role(tokens: Sequence[Token], words: LanguageWords) -> str | None:
    for token in tokens:
        for role, names in words.role_words.items():
            if token.text in names:
                return role
    return None
