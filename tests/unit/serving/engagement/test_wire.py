"""Windows and estimates as bytes: the same on the other side, and refused where they are not."""

from __future__ import annotations

import msgpack  # type: ignore[import-untyped]
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.engagement import FEATURES
from lessons.errors import InvalidInput
from models.engagement.states import STATES
from serving.engagement.batch import estimate_together, with_history
from serving.engagement.wire import (
    COLUMNS,
    Estimates,
    decode_estimates,
    decode_windows,
    encode_estimates,
    encode_windows,
)
from tests.unit.serving.engagement.telling_model import telling_model


@given(st.integers(0, 5), st.integers(1, 7))
def test_windows_come_through_with_what_is_missing(learners: int, history: int) -> None:
    made = np.random.default_rng(learners * 10 + history)
    windows = made.normal(size=(learners, history, len(FEATURES))).astype(np.float32)
    windows[..., ::3] = np.nan
    np.testing.assert_array_equal(decode_windows(encode_windows(windows)), windows)


def test_estimates_come_through_with_the_model_that_made_them() -> None:
    probabilities = np.full((2, len(STATES)), 1 / len(STATES), dtype=np.float32)
    answer = decode_estimates(encode_estimates(Estimates(probabilities, "tcn", "3")), 2)
    assert (answer.model, answer.version) == ("tcn", "3")
    np.testing.assert_array_equal(answer.probabilities, probabilities)
    with pytest.raises(InvalidInput):
        decode_estimates(encode_estimates(Estimates(probabilities, "tcn", "3")), 3)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"features": "others"}, "features"),
        ({"shape": [1, 1, 3]}, "shape"),
        ({"shape": [5000, 1, len(FEATURES)]}, "shape"),
        ({"shape": [2, 1, len(FEATURES)]}, "values"),
        ({"values": "text"}, "values"),
        ({"shape": [1]}, "shape"),
    ],
)
def test_what_is_no_such_request_is_refused(change: dict[str, object], field: str) -> None:
    good = {"features": COLUMNS, "shape": [1, 1, len(FEATURES)], "values": bytes(4 * len(FEATURES))}
    assert decode_windows(msgpack.packb(good)).shape == (1, 1, len(FEATURES))
    with pytest.raises(InvalidInput) as refusal:
        decode_windows(msgpack.packb(good | change))
    assert refusal.value.field == field
    with pytest.raises(InvalidInput):
        decode_windows(b"not msgpack")


def test_a_history_is_cut_or_filled_up_at_its_beginning() -> None:
    windows = np.arange(6, dtype=np.float32).reshape(1, 3, 2)
    np.testing.assert_array_equal(with_history(windows, 2), windows[:, 1:])
    longer = with_history(windows, 5)
    assert np.isnan(longer[:, :2]).all()
    np.testing.assert_array_equal(longer[:, 2:], windows)


def test_requests_go_together_and_come_back_apart() -> None:
    model = telling_model()
    made = np.random.default_rng(1)
    requests = [
        made.normal(size=(learners, history, len(FEATURES))).astype(np.float32)
        for learners, history in ((3, 1), (0, 1), (2, 4))
    ]
    together = estimate_together(model, requests)
    assert [len(part) for part in together] == [3, 0, 2]
    for request, part in zip(requests, together, strict=True):
        if len(request):
            np.testing.assert_allclose(part, model.probabilities(request[:, -1:]))
