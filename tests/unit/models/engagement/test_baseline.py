"""The baseline: proof decides by rule, the rest by regression, and nothing missing breaks it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.engagement import COLUMNS, FEATURES
from lessons.errors import InvalidInput
from models.engagement.baseline import (
    BaselineModel,
    BaselineWeights,
    Rule,
    baseline_weights,
    shipped_baseline,
)
from models.engagement.states import AWAY, STATES, TAB_HIDDEN, WORKING

SHIPPED = shipped_baseline()


def _weights(**changes: object) -> BaselineWeights:
    """Return weights that read two features: keys speak for working, their absence for nothing."""
    nothing = {state: [0.0, 0.0] for state in STATES}
    plain = BaselineWeights(
        name="rules",
        version="1",
        data="none",
        features=["keys_30s", "hidden_for_s"],
        logarithmic=[True, False],
        mean=[0.0, 0.0],
        deviation=[1.0, 10.0],
        bias=dict.fromkeys(STATES, 0.0),
        weights={**nothing, WORKING: [2.0, 0.0]},
        absent=nothing,
        rules=[
            Rule(
                feature="hidden_for_s",
                bound="at_least",
                value=5.0,
                state=TAB_HIDDEN,
                probability=0.9,
            )
        ],
        temperature=1.0,
    )
    return plain.model_copy(update=changes)


def _window(**values: float) -> np.ndarray:
    window = np.full((1, 1, len(FEATURES)), np.nan, np.float32)
    for name, value in values.items():
        window[..., COLUMNS[name]] = value
    return window


def test_a_rule_decides_and_leaves_the_others_their_shares() -> None:
    model = BaselineModel(_weights())
    (chances,) = model.probabilities(_window(keys_30s=50.0, hidden_for_s=20.0))
    assert chances[STATES.index(TAB_HIDDEN)] == pytest.approx(0.9)
    assert chances.sum() == pytest.approx(1.0)
    (visible,) = model.probabilities(_window(keys_30s=50.0, hidden_for_s=0.0))
    assert visible.argmax() == STATES.index(WORKING)


def test_what_is_missing_fires_no_rule_and_speaks_for_nothing() -> None:
    model = BaselineModel(_weights())
    (chances,) = model.probabilities(_window())
    assert chances == pytest.approx(np.full(len(STATES), 1 / len(STATES)))


def test_strengths_name_what_spoke_for_a_state() -> None:
    strengths = BaselineModel(_weights()).strengths(_window(keys_30s=50.0)[0, 0])
    keys = strengths[:, COLUMNS["keys_30s"]]
    assert keys[STATES.index(WORKING)] > 0.9
    assert (np.delete(keys, STATES.index(WORKING)) < 0).all()
    assert not strengths[:, COLUMNS["hidden_for_s"]].any()


def test_weights_for_features_that_are_gone_are_refused() -> None:
    with pytest.raises(InvalidInput, match="gone_30s") as refused:
        BaselineModel(_weights(features=["gone_30s", "hidden_for_s"]))
    assert "train_engagement" in (refused.value.fix or "")


@pytest.mark.parametrize("text", ["", "{}", '{"name": "x"}'])
def test_a_file_without_weights_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no weights"):
        baseline_weights(text)


_VALUES = arrays(
    np.float32,
    (3, 1, len(FEATURES)),
    elements=st.one_of(
        st.just(float("nan")), st.floats(-1e6, 1e6, width=32), st.sampled_from([0.0, 1.0, 600.0])
    ),
)


@given(_VALUES)
def test_whatever_is_seen_the_shipped_model_gives_probabilities(windows: np.ndarray) -> None:
    chances = SHIPPED.probabilities(windows)
    assert chances.shape == (3, len(STATES))
    assert np.isfinite(chances).all()
    assert (chances >= 0).all()
    assert chances.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-4)


def test_the_shipped_model_calls_nobody_away_who_is_only_quiet() -> None:
    quiet = _window(input_5s=0.0, input_30s=0.0, since_input_s=300.0, connected=1.0, hidden_for_s=0)
    (chances,) = SHIPPED.probabilities(quiet)
    (told,) = SHIPPED.probabilities(_window(declared_away=1.0, connected=1.0))
    assert chances[STATES.index(AWAY)] < 0.5 < told[STATES.index(AWAY)]
