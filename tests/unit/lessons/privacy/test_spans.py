"""Masked texts: what stands in a span is gone, and nothing else is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lessons.privacy.spans import MASK, behind_masks, masked_parts, masked_text, merged

WORDS = st.text("abc ,.", max_size=30)
SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted).map(tuple))


def test_whole_and_half_words_are_masked_and_punctuation_stays() -> None:
    assert masked_text("call 06 12, now", [(5, 10)]) == "call *** ***, now"
    assert masked_text("nothing", []) == "nothing"


@given(WORDS, SPANS)
def test_a_text_keeps_what_lies_outside_and_as_many_words(
    text: str, spans: list[tuple[int, int]]
) -> None:
    inside = [(a, min(b, len(text))) for a, b in spans if a < min(b, len(text))]
    masked = masked_text(text, inside)
    assert len(masked.split()) == len(text.split())
    kept = [
        text[a:b]
        for a, b in zip(
            [0, *(e for _, e in merged(inside))],
            [*(s for s, _ in merged(inside)), len(text)],
            strict=True,
        )
    ]
    assert all(piece in masked for piece in kept)


@given(st.text("ab ,.*", max_size=30), SPANS)
def test_what_stands_behind_the_masks_makes_the_text_again(
    text: str, spans: list[tuple[int, int]]
) -> None:
    inside = [(a, min(b, len(text))) for a, b in spans if a < min(b, len(text))]
    pieces = masked_text(text, inside).split(MASK)
    hidden = behind_masks(text, inside)
    if "*" not in text:  # Asterisks beside a mask join it: which three are its own, nobody knows.
        assert len(hidden) == len(pieces) - 1
        assert "".join(a + b for a, b in zip(pieces, [*hidden, ""], strict=True)) == text


def test_a_typed_mask_stands_for_itself() -> None:
    assert behind_masks("he said *** twice, damn", [(19, 23)]) == [MASK, "damn"]


@given(st.lists(st.text("abc", min_size=1, max_size=8), max_size=8), SPANS)
def test_the_parts_of_a_text_are_masked_as_the_text_is(
    parts: list[str], spans: list[tuple[int, int]]
) -> None:
    text = " ".join(parts)
    inside = [(a, min(b, len(text))) for a, b in spans if a < min(b, len(text))]
    masked = masked_parts(parts, inside)
    assert len(masked) == len(parts)
    for part, shown in zip(parts, masked, strict=True):
        assert shown == part or MASK in shown
    assert " ".join(masked) == masked_text(text, inside)
