"""Which words of a text are terms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.vocabulary.extraction import MOST_WORDS, is_rare, terms_of
from lessons.vocabulary.ordinary import is_ordinary


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Adding unlike fractions", ["adding unlike fractions"]),
        ("The hypotenuse is the longest side.", ["hypotenuse", "longest side"]),
        ("Unlike Denominators", ["unlike denominators"]),
        ("Pythagoras’ theorem; a theorem of Newton", ["pythagoras theorem", "theorem", "Newton"]),
        ("PHOTOSYNTHESIS and DNA", ["photosynthesis", "DNA"]),
        ("What do you think about it?", []),
        ("x2, H2O, 3/4 and foo_bar", []),
        ("See https://example.org/mitosis or ada@mitosis.example", []),
        ("ratio. Ratio! RATIO", ["ratio"]),
        ("a plan that one teacher wrote about erosion", ["erosion"]),
        ("glucose molecules slowly become starch granules", ["glucose", "molecules", "starch",
                                                             "granules"]),
    ],
)  # fmt: skip
def test_terms_are_rare_words_and_short_runs_that_hold_one(text: str, terms: list[str]) -> None:
    assert terms_of(text, "en") == terms


def test_of_other_languages_only_long_words_are_taken_as_they_are_written() -> None:
    assert terms_of("Der Nenner und die Quadratwurzel", "de") == ["Quadratwurzel"]


@given(st.text(max_size=300), st.sampled_from(["en", "de"]))
def test_whatever_the_text_every_term_is_in_it_once_and_holds_a_rare_word(
    text: str, language: str
) -> None:
    terms = terms_of(text, language)
    assert len({term.casefold() for term in terms}) == len(terms)
    for term in terms:
        words = term.split(" ")
        assert 1 <= len(words) <= MOST_WORDS
        assert any(is_rare(word, language) for word in words)
        plain = text.replace("’", "'").casefold()
        assert all(word.casefold() in plain for word in words)


@given(st.lists(st.sampled_from(["ratio", "the", "number", "of", "quotient", "big"]), max_size=12))
def test_no_ordinary_word_is_a_term_by_itself(words: list[str]) -> None:
    single = [term for term in terms_of(" ".join(words), "en") if " " not in term]
    assert not any(is_ordinary(term, "en") for term in single)
