"""How long a reader waited, worked out from what stood on the screen when."""

from __future__ import annotations

import numpy as np
import pytest

from eval.reading import Sight, Waiting
from eval.timed_speech import SpeechStream, TimedWord


def spoken(*words: tuple[str, float], sentences: tuple[int, ...]) -> SpeechStream:
    timed = tuple(TimedWord(text, end_s) for text, end_s in words)
    return SpeechStream(np.zeros(16_000, np.float32), "", timed, sentences)


STREAM = spoken(
    ("the", 1.0), ("answer", 1.5), ("is", 2.0), ("seven", 2.5), ("is", 4.0), ("it", 4.5),
    sentences=(3, 5),
)  # fmt: skip


def waited(*sights: Sight) -> Waiting:
    waiting = Waiting()
    waiting.add(STREAM, sights)
    return waiting


def test_a_word_is_seen_when_the_screen_first_has_it_in_its_place() -> None:
    waiting = waited(
        Sight(1.8, "", "The"),
        Sight(2.2, "", "the answers"),
        Sight(3.0, "", "The answer is, seven."),
        Sight(5.0, "The answer is seven.", "The answer is seven. Is it?"),
    )
    assert waiting.words_s == pytest.approx([0.8, 1.5, 1.0, 0.5, 1.0, 0.5])
    assert (waiting.words_missing, waiting.sentences_missing) == (0, 1)


def test_a_sentence_is_final_with_the_last_of_its_words_that_comes() -> None:
    waiting = waited(
        Sight(3.0, "the answer is", "the answer is seven"),
        Sight(3.5, "the answer is 7", "the answer is 7"),
        Sight(6.5, "the answer is 7 is it", "the answer is 7 is it"),
    )
    assert waiting.finals_s == pytest.approx([0.5, 2.0])
    assert waiting.words_missing == 0


def test_what_comes_again_later_does_not_count_for_what_was_said_before() -> None:
    waiting = waited(Sight(5.0, "", "is it"))
    assert sorted(waiting.words_s) == pytest.approx([0.5, 1.0])
    assert waiting.words_missing == 4


def test_words_that_nobody_has_said_yet_cannot_be_seen() -> None:
    waiting = waited(Sight(1.0, "", "the answer is seven is it"))
    assert waiting.words_s == pytest.approx([0.0])


def test_a_reader_who_sees_nothing_misses_everything() -> None:
    waiting = waited()
    assert (waiting.words_missing, waiting.sentences_missing) == (6, 2)
