"""What is cut off a window's padding, and which readings of a short window are believed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.captions.interface import Word
from models.captions.repetitions import repeats_itself
from models.captions.short_encoding import (
    DYNAMIC_RANGE,
    FULL_FRAMES,
    MARGIN_FRAMES,
    before_silence,
    is_whole,
)
from models.captions.speech_evidence import CHUNK_MS, SpeechEvidence


def said(text: str, start_ms: int = 0, word_ms: int = 300) -> list[Word]:
    return [
        Word(word, start_ms + place * word_ms, start_ms + (place + 1) * word_ms, 0.9)
        for place, word in enumerate(text.split())
    ]


def speech(start_ms: int, end_ms: int) -> SpeechEvidence:
    chunks = np.zeros(10_000 // CHUNK_MS, np.float32)
    chunks[start_ms // CHUNK_MS : end_ms // CHUNK_MS] = 0.95
    return SpeechEvidence(chunks)


@given(lengths=st.lists(st.integers(0, FULL_FRAMES), min_size=1, max_size=4))
def test_nothing_of_any_window_is_cut_off_and_silence_follows(lengths: list[int]) -> None:
    features = np.zeros((len(lengths), 2, FULL_FRAMES), np.float32)
    for row, length in enumerate(lengths):
        features[row, :, :length] = 1.0
    kept = before_silence(features)
    for row, length in enumerate(lengths):
        assert (kept[row, :, :length] == 1.0).all()
        loudest = 1.0 if length else 0.0
        assert (kept[row, :, length:] == loudest - DYNAMIC_RANGE).all()
    assert kept.shape[-1] % 2 == 0
    assert kept.shape[-1] <= min(max(lengths) + MARGIN_FRAMES + 1, FULL_FRAMES)
    assert kept.shape[-1] >= min(max(lengths) + MARGIN_FRAMES, FULL_FRAMES)


@pytest.mark.parametrize(
    ("words", "heard", "whole"),
    [
        (said("the answer is seven"), speech(0, 1200), True),
        (said("the answer is seven"), speech(0, 2100), True),
        (said("the answer is seven"), speech(0, 4000), False),
        (said("the answer is seven", start_ms=3000), speech(500, 4200), False),
        (said("the answer the answer"), speech(0, 1200), False),
        ([], speech(0, 1200), False),
        (said("the answer"), speech(0, 0), False),
    ],
)
def test_a_reading_is_whole_that_begins_and_ends_with_the_speech(
    words: list[Word], heard: SpeechEvidence, whole: bool
) -> None:
    assert is_whole(words, heard) == whole


@given(
    before=st.lists(st.sampled_from("abc"), max_size=5),
    phrase=st.lists(st.sampled_from("abc"), min_size=1, max_size=6),
    after=st.lists(st.sampled_from("abc"), max_size=5),
)
def test_a_phrase_that_follows_itself_is_found_anywhere(
    before: list[str], phrase: list[str], after: list[str]
) -> None:
    assert repeats_itself(said(" ".join([*before, *phrase, *phrase, *after])))


@given(st.permutations("abcdefgh"))
def test_words_that_all_differ_repeat_nothing(letters: list[str]) -> None:
    assert not repeats_itself(said(" ".join(letters)))


def test_a_repetition_is_one_in_other_letters_too() -> None:
    assert repeats_itself(said("One, one more"))
