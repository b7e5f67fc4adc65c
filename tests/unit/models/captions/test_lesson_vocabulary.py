"""How a lesson's own words are taken apart and pronounced."""

from __future__ import annotations

import pytest

from models.captions.lesson_vocabulary import lesson_words, pronounce

DICTIONARY = {
    "photo": "F OW T OW",
    "map": "M AE P",
    "read": "R IY D",
    "read(2)": "R EH D",
    "d.": "D IY",
    "n.": "EH N",
    "a.": "EY",
}


def test_phrases_come_apart_into_words_each_once_in_order() -> None:
    terms = ["carbon dioxide", "Sarah", "CARBON", "x2", "don’t", "3/4", "", "co-sine"]
    assert lesson_words(terms) == ["CARBON", "dioxide", "Sarah", "x2", "don't", "co", "sine"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("map", ["M AE P"]),
        ("Read", ["R IY D", "R EH D"]),
        ("photomap", ["F OW T OW M AE P"]),
        ("DNA", ["D IY EH N EY"]),
        ("dna", []),
        ("DNX", []),
        ("zyzzyva", []),
        ("x", []),
    ],
)
def test_pronunciations_come_from_the_dictionary_alone(word: str, expected: list[str]) -> None:
    assert pronounce(word, DICTIONARY.get) == expected
