"""Captions for a process without models: every way that the other side can fail has a name."""

import asyncio
import socket

import numpy as np
import pytest
from fastapi import FastAPI, Response

from lessons.errors import InvalidInput, Overloaded, Unavailable
from models.captions.interface import CaptionWindow, Hypothesis
from serving.captioning.bridge import LoadedModel, ModelsStatus, create_bridge
from serving.captioning.caption_load import CaptionLoad
from serving.captioning.client import CaptionClient, InProcessCaptions, ServedCaptionService
from tests.unit.serving.caption_engines import MeasuringEngine, caption_window
from tests.unit.serving.serving_app import serve


def _bridge_over(service: ServedCaptionService, engine: MeasuringEngine) -> FastAPI:
    status = ModelsStatus()
    status.ready(LoadedModel(service, engine.capabilities, "of the test"))
    return create_bridge(status)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def test_words_come_over_the_wire() -> None:
    engine = MeasuringEngine()
    async with (
        serve(_bridge_over(InProcessCaptions(engine), engine)) as url,
        CaptionClient(url) as client,
    ):
        heard = await client.transcribe(caption_window("a", seconds=1.5))
    assert (heard.window_id, heard.text) == ("a", "1500ms")


async def test_windows_of_two_clients_share_a_batch() -> None:
    engine = MeasuringEngine(parallel_windows=4)
    engine.open_gate.clear()
    async with (
        serve(_bridge_over(InProcessCaptions(engine), engine)) as url,
        CaptionClient(url) as one,
        CaptionClient(url) as other,
    ):
        first = asyncio.create_task(one.transcribe(caption_window("first")))
        await asyncio.to_thread(engine.entered.wait)
        waiting = [
            asyncio.create_task(client.transcribe(caption_window(name)))
            for client, name in ((one, "lesson-1"), (other, "lesson-2"))
        ]
        await asyncio.sleep(0.3)
        engine.open_gate.set()
        await asyncio.gather(first, *waiting)
    assert [sorted(call) for call in engine.calls] == [["first"], ["lesson-1", "lesson-2"]]


async def test_a_refused_window_is_invalid_input() -> None:
    engine = MeasuringEngine()
    window = CaptionWindow("nan", np.full(160, np.nan, dtype=np.float32))
    async with (
        serve(_bridge_over(InProcessCaptions(engine), engine)) as url,
        CaptionClient(url) as client,
    ):
        with pytest.raises(InvalidInput, match="not finite"):
            await client.transcribe(window)


async def test_nobody_there_is_unavailable() -> None:
    async with CaptionClient(f"http://127.0.0.1:{_free_port()}") as client:
        with pytest.raises(Unavailable, match="cannot be reached"):
            await client.transcribe(caption_window("a"))


async def test_a_starting_process_is_unavailable_and_says_why() -> None:
    status = ModelsStatus()
    status.starting("Ray is starting.")
    async with serve(create_bridge(status)) as url, CaptionClient(url) as client:
        with pytest.raises(Unavailable, match="Ray is starting"):
            await client.transcribe(caption_window("a"))


async def test_an_overloaded_captioner_is_overloaded() -> None:
    class Full:
        async def transcribe(self, window: CaptionWindow) -> Hypothesis:
            raise Overloaded("Too many windows.", retry_after_seconds=2)

        async def load(self) -> CaptionLoad:
            return CaptionLoad(rung="refusing", finals_delay=1.5)

    async with (
        serve(_bridge_over(Full(), MeasuringEngine())) as url,
        CaptionClient(url) as client,
    ):
        with pytest.raises(Overloaded) as refusal:
            await client.transcribe(caption_window("a"))
        told = client.told_load
    assert refusal.value.retry_after_seconds == 2
    assert (told.rung, told.finals_delay) == ("refusing", 1.5)


async def test_the_load_is_asked_for_where_it_was_not_told_lately() -> None:
    engine = MeasuringEngine()
    async with (
        serve(_bridge_over(InProcessCaptions(engine), engine)) as url,
        CaptionClient(url) as client,
    ):
        load = await client.load()
    assert (load.rung, load.final_bound_ms, load.busy) == ("full", 10_000, 0.0)


async def test_the_load_of_a_models_process_that_is_away_or_starting_is_not_known() -> None:
    starting = ModelsStatus()
    async with serve(create_bridge(starting)) as url, CaptionClient(url) as client:
        with pytest.raises(Unavailable, match="starting"):
            await client.load()
    async with CaptionClient(f"http://127.0.0.1:{_free_port()}") as client:
        with pytest.raises(Unavailable, match="loaded"):
            await client.load()


async def test_a_stranger_on_the_port_is_unavailable() -> None:
    stranger = FastAPI()

    @stranger.post("/transcribe")
    async def answer() -> Response:
        return Response(b"hello")

    async with serve(stranger) as url, CaptionClient(url) as client:
        with pytest.raises(Unavailable, match="something else"):
            await client.transcribe(caption_window("a"))


async def test_the_engine_of_a_models_process_that_is_away_is_not_known() -> None:
    async with CaptionClient("http://127.0.0.1:9") as client:
        with pytest.raises(Unavailable, match="engine"):
            await client.engine()
