"""The models process's endpoint on a real port, over a real translation model in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lessons.errors import Unavailable
from models.translation.selection import TranslationModels
from serving.captioning.bridge import ModelsStatus, create_bridge
from serving.translation.batch import translate_batch
from serving.translation.wire import Original, Translation
from tests.unit.serving.serving_app import serve


@dataclass
class LocalTranslator:
    """Translates in this process, and remembers what it was asked.

    Attributes:
        away: whether its replica is down.
    """

    models: TranslationModels
    away: bool = False
    asked: list[Original] = field(default_factory=list)

    async def translate(self, originals: Sequence[Original]) -> list[Translation]:
        if self.away:
            raise Unavailable("The translator failed in the middle of the call.")
        self.asked += originals
        return await asyncio.to_thread(translate_batch, self.models, originals)


@asynccontextmanager
async def running_models_process(
    translator: LocalTranslator | None,
) -> AsyncIterator[str]:
    """Serve the endpoint of `lectern models`; without a translator none is configured."""
    status = ModelsStatus()
    if translator is not None:
        status.translation.ready(translator, translator.models.loaded)
    async with serve(create_bridge(status)) as url:
        yield url
