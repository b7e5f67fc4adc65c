from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.mastery.knowledge_tracing import Knowledge, KnowledgeTracer
from models.mastery.parameters import TracingParameters, shipped_parameters

START = datetime(2026, 9, 1, 10, tzinfo=UTC)
TRACER = KnowledgeTracer(shipped_parameters())
OUTCOMES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 1.0, None]), st.floats(0, 60)), max_size=30
)


def after(outcomes: list[tuple[float | None, float]]) -> tuple[Knowledge, datetime]:
    knowledge, moment = TRACER.start(), START
    for outcome, days in outcomes:
        moment += timedelta(days=days)
        if outcome is None:
            knowledge = TRACER.after_practice(knowledge, moment)
        else:
            knowledge = TRACER.after_answer(knowledge, outcome, moment)
    return knowledge, moment


def test_it_is_corbett_and_andersons_update() -> None:
    """By hand: prior .4, learn .2, slip .1, guess .25, no forgetting; one right answer."""
    tracer = KnowledgeTracer(
        TracingParameters.from_draws("", "", np.array([[0.4, 0.2, 0.1, 0.25, 0.0]]))
    )
    right = tracer.after_answer(tracer.start(), 1.0, START)
    known = 0.4 * 0.9 / (0.4 * 0.9 + 0.6 * 0.25)
    assert right.known[0] == pytest.approx(known + (1 - known) * 0.2)
    assert tracer.chance_of_right_answer(tracer.start(), START) == pytest.approx(0.51)


def test_every_day_takes_its_share_by_forgetting() -> None:
    tracer = KnowledgeTracer(
        TracingParameters.from_draws("", "", np.array([[0.5, 0.2, 0.1, 0.2, 0.03]]))
    )
    knowledge = tracer.after_practice(tracer.start(), START)
    later = tracer.after_time(knowledge, START + timedelta(days=10))
    assert later.known[0] == pytest.approx(knowledge.known[0] * 0.97**10)
    assert tracer.after_time(knowledge, START - timedelta(days=1)).known == knowledge.known


@given(OUTCOMES)
def test_belief_stays_a_probability_within_its_interval(
    outcomes: list[tuple[float | None, float]],
) -> None:
    knowledge, moment = after(outcomes)
    assert knowledge.weights.sum() == pytest.approx(1.0)
    assert ((knowledge.known >= 0) & (knowledge.known <= 1)).all()
    mastery = TRACER.mastery(knowledge, moment + timedelta(days=3))
    assert 0 <= mastery.low <= mastery.estimate <= mastery.high <= 1


@given(OUTCOMES)
def test_a_right_answer_never_speaks_against_knowing(
    outcomes: list[tuple[float | None, float]],
) -> None:
    knowledge, moment = after(outcomes)
    right = TRACER.mastery(TRACER.after_answer(knowledge, 1.0, moment), moment)
    wrong = TRACER.mastery(TRACER.after_answer(knowledge, 0.0, moment), moment)
    assert right.estimate >= wrong.estimate


def test_answers_narrow_the_interval() -> None:
    nothing = TRACER.mastery(TRACER.start(), START)
    knowledge, moment = after([(1.0, 0.0)] * 12)
    much = TRACER.mastery(knowledge, moment)
    assert much.high - much.low < (nothing.high - nothing.low) / 2
    assert much.estimate > 0.9


@given(st.lists(OUTCOMES, max_size=5))
def test_many_estimates_at_once_are_those_one_by_one(
    learners: list[list[tuple[float | None, float]]],
) -> None:
    states = [after(outcomes) for outcomes in learners]
    beliefs, moments = [each for each, _ in states], [moment for _, moment in states]
    together = TRACER.masteries(beliefs, moments)
    for belief, moment, mastery in zip(beliefs, moments, together, strict=True):
        alone = TRACER.mastery(belief, moment)
        assert mastery.estimate == pytest.approx(alone.estimate)
        assert (mastery.low, mastery.high) == pytest.approx((alone.low, alone.high))


def test_the_interval_is_made_of_weighted_quantiles() -> None:
    draws = np.array([[value, 0.1, 0.1, 0.2, 1e-9] for value in (0.2, 0.4, 0.6, 0.8)])
    tracer = KnowledgeTracer(TracingParameters.from_draws("", "", draws))
    belief = Knowledge(draws[:, 0], np.array([0.04, 0.46, 0.46, 0.04]), START)
    mastery = tracer.mastery(belief, START)
    assert (mastery.low, mastery.high) == pytest.approx((0.4, 0.6))
    assert mastery.estimate == pytest.approx(0.5)
