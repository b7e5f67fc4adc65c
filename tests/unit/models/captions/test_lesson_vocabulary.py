"""How a lesson's own terms are taken apart and pronounced."""

from __future__ import annotations

import pytest

from models.captions.lesson_vocabulary import LessonEntry, Pronouncer, lesson_entries

DICTIONARY = {
    "map": "M AE P",
    "contour": "K AA N T UH R",
    "the": "DH AH",
    "read": "R IY D",
    "read(2)": "R EH D",
    "d.": "D IY",
    "n.": "EH N",
    "a.": "EY",
}


def by_letters(word: str, most: int) -> list[str]:
    return [f"{word} {number}" for number in range(most)] if word.isascii() else []


PRONOUNCER = Pronouncer(DICTIONARY.get, by_letters)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("map", ["M AE P"]),
        ("Read", ["R IY D", "R EH D"]),
        ("DNA", ["D IY EH N EY"]),
        ("dna", ["dna 0", "dna 1"]),
        ("DNX", []),
        ("zyzzyva", ["zyzzyva 0", "zyzzyva 1"]),
        ("Šárka", []),
    ],
)
def test_pronunciations_come_from_the_dictionary_and_else_from_the_letters(
    word: str, expected: list[str]
) -> None:
    assert PRONOUNCER.pronounce(word) == expected


def entries(*terms: str) -> list[LessonEntry]:
    return lesson_entries(terms, PRONOUNCER, {"the", "map"}.__contains__)


def test_a_phrase_is_listened_for_as_a_whole_and_by_those_of_its_words_that_are_rare() -> None:
    assert [entry.words for entry in entries("the contour map", "Map", "MAP", "3/4", "")] == [
        ("the", "contour", "map"),
        ("contour",),
        ("Map",),
    ]


def test_a_phrase_has_the_phones_of_each_of_its_words_in_a_few_ways() -> None:
    phrase, *_ = entries("read the map")
    assert phrase.pronunciations == (
        ("R IY D", "DH AH", "M AE P"),
        ("R EH D", "DH AH", "M AE P"),
    )


def test_a_sentence_is_no_phrase_and_what_cannot_be_said_is_left_out() -> None:
    assert [entry.words for entry in entries("read the contour map again", "Šárka map")] == [
        ("read",),
        ("contour",),
        ("again",),
    ]


def test_apostrophes_of_any_kind_stay_in_a_word() -> None:
    assert [entry.words for entry in entries("don’t")] == [("don't",)]
