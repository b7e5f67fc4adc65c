"""Items and results of every kind between processes."""

from __future__ import annotations

from typing import Any

import msgpack  # type: ignore[import-untyped]
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.segmentation import FEATURES
from lessons.errors import InvalidInput
from models.segments.network import WORDS_READ, RowInputs
from models.talk_moves.exchanges import ExchangeReading
from models.talk_moves.interface import Exchange, MoveProbabilities, Said, Turn
from serving.reading.loaded import Kind
from serving.reading.wire import (
    MOST_ITEMS,
    Answer,
    decode_answer,
    decode_items,
    encode_answer,
    encode_items,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ROLES = st.sampled_from(["tutor", "learner"])
SAID = st.builds(Said, TEXTS, ROLES)
TURNS = st.builds(Turn, TEXTS, ROLES, st.lists(SAID, max_size=3).map(tuple))


def rows(number: int, seed: int = 1) -> RowInputs:
    made = np.random.default_rng(seed)
    scaled = made.normal(size=(number, len(FEATURES))).astype(np.float32)
    return RowInputs(scaled, made.integers(0, 4001, (number, WORDS_READ)))


@given(st.lists(TURNS, min_size=1, max_size=4))
def test_turns_arrive_as_they_were_sent(turns: list[Turn]) -> None:
    assert decode_items("talk_moves", encode_items("talk_moves", turns)) == turns


@given(st.lists(st.builds(Exchange, TEXTS, TEXTS), min_size=1, max_size=4))
def test_exchanges_arrive_as_they_were_sent(exchanges: list[Exchange]) -> None:
    assert decode_items("exchanges", encode_items("exchanges", exchanges)) == exchanges


@given(st.builds(ExchangeReading, NUMBERS, NUMBERS, NUMBERS, NUMBERS))
def test_readings_come_back_to_the_last_digit(reading: ExchangeReading) -> None:
    answer = Answer("exchanges", "1", 3, [reading])
    assert decode_answer("exchanges", encode_answer("exchanges", answer), 1) == answer


def test_moves_come_back_with_their_chances_in_order() -> None:
    answer = Answer("moves", "1", 1, [MoveProbabilities({"none": 0.1, "restating": 0.9}, "none")])
    told = decode_answer("talk_moves", encode_answer("talk_moves", answer), 1)
    assert told == answer
    assert list(told.results[0].chances) == ["none", "restating"]


def test_rows_and_vectors_arrive_bit_for_bit() -> None:
    sent = [rows(3), rows(1, seed=2)]
    for came, one in zip(
        decode_items("segments", encode_items("segments", sent)), sent, strict=True
    ):
        np.testing.assert_array_equal(came.scaled, one.scaled)
        np.testing.assert_array_equal(came.words, one.words)
    vectors = list(np.random.default_rng(3).normal(size=(2, 5)).astype(np.float32))
    packed = encode_answer("encoder", Answer("minilm", "1", 2, vectors))
    np.testing.assert_array_equal(decode_answer("encoder", packed, 2).results, vectors)


MALFORMED: tuple[tuple[Kind, Any, str], ...] = (
    ("encoder", {"texts": ["a"]}, "items"),
    ("encoder", {"items": []}, "items"),
    ("encoder", {"items": ["a"] * (MOST_ITEMS + 1)}, "items"),
    ("encoder", {"items": ["a", 7]}, "items.1"),
    ("exchanges", {"items": [{"student": "a"}]}, "items.0.teacher"),
    ("talk_moves", {"items": [{"text": "a", "role": "guardian"}]}, "items.0.role"),
    ("segments", {"items": [{"scaled": {"shape": [1], "values": b"1234"}}]}, "items.0"),
    ("segments", {"items": ["a"]}, "items.0"),
)


@pytest.mark.parametrize(("kind", "message", "at_fault"), MALFORMED)
def test_what_is_no_request_is_refused_by_name(kind: Kind, message: Any, at_fault: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        decode_items(kind, msgpack.packb(message))
    assert (refused.value.field or "").startswith(at_fault)


def test_rows_of_another_release_and_bytes_that_are_none_are_refused() -> None:
    narrow = RowInputs(np.zeros((2, 3), np.float32), np.zeros((2, WORDS_READ), np.int64))
    with pytest.raises(InvalidInput, match="another release"):
        decode_items("segments", encode_items("segments", [narrow]))
    with pytest.raises(InvalidInput, match="not MessagePack"):
        decode_items("encoder", b"\xc1")


def test_an_answer_about_another_number_of_items_is_refused() -> None:
    packed = encode_answer("encoder", Answer("minilm", "1", 1, [np.zeros(3, np.float32)]))
    with pytest.raises(InvalidInput, match="2 items"):
        decode_answer("encoder", packed, 2)
