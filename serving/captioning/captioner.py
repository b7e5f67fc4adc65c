"""The captioner: one Serve deployment around one caption engine, and the way to call it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle
from ray.serve.schema import LoggingConfig

from lessons.errors import InvalidInput, LecternError, Unavailable
from models.captions.interface import Capabilities, CaptionWindow, Hypothesis
from serving.captioning.batch_counters import BatchCounters
from serving.captioning.caption_load import FINAL_BOUND_S, CaptionLoad, ReplicaLoads
from serving.captioning.engine_configuration import EngineConfiguration
from serving.captioning.window_batcher import WindowBatcher
from serving.captioning.window_timing import WindowTiming
from serving.captioning.wire import Outcome
from serving.replica_calls import calling

CAPTIONER = "Captioner"
"""Name of the deployment."""
MOST_ONGOING = 256
"""Windows that one replica holds at the same time: far more than a batch, so that it can choose."""
MOST_QUEUED = 1024
"""Windows that may wait outside the replicas before more are refused."""
PARTIAL_TIMEOUT_S = 8.0
"""A partial that takes longer is worth nothing, in seconds."""
FINAL_TIMEOUT_S = 40.0
"""A final may wait through the crash and restart of a replica, in seconds."""
FRESH_LOAD_S = 1.0
"""A load that was told so lately is not asked for again, in seconds."""
LOAD_TIMEOUT_S = 2.0
HEALTH_CHECK_PERIOD_S = 5.0
SHUTDOWN_WAIT_S = 2.0


class CaptionerConfiguration(EngineConfiguration):
    """Which engine the captioner runs, and what each replica of it asks of the cluster."""

    final_bound_s: float = Field(default=FINAL_BOUND_S, gt=0)
    replicas: int = Field(default=1, ge=1)
    num_cpus: float = Field(default=0.25, ge=0)
    num_gpus: float = Field(default=0.0, ge=0)
    resources: dict[str, float] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadedCaptions:
    """What a replica runs, and why this engine was chosen."""

    capabilities: Capabilities
    reason: str
    smaller_model: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one window, how long that took in the replica, and how loaded that is."""

    outcome: Outcome
    timing: WindowTiming
    load: CaptionLoad

    def hypothesis(self) -> Hypothesis:
        """Return the words; a refusal is raised."""
        if isinstance(self.outcome, LecternError):
            raise self.outcome
        return self.outcome


@serve.deployment(
    name=CAPTIONER,
    max_ongoing_requests=MOST_ONGOING,
    max_queued_requests=MOST_QUEUED,
    health_check_period_s=HEALTH_CHECK_PERIOD_S,
    graceful_shutdown_wait_loop_s=SHUTDOWN_WAIT_S,
    logging_config=LoggingConfig(enable_access_log=False),
)
class Captioner:
    """Transcribes windows of any lessons and tracks, batched in one call of the model.

    Args:
        configuration: the engine to load.
    """

    def __init__(self, configuration: CaptionerConfiguration) -> None:
        choice = configuration.choose()
        smaller = configuration.choose_smaller(choice)
        engine = choice.build()
        self._batcher = WindowBatcher(
            engine, smaller.build() if smaller else None, final_bound_s=configuration.final_bound_s
        )
        self._loaded = LoadedCaptions(
            engine.capabilities, choice.reason, smaller.model if smaller else None
        )

    async def transcribe(self, window: CaptionWindow) -> Answer:
        """Return what became of one window; refusals are values, so that no traceback travels."""
        timing = WindowTiming(serve.get_replica_context().replica_id.unique_id)
        outcome: Outcome
        try:
            outcome = await self._batcher.transcribe(window, timing)
        except (InvalidInput, Unavailable) as error:
            outcome = error
        return Answer(outcome, timing, self._batcher.load())

    async def load(self) -> CaptionLoad:
        """Return how loaded this replica is with live lessons."""
        return self._batcher.load()

    async def loaded(self) -> LoadedCaptions:
        """Return what this replica runs."""
        return self._loaded

    async def counters(self) -> BatchCounters:
        """Return how well this replica has batched its windows so far."""
        return self._batcher.counters


class ServedCaptions:
    """The captioner from outside its cluster's replicas: every call is bounded in time.

    Args:
        handle: handle of the `Captioner` deployment.
    """

    def __init__(self, handle: DeploymentHandle[Any]) -> None:
        self._handle = handle
        self._loads = ReplicaLoads()

    async def load(self) -> CaptionLoad:
        """Return how loaded the captioner is: as told with a late answer, else a replica is asked.

        Raises:
            Unavailable: no replica answers.
        """
        age = self._loads.newest_age()
        if age is None or age > FRESH_LOAD_S:
            try:
                async with asyncio.timeout(LOAD_TIMEOUT_S):
                    self._loads.note(await self._handle.load.remote())
            except (TimeoutError, RayError, RayServeException) as error:
                raise Unavailable("The captioner does not say how loaded it is.") from error
        return self._loads.worst() or CaptionLoad()

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        """Transcribe one window.

        Raises:
            InvalidInput: the window can never be transcribed.
            Unavailable, Overloaded: as `answer`, or the engine lost what it needs.
        """
        return (await self.answer(window)).hypothesis()

    async def answer(self, window: CaptionWindow) -> Answer:
        """Return what became of one window, with its timing.

        Raises:
            Unavailable: the replica died, none is up, or the time is over.
            Overloaded: too many windows wait already.
        """
        timeout_s = FINAL_TIMEOUT_S if window.final else PARTIAL_TIMEOUT_S
        async with calling("captioner", timeout_s, "windows"):
            answer: Answer = await self._handle.transcribe.remote(window)
        self._loads.note(answer.load)
        return answer
