"""The letter-to-phone model: aligned, fitted, stored and measured on a few words."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.captions.letter_to_phone import LetterToPhone, load_letter_to_phone
from training.joint_ngrams import ngram_tables
from training.letter_alignment import Entry, LetterAligner
from training.train_pronunciations import (
    aligned_units,
    is_held_out,
    joined,
    phone_errors,
    write_weights,
)

ENTRIES = [
    Entry(word, tuple(phones.split()))
    for word, phones in {
        "cat": "K AE T",
        "cats": "K AE T S",
        "chat": "CH AE T",
        "hat": "HH AE T",
        "that": "DH AE T",
        "tack": "T AE K",
        "tax": "T AE K S",
        "sat": "S AE T",
        "sack": "S AE K",
        "hack": "HH AE K",
        "chax": "CH AE K S",
        "thatch": "DH AE CH",
    }.items()
] * 6


def test_every_phone_belongs_to_a_letter_that_could_stand_for_it() -> None:
    aligner = LetterAligner(ENTRIES)
    assert aligner.align(Entry("tax", ("T", "AE", "K", "S"))) == [("T",), ("AE",), ("K", "S")]
    chat = aligner.align(Entry("chat", ("CH", "AE", "T")))
    assert chat is not None
    assert chat[2:] == [("AE",), ("T",)]
    assert aligner.align(Entry("a", ("EY", "B", "IY"))) is None


def test_what_is_stored_pronounces_as_what_was_fitted(tmp_path: Path) -> None:
    units, words = aligned_units(ENTRIES)
    tables = ngram_tables(words, 4)
    fitted = LetterToPhone(units, tables)
    write_weights(tmp_path / "weights.npz", units, tables)
    stored = load_letter_to_phone(tmp_path / "weights.npz")
    for word, phones in {"cats": "K AE T S", "hax": "HH AE K S", "thack": "DH AE K"}.items():
        assert fitted.pronounce(word) == stored.pronounce(word) == [phones]


def test_words_with_the_same_beginning_are_never_on_both_sides() -> None:
    assert is_held_out("fraction") == is_held_out("fractions") == is_held_out("fractional")
    assert len({is_held_out(f"{letter}bcde") for letter in "abcdefghijklmnopqrstuvwxyz"}) == 2


def test_the_nearest_listed_pronunciation_counts() -> None:
    listed = {"read": [("R", "IY", "D"), ("R", "EH", "D")], "cat": [("K", "AE", "T")]}
    errors = phone_errors("x", listed, {"read": ["R EH D"], "cat": ["K AA T S"]})
    assert errors.rate == pytest.approx(2 / 6)
    assert (errors.right, errors.words) == (0.5, 2)
    assert joined("catread", {"cat": "K AE T", "read": "R IY D"}) == ["K AE T R IY D"]
    assert joined("cat", {"cat": "K AE T"}) == []
