"""Ticks: one call for all lessons, by the served model or by the baseline, and named after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

from features.engagement import FEATURES
from serving.engagement.client import EngagementClient
from serving.engagement.ticks import Ticks
from serving.engagement.wire import Array
from serving.observability.engagement_metrics import EngagementMetrics
from tests.unit.serving.conftest import NOBODY
from tests.unit.serving.engagement.models_process import LocalEngagement, running_models_process
from tests.unit.serving.engagement.telling_model import telling_model


def windows(learners: int, history: int = 1) -> Array:
    return np.full((learners, history, len(FEATURES)), np.nan, dtype=np.float32)


@asynccontextmanager
async def ticking(url: str) -> AsyncIterator[tuple[Ticks, EngagementMetrics]]:
    metrics = EngagementMetrics()
    async with EngagementClient(url) as client:
        ticks = Ticks(client, telling_model("baseline"), metrics)
        await ticks.look()
        async with ticks.ticking():
            yield ticks, metrics


def calls(metrics: EngagementMetrics, where: str) -> float:
    name, labels = "lectern_engagement_ticks_total", {"where": where}
    return metrics.registry.get_sample_value(name, labels) or 0


async def test_lessons_that_come_together_go_through_the_model_together() -> None:
    served = LocalEngagement(telling_model("temporal", "7"))
    async with (
        running_models_process(served) as url,
        ticking(url) as (ticks, metrics),
    ):
        found = await asyncio.gather(*(ticks.estimate(windows(learners)) for learners in (3, 2, 4)))
    assert [len(one.probabilities) for one in found] == [3, 2, 4]
    assert {(one.model, one.version) for one in found} == {("temporal", "7")}
    assert served.shapes == [(9, 1, len(FEATURES))]
    assert calls(metrics, "served") == 1


async def test_while_nobody_serves_the_baseline_does_and_says_so() -> None:
    async with ticking(NOBODY) as (ticks, metrics):
        found = await ticks.estimate(windows(2))
    assert found.model == "baseline"
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0, atol=1e-5)
    assert (calls(metrics, "served"), calls(metrics, "in_process")) == (0, 1)


async def test_a_model_that_fails_is_replaced_within_the_same_tick_and_taken_back_later() -> None:
    served = LocalEngagement(telling_model("temporal"))
    async with (
        running_models_process(served) as url,
        ticking(url) as (ticks, metrics),
    ):
        assert (await ticks.estimate(windows(1))).model == "temporal"
        served.away = True
        assert (await ticks.estimate(windows(1))).model == "baseline"
        assert (await ticks.estimate(windows(1))).model == "baseline"
        served.away = False
        await ticks.look()
        assert (await ticks.estimate(windows(1))).model == "temporal"
    assert (calls(metrics, "served"), calls(metrics, "in_process")) == (2, 2)


async def test_a_model_that_is_still_starting_is_not_waited_for() -> None:
    async with running_models_process(None) as url, ticking(url) as (ticks, _):
        assert (await ticks.estimate(windows(1))).model == "baseline"
