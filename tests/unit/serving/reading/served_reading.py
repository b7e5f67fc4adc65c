"""The models process's endpoint on a real port, over the shipped models in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from lessons.errors import Unavailable
from serving.captioning.bridge import ModelsStatus, create_bridge
from serving.reading.loaded import Kind, LoadedReadingModel
from serving.reading.loading import LoadedModel
from serving.reading.together import Broken, read_together
from serving.reading.wire import Answer
from tests.unit.serving.serving_app import serve


@dataclass
class LocalReading:
    """Reads in this process, and remembers of what kind it was asked.

    Attributes:
        away: whether the replicas are down.
        missing: kinds that could not be loaded, with the reason.
    """

    models: dict[Kind, LoadedModel]
    missing: dict[Kind, str] = field(default_factory=dict)
    away: bool = False
    asked: list[Kind] = field(default_factory=list)

    async def read(self, kind: Kind, items: Sequence[Any]) -> Answer:
        if self.away:
            raise Unavailable("The model failed in the middle of the call.")
        self.asked.append(kind)
        (outcome,) = await asyncio.to_thread(read_together, self.models[kind], [items])
        if isinstance(outcome, Broken):
            raise Unavailable(outcome.reason)
        return outcome

    def loaded(self) -> list[LoadedReadingModel]:
        ready = [
            LoadedReadingModel(
                kind=kind,
                state="ready",
                reason="it is there",
                model=one.name,
                version=one.version,
                device="cpu",
                dimension=one.dimension,
            )
            for kind, one in self.models.items()
        ]
        failed = [
            LoadedReadingModel(kind=kind, state="failed", reason=reason)
            for kind, reason in self.missing.items()
        ]
        return [*ready, *failed]


@asynccontextmanager
async def models_process(reading: LocalReading | None) -> AsyncIterator[tuple[str, ModelsStatus]]:
    """Serve the endpoint of `lectern models`; None: no such model is served."""
    status = ModelsStatus()
    if reading is not None:
        status.reading.ready(reading, reading.loaded())
    async with serve(create_bridge(status)) as url:
        yield url, status
