"""Words that no dictionary lists are pronounced by their letters."""

from __future__ import annotations

import pytest

from models.captions.letter_to_phone import LONGEST_WORD, shipped_letter_to_phone


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("subtopic", "S AH B T AA P IH K"),
        ("telophase", "T EH L AH F EY Z"),
        ("Knightsbridge", "N AY T S B R IH JH"),
    ],
)
def test_english_is_read_as_english(word: str, phones: str) -> None:
    assert phones in shipped_letter_to_phone().pronounce(word, 2)


def test_there_are_as_many_ways_as_are_asked_for_all_different() -> None:
    ways = shipped_letter_to_phone().pronounce("hypotenuse", 3)
    assert len(set(ways)) == 3
    assert shipped_letter_to_phone().pronounce("hypotenuse") == ways[:1]


@pytest.mark.parametrize("word", ["", "3", "naïve", "two words", "a" * (LONGEST_WORD + 1)])
def test_what_is_no_english_word_is_not_pronounced(word: str) -> None:
    assert shipped_letter_to_phone().pronounce(word) == []
