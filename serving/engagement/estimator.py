"""The engagement model as one Serve deployment, and the way to call it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ray import serve
from ray.serve import Application
from ray.serve.handle import DeploymentHandle
from ray.serve.schema import LoggingConfig

from models.engagement.selection import Wanted, choose_model
from models.engagement.topics import load_topics
from serving.engagement.batch import estimate_together
from serving.engagement.wire import Array, Estimates, LoadedEngagement, TopicPair
from serving.replica_calls import calling

ESTIMATOR = "EngagementEstimator"
"""Name of the deployment."""
ENGAGEMENT_APPLICATION = "lectern-engagement"
"""Name of its application: one of its own, so that captions never depend on it."""
BATCH_REQUESTS = 32
BATCH_WAIT_S = 0.005
"""How long a batch waits for the ticks of other processes, in seconds."""
MOST_ONGOING = 64
MOST_QUEUED = 128
TIMEOUT_S = 2.0
"""A tick is worth nothing later, in seconds."""
NICENESS = 5
"""It gives way to captions, on which people depend."""
HEALTH_CHECK_PERIOD_S = 5.0
SHUTDOWN_WAIT_S = 2.0


class EstimatorConfiguration(BaseModel):
    """Which model the estimator runs, and what it asks of the cluster."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Wanted = "auto"
    num_cpus: float = Field(default=0.1, ge=0)


@serve.deployment(
    name=ESTIMATOR,
    max_ongoing_requests=MOST_ONGOING,
    max_queued_requests=MOST_QUEUED,
    health_check_period_s=HEALTH_CHECK_PERIOD_S,
    graceful_shutdown_wait_loop_s=SHUTDOWN_WAIT_S,
    logging_config=LoggingConfig(enable_access_log=False),
)
class EngagementEstimator:
    """Estimates what learners are doing, all of one tick in one call of the model.

    Args:
        wanted: which model to run.
    """

    def __init__(self, wanted: Wanted) -> None:
        os.nice(NICENESS)
        chosen = choose_model(wanted)
        self._model, self._reason = chosen.model, chosen.reason
        self._topics = load_topics()

    async def estimate(self, windows: Array) -> Estimates:
        """Return the probabilities for windows of shape (learners, history, features)."""
        probabilities: Array = await self._together(windows)
        return Estimates(probabilities, self._model.name, self._model.version)

    @serve.batch(max_batch_size=BATCH_REQUESTS, batch_wait_timeout_s=BATCH_WAIT_S)
    async def _together(self, requests: list[Array]) -> list[Array]:
        return await asyncio.to_thread(estimate_together, self._model, requests)

    async def similarities(self, pairs: Sequence[TopicPair]) -> list[float]:
        """Return how near what was said lies to its topic; nothing without an embedding model."""
        if self._topics is None:
            return []
        said, topics = [pair.said for pair in pairs], [pair.topic for pair in pairs]
        return await asyncio.to_thread(self._topics.similarities, said, topics)

    async def loaded(self) -> LoadedEngagement:
        """Return what this replica runs."""
        return LoadedEngagement(
            state="ready",
            reason=self._reason,
            model=self._model.name,
            version=self._model.version,
            history=self._model.history,
            embeddings=self._topics.name if self._topics else None,
        )


def build(args: EstimatorConfiguration) -> Application:
    """Return the application, for `serve.run` and for `rayservice.yaml`."""
    return EngagementEstimator.options(  # type: ignore[attr-defined,no-any-return]
        max_constructor_retry_count=1,  # A model that cannot be loaded is told at once.
        ray_actor_options={"num_cpus": args.num_cpus},
    ).bind(args.model)


class ServedEngagement:
    """The estimator from outside its cluster's replicas: every call is bounded in time.

    Args:
        handle: handle of the `EngagementEstimator` deployment.
    """

    def __init__(self, handle: DeploymentHandle[Any]) -> None:
        self._handle = handle

    async def estimate(self, windows: Array) -> Estimates:
        """Return the probabilities for windows of shape (learners, history, features).

        Raises:
            Unavailable: the replica died, none is up, or the time is over.
            Overloaded: too many ticks wait already.
        """
        estimates: Estimates = await self._bounded(self._handle.estimate.remote(windows))
        return estimates

    async def similarities(self, pairs: Sequence[TopicPair]) -> list[float]:
        """Return how near what was said lies to its topic, in -1..1.

        Raises:
            Unavailable, Overloaded: as `estimate`.
        """
        similarities: list[float] = await self._bounded(self._handle.similarities.remote(pairs))
        return similarities

    async def _bounded(self, answer: Any) -> Any:
        async with calling("engagement model", TIMEOUT_S, "ticks", full_retry_s=1):
            return await answer
