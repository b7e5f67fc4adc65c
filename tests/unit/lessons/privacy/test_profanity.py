"""Swear words: found as whole words, and never inside of others."""

from __future__ import annotations

import pytest

from lessons.privacy.profanity import ProfanityFinder
from lessons.privacy.spans import masked_text


def masked(text: str, language: str = "en", own: tuple[str, ...] = ()) -> str:
    return masked_text(text, ProfanityFinder(own).spans(text, language))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("oh shit, I forgot", "oh ***, I forgot"),
        ("Fucking fractions", "*** fractions"),
        ("What a piece of shit!", "What a *** *** ***!"),
        ("you motherfuckers", "you ***"),
        ("that is bullshit's end", "that is ***'s end"),
        ("a mother-fucker, an ass-hole", "a mother-***, an ***-hole"),
    ],
)
def test_swear_words_are_masked_whole(said: str, shown: str) -> None:
    assert masked(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "We drive from Scunthorpe to Penistone, Lightwater and Arsenal.",
        "The assistant passes the classic bass assessment in Massachusetts.",
        "Shitake mushrooms are spiced; the cockpit is by the peacock.",
        "Mr Dickens met Moby Dick, Hitchcock and Babcock in Sussex and Essex.",
        "Analyse the therapist's title; subtract it, then titrate.",
        "Homo sapiens, sexual reproduction, the vagina, the penis and semen.",
        "The swastika and the neo-Nazi movement; rape as a weapon of war.",
        "She graduated summa cum laude; the dyke held the sea.",
        "Deep Throat told Woodward. A blue tit sat on the hoe.",
        "Strap on your helmet, the rope is tied up.",
        "the Essex hockey club sucks at fingering scales",
    ],
)
def test_words_that_only_look_like_them_are_left_alone(said: str) -> None:
    assert masked(said) == said


def test_a_phrase_does_not_reach_over_a_sentence() -> None:
    assert masked("It is a piece of. Shitake is food.") == "It is a piece of. Shitake is food."


def test_every_language_has_its_own_list() -> None:
    assert masked("eso es una mierda", "es") == "eso es una ***"
    assert masked("eso es una mierda", "en") == "eso es una mierda"
    assert masked("das ist scheiße", "de") == "das ist ***"
    assert masked("くそ", "ja") == "くそ"


def test_a_tenant_s_own_words_are_masked_in_every_language() -> None:
    own = ("Voldemort", "the other place")
    assert masked("VOLDEMORT went to The Other Place.", "fi", own) == "*** went to *** *** ***."
    assert masked("Voldemorts", "en", own) == "Voldemorts"
