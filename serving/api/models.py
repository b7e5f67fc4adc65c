"""What is loaded: the caption engine with its measured accuracy, and the ingest workers."""

from __future__ import annotations

from typing import Any

import httpx
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, Unavailable
from lessons.policy import Action, Resource
from lessons.records import IngestWorkerRecord
from serving.captioning.caption_load import CaptionLoad
from serving.engagement.wire import LoadedEngagement
from serving.reading.loaded import LoadedReading
from serving.translation.wire import LoadedTranslation
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

MODELS_TIMEOUT_SECONDS = 2.0

router = APIRouter(
    prefix="/v1",
    tags=["installation"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, Unavailable),
)


class CaptionModel(BaseModel):
    """The caption engine as it reports itself; beyond `state` and `reason` only once it is up."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "state": "ready",
                    "reason": "Because no Whisper model is on disk and the hub is out of reach.",
                    "engine": "pocketsphinx",
                    "model": "en-us",
                    "version": "5.1.1",
                    "device": "cpu",
                    "compute_type": "float32",
                    "languages": ["en"],
                    "max_window_ms": 30000,
                    "parallel_windows": 2,
                    "concurrent_calls": False,
                    "uses_vocabulary": True,
                    "licence": "BSD-2-Clause",
                    "smaller_model": None,
                    "load": {
                        "rung": "slower_partials",
                        "busy": 0.91,
                        "finals_busy": 0.42,
                        "finals_delay": 0.31,
                        "final_bound_ms": 10000,
                        "partial_interval_factor": 2.0,
                        "replica": "rep_01kb9x5t7v0000000000000000",
                    },
                    "accuracy": {
                        "word_error_rate": 0.34,
                        "low": 0.31,
                        "high": 0.37,
                        "data": "14 minutes of mixed public speech",
                    },
                }
            ]
        },
    )

    state: str
    reason: str
    load: CaptionLoad | None = None


class Models(BaseModel):
    """The models of this installation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "captions": {"state": "starting", "reason": "Loading the caption model."},
                    "translation": {"state": "starting", "reason": "Loading opus-mt-en-es."},
                    "engagement": {"state": "starting", "reason": "Captions are started first."},
                    "reading": {"state": "starting", "reason": "Captions are started first."},
                }
            ]
        }
    )

    captions: CaptionModel
    translation: LoadedTranslation
    engagement: LoadedEngagement
    reading: LoadedReading


class IngestWorkerView(IngestWorkerRecord):
    """An ingest worker as it last reported itself; `load` is in 0..1 of its capacity."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "wrk_01kb9x5t7v0000000000000000",
                    "url": "http://127.0.0.1:41873",
                    "capacity_peers": 20,
                    "peers": 2,
                    "load": 0.1,
                    "heartbeat_at": "2026-11-22T10:15:30Z",
                    "draining": False,
                }
            ]
        }
    )


class Workers(BaseModel):
    """The ingest workers of this installation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"workers": []}]})

    workers: list[IngestWorkerView]


async def read_models(services: Services) -> Models:
    """Ask the models process what it has loaded; one that does not answer is `unavailable`."""
    try:
        response = await services.http.get(
            f"{services.settings.models_url.rstrip('/')}/models", timeout=MODELS_TIMEOUT_SECONDS
        )
        response.raise_for_status()
        return Models.model_validate_json(response.content)
    except (httpx.HTTPError, ValueError):
        reason = "The models process does not answer; captions resume when it is back."
        return Models(
            captions=CaptionModel(state="unavailable", reason=reason),
            translation=LoadedTranslation(state="unavailable", reason=reason),
            engagement=LoadedEngagement(
                state="unavailable", reason="Signals are made by the baseline meanwhile."
            ),
            reading=LoadedReading(
                state="unavailable", reason="What is read by served models waits until it is back."
            ),
        )


@router.get("/models", response_model_exclude_unset=True)
async def get_models(caller: Caller, services: ServicesDependency) -> Models:
    """Read which caption engine is loaded, why, its measured word error rate, and its load.

    `load.rung` tells what has been given up under load, in this order: `full` (nothing),
    `slower_partials`, `smaller_partials` and `smaller_finals` (a smaller model, if there is one),
    `refusing` (new lessons get 503). `load.final_bound_ms` is the declared time to a final caption.
    `state` is `starting`, `ready` or `unavailable`.

    `translation.models` tells from which languages (`sources`) into which (`targets`) captions can
    be translated; `translation.state` may also be `off` (no model is configured) or `failed`.

    `engagement` tells which model estimates what learners are doing, and why that one. While it is
    not `ready`, the baseline does so in the process that follows lessons.

    `reading` tells by which models lessons are read for summaries and live notes, where
    LECTERN_READING_MODELS has them served; `off` means that the jobs process has its own.
    """
    await authorize(services, caller, Action.READ, Resource.MODEL)
    return await read_models(services)


@router.get("/workers", response_model=Workers)
async def list_workers(caller: Caller, services: ServicesDependency) -> dict[str, Any]:
    """List the ingest workers with their load."""
    await authorize(services, caller, Action.LIST, Resource.WORKER)
    return {"workers": await services.workers.list_workers()}
