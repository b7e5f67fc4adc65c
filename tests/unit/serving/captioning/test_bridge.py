"""The models process's endpoint, on a real port, over an engine in this process."""

from collections.abc import AsyncIterator

import httpx
import numpy as np
import pytest

from lessons.errors import InvalidInput
from models.captions.interface import CaptionWindow
from serving.captioning.bridge import LoadedModel, ModelsStatus, create_bridge
from serving.captioning.client import InProcessCaptions
from serving.captioning.wire import decode_outcomes, encode_windows
from tests.unit.serving.caption_engines import MeasuringEngine, caption_window
from tests.unit.serving.serving_app import serve


@pytest.fixture
def status() -> ModelsStatus:
    return ModelsStatus()


@pytest.fixture
async def http(status: ModelsStatus) -> AsyncIterator[httpx.AsyncClient]:
    async with serve(create_bridge(status)) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


@pytest.fixture
async def engine(status: ModelsStatus) -> AsyncIterator[MeasuringEngine]:
    engine = MeasuringEngine()
    captions = InProcessCaptions(engine)
    status.ready(LoadedModel(captions, engine.capabilities, "it is the only one"))
    yield engine
    await captions.close()


async def test_while_it_starts_it_says_so_and_when_to_come_back(
    http: httpx.AsyncClient, status: ModelsStatus
) -> None:
    status.starting("Ray is starting.")
    refused = await http.post("/transcribe", content=encode_windows([caption_window("a")]))
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert refused.json()["detail"] == "Ray is starting."
    told = (await http.get("/models")).json()
    assert told["captions"] == {"state": "starting", "reason": "Ray is starting."}
    health = await http.get("/health")
    assert (health.status_code, health.json()) == (200, {"state": "starting"})


async def test_models_tells_the_engine_and_why(
    http: httpx.AsyncClient, engine: MeasuringEngine
) -> None:
    captions = (await http.get("/models")).json()["captions"]
    assert captions["state"] == "ready"
    assert captions["reason"] == "Because it is the only one."
    assert (captions["engine"], captions["model"]) == ("measuring", "ruler")
    assert captions["parallel_windows"] == engine.capabilities.parallel_windows
    assert captions["smaller_model"] is None
    assert captions["load"]["rung"] == "full"
    assert captions["load"]["final_bound_ms"] == 10_000


async def test_each_window_gets_its_own_outcome(
    http: httpx.AsyncClient, engine: MeasuringEngine
) -> None:
    broken = CaptionWindow("broken", np.full(160, np.nan, dtype=np.float32))
    windows = [caption_window("a", seconds=1), broken, caption_window("b", seconds=2)]
    answer = await http.post("/transcribe", content=encode_windows(windows))
    first, second, third = decode_outcomes(answer.content)
    assert isinstance(second, InvalidInput)
    assert [getattr(first, "text", None), getattr(third, "text", None)] == ["1000ms", "2000ms"]


async def test_a_malformed_body_is_the_callers_fault(
    http: httpx.AsyncClient, engine: MeasuringEngine
) -> None:
    refused = await http.post("/transcribe", content=b"not msgpack")
    assert (refused.status_code, refused.json()["field"]) == (422, "body")
