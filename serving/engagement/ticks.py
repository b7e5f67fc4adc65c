"""Ticks: the windows of all lessons that end together go through the model in one call."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np

from lessons.errors import Unavailable
from models.engagement.interface import EngagementModel
from serving.engagement.batch import estimate_together, with_history
from serving.engagement.client import EngagementClient
from serving.engagement.wire import MOST_LEARNERS, Array, Estimates, LoadedEngagement
from serving.observability.engagement_metrics import EngagementMetrics

logger = logging.getLogger(__name__)

TICK_S = 0.1
"""How long a tick waits for further lessons, in seconds."""

LOOK_S = 2.0
"""How often to ask what the models process has loaded, in seconds."""

SERVED, IN_PROCESS = "served", "in_process"


@dataclass(frozen=True, slots=True)
class _Waiting:
    windows: Array
    answer: asyncio.Future[Estimates]


class Ticks:
    """Estimates for all lessons of a process, by the served model, or by the baseline meanwhile.

    Use `ticking`. A lesson has one request on its way at most, so what waits is bounded by the
    lessons that the process follows.

    Args:
        client: of the models process.
        baseline: runs in this process while that one is away.
    """

    def __init__(
        self, client: EngagementClient, baseline: EngagementModel, metrics: EngagementMetrics
    ) -> None:
        self._client = client
        self._baseline = baseline
        self._metrics = metrics
        self._loaded: LoadedEngagement | None = None
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()

    @property
    def history(self) -> int:
        """How many windows of a learner the next call reads."""
        return (self._loaded and self._loaded.history) or self._baseline.history

    async def estimate(self, windows: Array) -> Estimates:
        """Return the probabilities for windows of shape (learners, history, features)."""
        answer: asyncio.Future[Estimates] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(windows, answer))
        self._arrived.set()
        return await answer

    @asynccontextmanager
    async def ticking(self) -> AsyncIterator[None]:
        """Answer while the block runs."""
        tasks = [
            asyncio.create_task(self._tick(), name="engagement-ticks"),
            asyncio.create_task(self._look(), name="engagement-model"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        """Keep up with what the models process has loaded."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Ask the models process what it has loaded."""
        before = self._loaded
        try:
            self._loaded = await self._client.loaded()
        except Unavailable as error:
            self._loaded = None
            if before is not None:
                logger.warning("signals are made by the baseline: %s", error)
        else:
            if before != self._loaded:
                logger.info("signals are made by %s", self._loaded.model)

    async def _tick(self) -> None:
        while True:
            await self._arrived.wait()
            await asyncio.sleep(TICK_S)
            self._arrived.clear()
            waiting, self._waiting = self._waiting, []
            for together in _parts(waiting):
                await self._answer(together)

    async def _answer(self, together: Sequence[_Waiting]) -> None:
        """Answer all of one call; whatever breaks, breaks the lessons of it and no other."""
        windows = np.concatenate([with_history(one.windows, self.history) for one in together])
        begun = time.perf_counter()
        estimating = asyncio.create_task(self._estimate(windows))
        try:
            await asyncio.wait({estimating})
        finally:
            estimating.cancel()
        self._metrics.tick_seconds.observe(time.perf_counter() - begun)
        self._metrics.tick_learners.observe(len(windows))
        broken = estimating.exception()
        if broken is not None:
            for one in together:
                if not one.answer.done():
                    one.answer.set_exception(broken)
            return
        estimates, begin = estimating.result(), 0
        for one in together:
            part = estimates.probabilities[begin : begin + len(one.windows)]
            begin += len(one.windows)
            if not one.answer.done():
                one.answer.set_result(Estimates(part, estimates.model, estimates.version))

    async def _estimate(self, windows: Array) -> Estimates:
        if self._loaded is not None:
            try:
                estimates = await self._client.estimate(windows)
            except Unavailable as error:
                # Not asked again before somebody has looked, or every tick would wait for it.
                self._loaded = None
                logger.warning("signals are made by the baseline: %s", error)
            else:
                self._metrics.ticks.labels(SERVED).inc()
                return estimates
        self._metrics.ticks.labels(IN_PROCESS).inc()
        baseline = self._baseline
        (probabilities,) = await asyncio.to_thread(estimate_together, baseline, [windows])
        return Estimates(probabilities, baseline.name, baseline.version)


def _parts(waiting: Sequence[_Waiting]) -> list[list[_Waiting]]:
    """Cut what waits into calls of bounded size; one lesson stays together."""
    parts: list[list[_Waiting]] = []
    learners = MOST_LEARNERS
    for one in waiting:
        if learners + len(one.windows) > MOST_LEARNERS:
            parts.append([])
            learners = 0
        parts[-1].append(one)
        learners += len(one.windows)
    return parts
