"""The loopback endpoint of the models process, so that no other process touches Ray."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fastapi import FastAPI, Request, Response

from lessons.errors import InvalidInput, Unavailable
from models.captions.interface import Capabilities, CaptionWindow
from serving.captioning.caption_load import CaptionLoad
from serving.captioning.client import CaptionService, ServedCaptionService
from serving.captioning.wire import MEDIA_TYPE, Outcome, decode_windows, encode_outcomes
from serving.engagement import wire as engagement_wire
from serving.engagement.status import EngagementStatus
from serving.engagement.wire import Similarities, TopicPairs
from serving.reading import wire as reading_wire
from serving.reading.loaded import Kind, LoadedReading
from serving.reading.status import ReadingStatus
from serving.translation.status import TranslationStatus
from serving.translation.wire import Originals, Translations
from serving.web.problems import install_problem_handlers

STARTING_RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that is up.

    Attributes:
        service: transcribes, and tells how loaded it is.
        capabilities: what it is.
        reason: why this engine was chosen.
        smaller_model: the model that takes over under load, if there is one.
    """

    service: ServedCaptionService
    capabilities: Capabilities
    reason: str
    smaller_model: str | None = None


class ModelsStatus:
    """What the models process is doing. One thread sets it, the endpoint's thread reads it.

    Attributes:
        translation: how far the translator is.
        engagement: how far the engagement model is.
        reading: how far the models are that lessons are read with.
    """

    def __init__(self) -> None:
        self.translation = TranslationStatus()
        self.engagement = EngagementStatus()
        self.reading = ReadingStatus()
        self._state: Literal["starting", "ready"] = "starting"
        self._detail = "The models process has just started."
        self._captions: LoadedModel | None = None

    @property
    def state(self) -> str:
        """`starting` or `ready`."""
        return self._state

    @property
    def captions(self) -> LoadedModel:
        """The captioner.

        Raises:
            Unavailable: it is not up; says what is being done about it.
        """
        loaded = self._captions
        if loaded is None:
            raise Unavailable(self._detail, retry_after_seconds=STARTING_RETRY_SECONDS)
        return loaded

    def starting(self, detail: str) -> None:
        """Say in a sentence what is being done."""
        self._detail = detail

    def ready(self, captions: LoadedModel) -> None:
        """Take windows from now on."""
        self._captions = captions
        self._state, self._detail = "ready", f"Because {captions.reason}."

    async def report(self) -> dict[str, Any]:
        """Return the state, the reason and, once loaded, what the captioner is and its load."""
        told = {"state": self._state, "reason": self._detail}
        if self._captions is None:
            return told
        load = await _load(self._captions.service)
        return {
            **told,
            **asdict(self._captions.capabilities),
            "smaller_model": self._captions.smaller_model,
            "load": load.model_dump() if load else None,
        }


def create_bridge(status: ModelsStatus) -> FastAPI:
    """Return the endpoint: what each kind of model takes, GET /models and GET /health."""
    bridge = FastAPI(title="Lectern models", openapi_url=None)
    install_problem_handlers(bridge)

    @bridge.post("/transcribe")
    async def transcribe(request: Request) -> Response:
        """Transcribe windows; each gets its own outcome (`serving.captioning.wire`)."""
        service = status.captions.service
        outcomes = await _outcomes(service, decode_windows(await request.body()))
        return Response(encode_outcomes(outcomes, await _load(service)), media_type=MEDIA_TYPE)

    @bridge.post("/translate")
    async def translate(originals: Originals) -> Translations:
        """Translate texts; each gets its own outcome."""
        service = status.translation.service
        return Translations(translations=await service.translate(originals.texts))

    @bridge.post("/engagement")
    async def engagement(request: Request) -> Response:
        """Estimate what learners are doing (`serving.engagement.wire`)."""
        service = status.engagement.service
        windows = engagement_wire.decode_windows(await request.body())
        estimates = await service.estimate(windows)
        return Response(engagement_wire.encode_estimates(estimates), media_type=MEDIA_TYPE)

    @bridge.post("/similarity")
    async def similarity(pairs: TopicPairs) -> Similarities:
        """Compare what was said with what it should be about."""
        service = status.engagement.service
        return Similarities(similarities=await service.similarities(pairs.pairs))

    _add_reading(bridge, status.reading)

    @bridge.get("/models")
    async def models() -> dict[str, Any]:
        """Say what is loaded, or what is being done about it."""
        return {
            "captions": await status.report(),
            "translation": status.translation.report(),
            "engagement": status.engagement.report(),
            "reading": status.reading.report(),
        }

    @bridge.get("/health")
    async def health() -> dict[str, str]:
        """Say that the process lives, and in which state."""
        return {"state": status.state}

    return bridge


def _add_reading(bridge: FastAPI, status: ReadingStatus) -> None:
    """Add what takes items of lessons, and what tells which models read them."""

    @bridge.post("/reading/{kind}")
    async def read(kind: Kind, request: Request) -> Response:
        """Read items of a lesson (`serving.reading.wire`)."""
        service = status.service_of(kind)
        items = reading_wire.decode_items(kind, await request.body())
        answer = await service.read(kind, items)
        return Response(reading_wire.encode_answer(kind, answer), media_type=MEDIA_TYPE)

    @bridge.get("/reading")
    async def reading() -> LoadedReading:
        """Say which models lessons are read with, or what is being done about it."""
        return status.report()


async def _outcomes(service: CaptionService, windows: Sequence[CaptionWindow]) -> list[Outcome]:
    return await asyncio.gather(*(_outcome(service, window) for window in windows))


async def _outcome(service: CaptionService, window: CaptionWindow) -> Outcome:
    try:
        return await service.transcribe(window)
    except (InvalidInput, Unavailable) as error:
        return error


async def _load(service: ServedCaptionService) -> CaptionLoad | None:
    try:
        return await service.load()
    except Unavailable:
        return None
