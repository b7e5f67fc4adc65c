"""The translator: one Serve deployment around the translation models, and the way to call it."""

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

from models.translation.interface import TranslationModel
from models.translation.selection import load_translation
from serving.replica_calls import calling
from serving.settings import Settings
from serving.translation.batch import translate_batch
from serving.translation.wire import Original, Translation

TRANSLATOR = "Translator"
"""Name of the deployment."""
TRANSLATION_APPLICATION = "lectern-translation"
"""Name of its application: one of its own, so that captions never depend on it."""
BATCH_TEXTS = 32
BATCH_WAIT_S = 0.02
"""How long a batch that is not full waits for more texts, in seconds."""
MOST_ONGOING = 256
MOST_QUEUED = 1024
TIMEOUT_S = 20.0
"""A translation that takes longer is tried again later, in seconds."""
NICENESS = 10
"""The translator gives way to every process that captions: it runs on what they leave."""
HEALTH_CHECK_PERIOD_S = 5.0
SHUTDOWN_WAIT_S = 2.0


class TranslatorConfiguration(BaseModel):
    """Which models the translator runs, and what it asks of the cluster."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: list[str] = Field(min_length=1)
    threads: int = Field(default=1, ge=1)
    num_cpus: float = Field(default=0.25, ge=0)
    num_gpus: float = Field(default=0.0, ge=0)

    @classmethod
    def of(cls, settings: Settings) -> TranslatorConfiguration:
        """Return what the settings ask for."""
        return cls(
            models=settings.translation_models,
            threads=settings.translation_threads,
            num_gpus=settings.translation_num_gpus,
        )


@serve.deployment(
    name=TRANSLATOR,
    max_ongoing_requests=MOST_ONGOING,
    max_queued_requests=MOST_QUEUED,
    health_check_period_s=HEALTH_CHECK_PERIOD_S,
    graceful_shutdown_wait_loop_s=SHUTDOWN_WAIT_S,
    logging_config=LoggingConfig(enable_access_log=False),
)
class Translator:
    """Translates texts of any lessons, batched in one call of the model.

    Args:
        configuration: the models to load.
    """

    def __init__(self, configuration: TranslatorConfiguration) -> None:
        os.nice(NICENESS)
        self._models = load_translation(configuration.models, configuration.threads)

    async def translate(self, original: Original) -> Translation:
        """Return what became of one text."""
        translation: Translation = await self._together(original)
        return translation

    @serve.batch(max_batch_size=BATCH_TEXTS, batch_wait_timeout_s=BATCH_WAIT_S)
    async def _together(self, originals: list[Original]) -> list[Translation]:
        return await asyncio.to_thread(translate_batch, self._models, originals)

    async def loaded(self) -> tuple[TranslationModel, ...]:
        """Return what this replica runs."""
        return self._models.loaded


def build(args: TranslatorConfiguration) -> Application:
    """Return the application, for `serve.run` and for `rayservice.yaml`."""
    return Translator.options(  # type: ignore[attr-defined,no-any-return]
        max_constructor_retry_count=1,  # A model that cannot be loaded is told at once.
        ray_actor_options={"num_cpus": args.num_cpus, "num_gpus": args.num_gpus},
    ).bind(args)


class ServedTranslations:
    """The translator from outside its cluster's replicas: every call is bounded in time.

    Args:
        handle: handle of the `Translator` deployment.
    """

    def __init__(self, handle: DeploymentHandle[Any]) -> None:
        self._handle = handle

    async def translate(self, originals: Sequence[Original]) -> list[Translation]:
        """Translate texts; one outcome each, in their order.

        Raises:
            Unavailable: the replica died, none is up, or the time is over.
            Overloaded: too many texts wait already.
        """
        async with calling("translator", TIMEOUT_S, "texts"):
            return await asyncio.gather(*(self._one(original) for original in originals))

    async def _one(self, original: Original) -> Translation:
        translation: Translation = await self._handle.translate.remote(original)
        return translation
