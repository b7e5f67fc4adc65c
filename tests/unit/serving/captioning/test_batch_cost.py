"""What a call costs is learnt from calls, and never promised below what was seen."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.captioning.batch_cost import CallCost, CostModel

COSTS = st.floats(0, 60)
LENGTHS = st.floats(0.1, 900)


def _learnt(observations: list[tuple[float, float]]) -> CallCost:
    cost = CallCost()
    for audio_s, cost_s in observations:
        cost.observe(audio_s, cost_s)
    return cost


def test_a_call_that_was_never_seen_costs_nothing_yet() -> None:
    assert CallCost().predict(30) == 0.0


def test_one_call_tells_no_fixed_cost_apart() -> None:
    cost = _learnt([(2.0, 0.4)])
    assert cost.fixed == 0.0
    assert cost.predict(4.0) == pytest.approx(0.8)


@settings(deadline=None)
@given(
    fixed=st.floats(0, 2),
    per_second=st.floats(0, 1),
    lengths=st.lists(st.floats(1, 100), min_size=6, max_size=40).filter(
        lambda found: max(found[-5:]) - min(found[-5:]) > 5
    ),
    asked=LENGTHS,
)
def test_a_linear_cost_is_found(
    fixed: float, per_second: float, lengths: list[float], asked: float
) -> None:
    cost = _learnt([(audio_s, fixed + per_second * audio_s) for audio_s in lengths])
    true = fixed + per_second * asked
    assert cost.predict(asked) >= true - 1e-6
    assert cost.fixed == pytest.approx(fixed, abs=1e-6)
    assert cost.per_audio_second == pytest.approx(per_second, abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(LENGTHS, COSTS), max_size=40), LENGTHS, LENGTHS)
def test_predictions_are_never_negative_and_grow_with_the_audio(
    observations: list[tuple[float, float]], one: float, other: float
) -> None:
    cost = _learnt(observations)
    shorter, longer = sorted((one, other))
    assert 0 <= cost.predict(shorter) <= cost.predict(longer) + 1e-9
    assert math.isfinite(cost.predict(longer))


@settings(deadline=None)
@given(slower=st.floats(1.5, 10), length=st.floats(1, 30))
def test_an_engine_that_gets_slower_is_believed_after_twenty_calls(
    slower: float, length: float
) -> None:
    cost = _learnt([(length, 0.1 * length)] * 50 + [(length, 0.1 * slower * length)] * 20)
    assert cost.predict(length) >= 0.85 * 0.1 * slower * length


def test_models_and_accuracies_are_told_apart() -> None:
    costs = CostModel()
    costs.observe("large", final=True, audio_s=2, cost_s=1.0)
    costs.observe("large", final=False, audio_s=2, cost_s=0.5)
    costs.observe("tiny", final=True, audio_s=2, cost_s=0.1)
    costs.observe("tiny", final=True, audio_s=2, cost_s=math.nan)
    predicted = [
        costs.of(model, final=final).predict(2)
        for model, final in [("large", True), ("large", False), ("tiny", True), ("tiny", False)]
    ]
    assert predicted == pytest.approx([1.0, 0.5, 0.1, 0.0])
