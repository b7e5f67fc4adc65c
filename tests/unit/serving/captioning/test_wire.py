"""What goes over the wire comes back the same; what is malformed is refused by name."""

import msgpack  # type: ignore[import-untyped]
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lessons.errors import InvalidInput, Overloaded, Unavailable
from models.captions.interface import CaptionWindow, Hypothesis, Word
from serving.captioning.caption_load import CaptionLoad, caption_load
from serving.captioning.ladder import Load, Rung
from serving.captioning.wire import (
    LONGEST_BUDGET_MS,
    MOST_WINDOWS,
    Outcome,
    decode_answer,
    decode_outcomes,
    decode_windows,
    encode_outcomes,
    encode_windows,
)

SAMPLES = arrays.arrays(np.float32, st.integers(0, 200), elements=st.floats(width=32))
WINDOWS = st.builds(
    CaptionWindow,
    id=st.text(),
    samples=SAMPLES,
    final=st.booleans(),
    language=st.none() | st.text(),
    vocabulary=st.lists(st.text(), max_size=5).map(tuple),
    live=st.booleans(),
    due_in_ms=st.none() | st.integers(-LONGEST_BUDGET_MS, LONGEST_BUDGET_MS),
    track=st.none() | st.text(),
    detect_language=st.booleans(),
)
WORDS = st.builds(
    Word,
    text=st.text(),
    start_ms=st.integers(0, 30_000),
    end_ms=st.integers(0, 30_000),
    confidence=st.floats(0, 1),
)
HYPOTHESES = st.builds(
    Hypothesis,
    window_id=st.text(),
    words=st.lists(WORDS, max_size=8).map(tuple),
    language=st.text(),
    engine=st.text(),
    model=st.text(),
)


@given(st.lists(WINDOWS, min_size=1, max_size=6))
def test_windows_come_back_the_same(windows: list[CaptionWindow]) -> None:
    returned = decode_windows(encode_windows(windows))
    for sent, got in zip(windows, returned, strict=True):
        told = (got.id, got.final, got.language, got.vocabulary)
        assert told == (sent.id, sent.final, sent.language, sent.vocabulary)
        assert (got.live, got.due_in_ms, got.track) == (sent.live, sent.due_in_ms, sent.track)
        assert got.samples.dtype == np.float32
        assert got.samples.tobytes() == sent.samples.tobytes()


@given(st.lists(HYPOTHESES, max_size=6))
def test_hypotheses_come_back_the_same(hypotheses: list[Hypothesis]) -> None:
    assert decode_outcomes(encode_outcomes(hypotheses)) == hypotheses


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput("too long", field="windows[0].samples", fix="Cut it."),
        Unavailable("gone", retry_after_seconds=7),
        Overloaded("full", fix="Wait.", retry_after_seconds=2),
    ],
)
def test_errors_come_back_the_same(error: InvalidInput | Unavailable) -> None:
    (returned,) = decode_outcomes(encode_outcomes([error]))
    assert type(returned) is type(error)
    assert vars(returned) == vars(error)


LOADS = st.builds(
    caption_load,
    st.sampled_from(Rung),
    st.builds(Load, st.floats(0, 2), st.floats(0, 2), st.floats(0, 100)),
    final_bound_s=st.floats(0.1, 60),
    replica=st.text(),
)


@given(st.none() | LOADS)
def test_the_load_comes_back_with_the_outcomes(load: CaptionLoad | None) -> None:
    answer = decode_answer(encode_outcomes([Hypothesis("a", (), "en", "e", "m")], load))
    assert (len(answer.outcomes), answer.load) == (1, load)


def test_outcomes_keep_their_order() -> None:
    outcomes: list[Outcome] = [
        Hypothesis("a", (), "en", "e", "m"),
        InvalidInput("no"),
        Hypothesis("c", (), "en", "e", "m"),
    ]
    first, second, third = decode_outcomes(encode_outcomes(outcomes))
    assert (first, third) == (outcomes[0], outcomes[2])
    assert isinstance(second, InvalidInput)


WINDOW = {
    "id": "a",
    "samples": b"",
    "final": True,
    "language": "en",
    "vocabulary": [],
    "live": True,
    "due_in_ms": 300,
    "track": None,
    "detect_language": False,
}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"\xc1", "body"),
        (b"\x81\xa7windows", "body"),
        (msgpack.packb([1, 2]), None),
        (msgpack.packb({}), "windows"),
        (msgpack.packb({"windows": []}), "windows"),
        (msgpack.packb({"windows": [WINDOW] * (MOST_WINDOWS + 1)}), "windows"),
        (msgpack.packb({"windows": [WINDOW | {"samples": "text"}]}), "windows.0.samples"),
        (msgpack.packb({"windows": [WINDOW | {"samples": b"12345"}]}), "windows.0.samples"),
        (msgpack.packb({"windows": [WINDOW, WINDOW | {"final": 3}]}), "windows.1.final"),
        (msgpack.packb({"windows": [WINDOW | {"sampels": b""}]}), "windows.0.sampels"),
        (msgpack.packb({"windows": [WINDOW | {"due_in_ms": 0.5}]}), "windows.0.due_in_ms"),
        (msgpack.packb({"windows": [WINDOW | {"due_in_ms": 10**12}]}), "windows.0.due_in_ms"),
        (msgpack.packb({"windows": [WINDOW | {"live": None}]}), "windows.0.live"),
        (msgpack.packb({"windows": [WINDOW | {"track": 7}]}), "windows.0.track"),
    ],
)
def test_a_malformed_request_is_refused_by_the_name_of_its_fault(
    body: bytes, field: str | None
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        decode_windows(body)
    assert refusal.value.field == field


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_decode_or_be_refused(body: bytes) -> None:
    for decode in (decode_windows, decode_outcomes):
        try:
            decode(body)
        except InvalidInput:
            continue
