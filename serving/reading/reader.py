"""A model that lessons are read with, as a Serve deployment of its own, and the way to call it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ray import serve
from ray.serve import Application
from ray.serve.handle import DeploymentHandle
from ray.serve.schema import LoggingConfig

from lessons.errors import InvalidInput, Unavailable
from models.talk_moves.loading import RULES
from serving.reading.loaded import Kind, LoadedReadingModel
from serving.reading.loading import LoadedModel, load_model
from serving.reading.together import Broken, Outcome, read_together
from serving.reading.wire import TIMEOUT_S, Answer
from serving.replica_calls import calling
from serving.settings import Settings

DEPLOYMENTS: Mapping[Kind, str] = {
    "encoder": "SentenceEncoder",
    "exchanges": "ExchangeReader",
    "talk_moves": "TalkMoves",
    "segments": "SegmentRows",
    "chat": "SummaryWriter",
}
"""Names of the deployments, by what they read."""

BATCH_REQUESTS = 16
BATCH_WAIT_S = 0.005
"""How long a batch that is not full waits for other lessons, in seconds."""
MOST_ONGOING = 64
MOST_QUEUED = 256
NICENESS = 10
"""It gives way to every process that captions."""
HEALTH_CHECK_PERIOD_S = 5.0
SHUTDOWN_WAIT_S = 2.0


class ReaderConfiguration(BaseModel):
    """Which model a deployment reads with, and what it asks of the cluster.

    Attributes:
        model: name of the encoder, the talk moves or the instruct model; None: what comes with
            Lectern.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    model: str | None = None
    num_cpus: float = Field(default=0.1, ge=0)
    num_gpus: float = Field(default=0.0, ge=0)

    @property
    def application(self) -> str:
        """Name of its application: one of its own, so that no other model depends on it."""
        return f"lectern-reading-{self.kind.replace('_', '-')}"

    @property
    def device(self) -> str:
        """Device of PyTorch."""
        return "cuda" if self.num_gpus else "cpu"


def configurations_of(settings: Settings) -> list[ReaderConfiguration]:
    """Return what the settings ask for, in the order in which it is started.

    Rules need no replica: who asks for moves runs them in less time than a call takes. Segments
    are scored by a network that is too small for a GPU.
    """
    num_gpus = settings.reading_num_gpus
    wanted = [
        ReaderConfiguration(kind="segments"),
        ReaderConfiguration(kind="encoder", model=settings.embedding_model, num_gpus=num_gpus),
        ReaderConfiguration(kind="exchanges", num_gpus=num_gpus),
    ]
    if settings.talk_moves != RULES:
        moves = settings.talk_moves
        wanted.append(ReaderConfiguration(kind="talk_moves", model=moves, num_gpus=num_gpus))
    if settings.summary_model is not None:
        num_gpus, model = settings.summary_num_gpus, settings.summary_model
        wanted.append(ReaderConfiguration(kind="chat", model=model, num_gpus=num_gpus))
    return wanted


@serve.deployment(
    max_ongoing_requests=MOST_ONGOING,
    max_queued_requests=MOST_QUEUED,
    health_check_period_s=HEALTH_CHECK_PERIOD_S,
    graceful_shutdown_wait_loop_s=SHUTDOWN_WAIT_S,
    logging_config=LoggingConfig(enable_access_log=False),
)
class ReadingModel:
    """Reads items of any lessons, those that come together in one call of the model.

    Args:
        configuration: the model, which is loaded when it is first asked for.
    """

    def __init__(self, configuration: ReaderConfiguration) -> None:
        os.nice(NICENESS)
        self._configuration = configuration
        self._loading = asyncio.Lock()
        self._model: LoadedModel | None = None

    async def read(self, items: list[Any]) -> Outcome:
        """Return a result for each item of one request."""
        outcome: Outcome = await self._together(items)
        return outcome

    @serve.batch(max_batch_size=BATCH_REQUESTS, batch_wait_timeout_s=BATCH_WAIT_S)
    async def _together(self, requests: list[list[Any]]) -> list[Outcome]:
        model = await self._loaded()
        return await asyncio.to_thread(read_together, model, requests)

    async def loaded(self) -> LoadedReadingModel:
        """Return what this replica reads with, or why it cannot."""
        kind, device = self._configuration.kind, self._configuration.device
        try:
            model = await self._loaded()
        except (InvalidInput, Unavailable) as error:
            return LoadedReadingModel(kind=kind, state="failed", reason=str(error))
        return LoadedReadingModel(
            kind=kind,
            state="ready",
            reason=f"{model.name} is loaded.",
            model=model.name,
            version=model.version,
            device=device,
            dimension=model.dimension,
        )

    async def _loaded(self) -> LoadedModel:
        async with self._loading:
            if self._model is None:
                wanted = self._configuration
                self._model = await asyncio.to_thread(
                    load_model, wanted.kind, wanted.model, wanted.device
                )
            return self._model


def build(args: ReaderConfiguration) -> Application:
    """Return the application, for `serve.run` and for `rayservice.yaml`."""
    return ReadingModel.options(  # type: ignore[attr-defined,no-any-return]
        name=DEPLOYMENTS[args.kind],
        ray_actor_options={"num_cpus": args.num_cpus, "num_gpus": args.num_gpus},
    ).bind(args)


class ServedReading:
    """The models from outside their cluster's replicas: every call is bounded in time.

    Args:
        handles: of the deployments, by what they read.
    """

    def __init__(self, handles: Mapping[Kind, DeploymentHandle[Any]]) -> None:
        self._handles = handles

    async def read(self, kind: Kind, items: Sequence[Any]) -> Answer:
        """Return a result for each item, of a kind that there is a handle for.

        Raises:
            Unavailable: the replica died, none is up, the model broke, or the time is over.
            Overloaded: too many requests wait already.
        """
        async with calling(DEPLOYMENTS[kind], TIMEOUT_S[kind], "lessons"):
            outcome: Outcome = await self._handles[kind].read.remote(list(items))
        if isinstance(outcome, Broken):
            raise Unavailable(outcome.reason)
        return outcome
