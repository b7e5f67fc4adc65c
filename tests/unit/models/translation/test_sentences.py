"""Sentences into a model, and what is cut of what comes out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.translation.sentences import LONGEST_CHARACTERS, sentences_of, sound


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("three quarters", ["three quarters"]),
        ("Open it. Who knows?  I do!", ["Open it.", "Who knows?", "I do!"]),
        ("It is 3.5 metres, e.g. here.", ["It is 3.5 metres, e.g.", "here."]),
        ("What?! No...", ["What?!", "No..."]),
        ("开始吧。谁知道？我。", ["开始吧。", "谁知道？", "我。"]),
    ],
)
def test_a_text_is_split_at_its_marks(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences


@given(st.text(alphabet="ab .?!。 \n", max_size=900))
def test_no_character_is_lost_and_no_piece_is_too_long(text: str) -> None:
    pieces = sentences_of(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(0 < len(piece) <= LONGEST_CHARACTERS for piece in pieces)


@pytest.mark.parametrize(
    ("translation", "kept"),
    [
        ("la mitad del pastel", "la mitad del pastel"),
        ("no, no, no", "no, no, no"),
        ("sí sí sí sí sí sí", "sí"),
        ("el pan y el pan y el pan y el pan y", "el pan y"),
        ("哈" * 40, "哈"),
        ("palabras " + "abcdefghij" * 20, "palabras abcdefghij"),
    ],
)
def test_loops_are_cut(translation: str, kept: str) -> None:
    assert sound(translation, "half of the cake") == kept


def test_a_translation_much_longer_than_its_original_is_none() -> None:
    babble = " ".join(str(number) for number in range(100))
    assert sound(babble, "half") == ""
    assert sound(babble, "half of the cake " * 5) == babble
