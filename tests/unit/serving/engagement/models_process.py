"""The models process's endpoint on a real port, over an engagement model in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lessons.errors import Unavailable
from models.engagement.interface import EngagementModel
from serving.captioning.bridge import ModelsStatus, create_bridge
from serving.engagement.batch import estimate_together
from serving.engagement.wire import Array, Estimates, LoadedEngagement, TopicPair
from tests.unit.serving.serving_app import serve


@dataclass
class LocalEngagement:
    """Estimates in this process, and remembers what it was asked.

    Attributes:
        away: whether its replica is down.
        likeness: what is answered to every pair of texts.
        before: called at the beginning of each call.
    """

    model: EngagementModel
    away: bool = False
    likeness: float = 0.75
    before: Callable[[], None] = lambda: None
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    pairs: list[TopicPair] = field(default_factory=list)

    async def estimate(self, windows: Array) -> Estimates:
        await asyncio.to_thread(self.before)
        if self.away:
            raise Unavailable("The engagement model failed in the middle of the call.")
        self.shapes.append(windows.shape)
        (probabilities,) = await asyncio.to_thread(estimate_together, self.model, [windows])
        return Estimates(probabilities, self.model.name, self.model.version)

    async def similarities(self, pairs: Sequence[TopicPair]) -> list[float]:
        self.pairs += pairs
        return [self.likeness] * len(pairs)

    def loaded(self) -> LoadedEngagement:
        return LoadedEngagement(
            state="ready",
            reason="it is a test's",
            model=self.model.name,
            version=self.model.version,
            history=self.model.history,
        )


@asynccontextmanager
async def running_models_process(engagement: LocalEngagement | None) -> AsyncIterator[str]:
    """Serve the endpoint of `lectern models`; None: the engagement model is not up yet."""
    status = ModelsStatus()
    if engagement is not None:
        status.engagement.ready(engagement, engagement.loaded())
    async with serve(create_bridge(status)) as url:
        yield url
