"""Which words of a lesson are worth quoting, and which were not heard well enough for it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from features.languages.asking import may_ask
from features.languages.language_words import LanguageWords
from features.reading.parts import Utterance
from lessons.vocabulary.ordinary import is_ordinary
from models.reading.lesson_reading import LessonReading
from models.summaries.hearing import clarity, words_heard
from models.summaries.tokens import Token, content_of, sentences_in, tokens_of

LEAST_CONFIDENCE = 0.7
"""Mean confidence of a caption's words from which it is quoted: below, a word of three is wrong."""

LEAST_KNOWN = 0.5
"""Share of a sentence's words that are common in its language; less, and it is in another one."""

LEAST_WORDS = 4
LEAST_CONTENT = 2


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the lesson that was heard well enough to quote.

    Attributes:
        clarity: probability that every word of it was said; 1 where nothing is known of the words.
    """

    utterance: Utterance
    text: str
    content: tuple[Token, ...]
    asks: bool
    clarity: float = 1.0

    def has(self, kind: str, words: LanguageWords) -> bool:
        """Tell whether a cue is in it."""
        return words.cues[kind].found_in(self.text)


def sentences_of(reading: LessonReading, words: LanguageWords) -> list[Sentence]:
    """Return the sentences of a lesson that can be quoted, in time."""
    return [
        sentence
        for utterance in reading.utterances
        if is_heard(utterance, words)
        for sentence in _sentences(utterance, words)
    ]


def is_heard(utterance: Utterance, words: LanguageWords) -> bool:
    """Tell whether a caption is in the language and its words are more than guesses."""
    sure = utterance.confidence is None or utterance.confidence >= LEAST_CONFIDENCE
    return sure and utterance.language.split("-")[0] == words.language


def most_telling(
    sentences: Sequence[Sentence], others: Counter[str], number: int
) -> list[Sentence]:
    """Return the sentences that say most of what a stretch was about, in time, one per caption.

    By the weight of their words: frequent in the stretch, rare in the lesson (tf-idf), and by how
    surely they were heard.

    Args:
        others: in how many stretches of the lesson each stem is.
    """
    within = Counter(token.key for sentence in sentences for token in sentence.content)

    def weight(sentence: Sentence) -> float:
        stems = {token.key for token in sentence.content}
        total = sum(within[stem] / (1 + math.log(max(1, others[stem]))) for stem in stems)
        return total / math.sqrt(len(stems)) * (0.5 if sentence.asks else 1.0) * sentence.clarity

    best: dict[str, Sentence] = {}
    for sentence in sorted(sentences, key=weight, reverse=True):
        best.setdefault(sentence.utterance.caption_id, sentence)
    chosen = list(best.values())[:number]
    return sorted(chosen, key=lambda sentence: sentence.utterance.start_ms)


def stretches_with(stretches: Iterable[Sequence[Sentence]]) -> Counter[str]:
    """Count in how many stretches each stem is."""
    return Counter(
        stem
        for stretch in stretches
        for stem in {token.key for sentence in stretch for token in sentence.content}
    )


def _sentences(utterance: Utterance, words: LanguageWords) -> Iterator[Sentence]:
    for text in sentences_in(utterance.text):
        tokens = tokens_of(text, words)
        content = tuple(content_of(tokens, words))
        if len(tokens) >= LEAST_WORDS and len(content) >= LEAST_CONTENT and _known(tokens, words):
            heard = words_heard(text, utterance.text, utterance.confidences)
            yield Sentence(utterance, text, content, may_ask(text, words), clarity(heard))


def _known(tokens: Sequence[Token], words: LanguageWords) -> bool:
    known = sum(
        token.number is not None or is_ordinary(token.text, words.language) for token in tokens
    )
    return known >= LEAST_KNOWN * len(tokens)
