"""The order and the number of a lesson's own words."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lessons.vocabulary import Correction, Material, Term, TermSource, ranked_terms
from lessons.vocabulary.ranking import MOST_TERMS

ORDER = list(TermSource)
RARE = [f"{first}{second}osis" for first in "abcdefgh" for second in "bcdfghjklm"]

texts = st.lists(
    st.lists(st.sampled_from([*RARE, "the", "and", "."]), max_size=12).map(" ".join), max_size=8
).map(tuple)
names = st.lists(st.sampled_from(["Ada", "Bea Lin", "guest 3", "a@b.example"]), max_size=5)
materials = st.builds(
    Material,
    language=st.just("en"),
    explicit=st.lists(st.sampled_from([*RARE, "the law of cosines", " "]), max_size=5).map(tuple),
    corrections=st.lists(st.builds(Correction, st.sampled_from(RARE), st.sampled_from(RARE))).map(
        tuple
    ),
    plan=texts,
    content=texts,
    objectives=texts,
    names=names.map(tuple),
)


@given(materials)
def test_each_term_comes_once_in_the_order_of_its_sources_and_within_their_bounds(
    material: Material,
) -> None:
    terms = ranked_terms(material)
    keys = [term.text.casefold() for term in terms]
    assert len(set(keys)) == len(keys)
    places = [ORDER.index(term.source) for term in terms]
    assert all(before <= after for before, after in pairwise(places))
    for source, most in MOST_TERMS.items():
        assert sum(term.source is source for term in terms) <= most
    assert ranked_terms(material) == terms


@given(materials)
def test_what_the_lesson_was_created_with_comes_first_and_as_it_was_written(
    material: Material,
) -> None:
    given_terms = list(dict.fromkeys(term for term in material.explicit if term.strip()))
    assert [term.text for term in ranked_terms(material)[: len(given_terms)]] == given_terms


def test_a_term_keeps_its_best_source() -> None:
    material = Material(
        "en",
        corrections=(Correction("the hypo tennis", "the hypotenuse"),),
        plan=("Hypotenuse",),
        content=("The hypotenuse and the cosine",),
        objectives=("Find the cosine",),
        names=(
            "Ada Lovelace",
            "guest-7",
            "ada@example.org",
            "A name of five words here",
        ),
    )
    assert ranked_terms(material) == (
        Term("hypotenuse", TermSource.CORRECTION),
        Term("cosine", TermSource.CONTENT),
        Term("Ada Lovelace", TermSource.ROSTER),
    )


def test_a_long_slide_does_not_crowd_out_the_names() -> None:
    material = Material("en", content=(" and ".join(RARE),), names=("Ada",))
    terms = ranked_terms(material)
    assert len(terms) == MOST_TERMS[TermSource.CONTENT] + 1
    assert terms[-1] == Term("Ada", TermSource.ROSTER)
