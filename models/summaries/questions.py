"""Questions, in captions with marks and in captions without."""

from __future__ import annotations

from models.summaries.language_words import LanguageWords
from models.summaries.tokens import sentences_in, tokens_of


def asks(text: str, words: LanguageWords) -> bool:
    """Tell whether somebody asks something in a text."""
    if "?" in text:
        return True
    for sentence in sentences_in(text):
        plain = [token.text for token in tokens_of(sentence, words)]
        while plain and plain[0] in words.question_leads:
            plain.pop(0)
        if plain and plain[0] in words.question_openings:
            return True
    return False
