"""Since when each word of a caption stands, and what was taken back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lessons.accessibility.words_on_show import WordsOnShow

texts = st.lists(st.sampled_from(["one", "two", "three", "four"]), max_size=6)


def test_a_word_stands_since_it_came_to_stay() -> None:
    caption = WordsOnShow()
    assert caption.show(["three"], 100) == 0
    assert caption.show(["three", "squatters"], 200) == 0
    assert caption.show(["three", "quarters", "of"], 300) == 1
    assert caption.show(["Three", "quarters", "of", "it."], 400) == 0
    assert list(caption.since_ms) == [100, 300, 300, 400]


def test_whatever_comes_after_a_changed_word_counts_as_taken_back() -> None:
    caption = WordsOnShow()
    caption.show(["a", "b", "c", "d"], 100)
    assert caption.show(["a", "x", "c", "d"], 200) == 3
    assert list(caption.since_ms) == [100, 200, 200, 200]
    assert caption.show([], 300) == 4


@given(st.lists(texts, min_size=1, max_size=12))
def test_what_is_added_at_the_end_and_never_changed_is_no_flicker(revisions: list[str]) -> None:
    growing = WordsOnShow()
    words: list[str] = []
    for at_ms, more in enumerate(revisions):
        words = [*words, *more]
        assert growing.show(words, at_ms) == 0
    assert list(growing.since_ms) == sorted(growing.since_ms)
    assert len(growing.since_ms) == len(words)


@given(st.lists(texts, min_size=2, max_size=12))
def test_words_shown_less_words_taken_back_are_those_that_stand(revisions: list[str]) -> None:
    caption = WordsOnShow()
    came = erased = 0
    for at_ms, words in enumerate(revisions):
        standing = len(caption.since_ms)
        gone = caption.show(words, at_ms)
        erased += gone
        came += len(words) - (standing - gone)
    assert came - erased == len(caption.since_ms)
