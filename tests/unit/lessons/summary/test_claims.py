"""A sentence of a summary: cited, about somebody by id, and never about a feeling."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lessons.summary import Citation, mention, named
from lessons.summary.claims import mentioned_in
from tests.unit.lessons.summary.summaries import ADA, BEN, claim


def test_a_sentence_without_a_citation_is_refused() -> None:
    with pytest.raises(ValidationError, match="citations"):
        claim("c", citations=[])
    with pytest.raises(ValidationError, match="caption_ids or event_ids"):
        Citation(start_ms=0, end_ms=1)
    with pytest.raises(ValidationError, match="before start_ms"):
        Citation(event_ids=["evt_1"], start_ms=2, end_ms=1)


@pytest.mark.parametrize("text", ["She was bored.", "{par_joy} seems anxious", "Frustration grew."])
def test_a_sentence_names_no_emotion(text: str) -> None:
    with pytest.raises(ValidationError, match="names an emotion"):
        claim("c", text=text)


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("{par_ada} said “I am confused”.", {"speaker": ADA}),
        ('The segment "Stress and strain" was taught.', {"title": "Stress and strain"}),
    ],
)
def test_what_was_said_and_what_the_lesson_is_about_may_name_one_in_quotes(
    text: str, whose: dict[str, str]
) -> None:
    assert claim("c", text=text, **whose).text == text


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("It was said: “Add the tops”.", {}),
        ("It was said: “Add the tops”.", {"subject": ADA}),
        ("“Adding” was worked on: “Add the tops”.", {"title": "Adding"}),
        ('"Adding" was worked on.', {"title": "Taking away"}),
    ],
)
def test_a_quotation_says_whose_words_it_is(text: str, whose: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="speaker has to name"):
        claim("c", text=text, **whose)
    assert claim("c", text=text, **{**whose, "speaker": ADA}).owner == ADA


def test_nobodys_words_are_kept_under_somebody_elses_key() -> None:
    with pytest.raises(ValidationError, match="quotes nobody else"):
        claim("c", ADA, text="{par_ada} was told “Look again”.", speaker=BEN)
    assert (claim("c").owner, claim("c", ADA).owner) == (None, ADA)


def test_a_page_puts_names_in_and_whoever_was_erased_has_none() -> None:
    text = f"{mention(ADA)} helped {mention(BEN)} with the set {{1, 2}}."
    assert mentioned_in(text) == {ADA, BEN}
    assert named(text, {ADA: "Joy"}) == "Joy helped somebody with the set {1, 2}."


def test_a_mark_says_why() -> None:
    assert claim("c", status="marked", reason="Only one caption says so.").status == "marked"
    for wrong in ({"status": "marked"}, {"reason": "Why?"}):
        with pytest.raises(ValidationError, match="status marked"):
            claim("c", **wrong)
