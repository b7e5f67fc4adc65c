"""A file beside live lessons waits its turn, says that it does, and is told when to come again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import httpx
import openai
import pytest

from eval.virtual_time import run_in_virtual_time
from lessons.errors import Overloaded
from models.captions.interface import CaptionWindow, Hypothesis
from serving.captioning.bridge import LoadedModel, ModelsStatus, create_bridge
from serving.captioning.caption_load import CaptionLoad
from serving.captioning.client import InProcessCaptions
from serving.compatible import file_transcription
from serving.compatible.file_transcription import PATIENCE, RETRY_AFTER_SECONDS
from serving.compatible.pulses import pulsed
from serving.web.services import Services
from tests.media import write_speech
from tests.unit.serving.caption_engines import MeasuringEngine
from tests.unit.serving.serving_app import serve

FOREVER = 1_000_000
FORM = {"model": "whisper-1"}


class TakenByLessons:
    """A captioner that live lessons need: it hands so many windows back before it takes one."""

    def __init__(self, engine: MeasuringEngine) -> None:
        self.refusals = 0
        self.asked = asyncio.Event()
        self._captions = InProcessCaptions(engine)

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        assert not window.live
        self.asked.set()
        if self.refusals:
            self.refusals -= 1
            raise Overloaded("Live lessons need the captioner.", retry_after_seconds=1)
        return await self._captions.transcribe(window)

    async def load(self) -> CaptionLoad:
        return CaptionLoad()

    async def close(self) -> None:
        await self._captions.close()


@pytest.fixture
def lessons(engine: MeasuringEngine) -> TakenByLessons:
    return TakenByLessons(engine)


@pytest.fixture
async def models_url(lessons: TakenByLessons, engine: MeasuringEngine) -> AsyncIterator[str]:
    status = ModelsStatus()
    status.ready(LoadedModel(lessons, engine.capabilities, "a test asked for it"))
    async with serve(create_bridge(status)) as url:
        yield url
    await lessons.close()


@pytest.fixture
def speech(tmp_path: Path) -> bytes:
    return write_speech(tmp_path / "talk.wav", 4).read_bytes()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models that fail are not asked again, and live lessons are waited for half a second."""
    patience = replace(PATIENCE, failures=0, turn_seconds=0.5)
    monkeypatch.setattr(file_transcription, "PATIENCE", patience)


async def test_a_file_waits_until_live_lessons_have_room(
    api: httpx.AsyncClient,
    lessons: TakenByLessons,
    speech: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(file_transcription, "PATIENCE", replace(PATIENCE, failures=0))
    lessons.refusals = 2
    files = {"file": speech}
    answer = await api.post("/v1/audio/transcriptions", files=files, data=FORM)
    assert answer.status_code == 200, answer.text
    assert answer.json()["text"].endswith("ms")
    assert lessons.refusals == 0


@pytest.mark.usefixtures("impatient")
async def test_both_vendors_say_when_to_come_again(
    api: httpx.AsyncClient, lessons: TakenByLessons, speech: bytes
) -> None:
    lessons.refusals = FOREVER
    openais = await api.post("/v1/audio/transcriptions", files={"file": speech}, data=FORM)
    deepgrams = await api.post("/v1/listen", content=speech)
    assert [openais.status_code, deepgrams.status_code] == [503, 503]
    for answer in (openais, deepgrams):
        assert answer.headers["Retry-After"] == str(RETRY_AFTER_SECONDS)
        assert "Live lessons" in answer.text
    assert openais.json()["error"]["code"] == "service_unavailable"
    assert deepgrams.json()["err_code"] == "SERVICE_UNAVAILABLE"


async def test_a_stream_says_that_it_waits_and_its_client_passes_over_it(
    gateway_url: str,
    api_key: str,
    lessons: TakenByLessons,
    speech: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(file_transcription, "PULSE_SECONDS", 0.2)
    lessons.refusals = 1
    url = f"{gateway_url}/v1"
    async with openai.AsyncOpenAI(api_key=api_key, base_url=url, max_retries=0) as client:
        stream = await client.audio.transcriptions.create(
            model="whisper-1", file=("talk.wav", speech), stream=True
        )
        kinds = [event.type async for event in stream]
        assert kinds == ["transcript.text.delta", "transcript.text.done"]
        lessons.refusals = 1
        form = FORM | {"stream": "true"}
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {api_key}"}) as raw:
            files = {"file": speech}
            answer = await raw.post(f"{url}/audio/transcriptions", files=files, data=form)
            lines = [line for line in answer.text.splitlines() if line]
    assert lines[0] == ": heard 0.0 s so far"
    assert lines[-1] == "data: [DONE]"


@pytest.mark.usefixtures("impatient")
async def test_a_stream_that_waited_in_vain_ends_as_the_client_expects(
    gateway_url: str, api_key: str, lessons: TakenByLessons, speech: bytes
) -> None:
    lessons.refusals = FOREVER
    url = f"{gateway_url}/v1"
    async with openai.AsyncOpenAI(api_key=api_key, base_url=url, max_retries=0) as client:
        stream = await client.audio.transcriptions.create(
            model="whisper-1", file=("talk.wav", speech), stream=True
        )
        with pytest.raises(openai.APIError, match="Send the file again later"):
            _ = [event async for event in stream]


async def test_a_file_that_nobody_waits_for_gives_up_its_place(
    services: Services,
    gateway_url: str,
    api_key: str,
    lessons: TakenByLessons,
    speech: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(file_transcription, "PULSE_SECONDS", 0.1)
    lessons.refusals = FOREVER
    bearer = {"Authorization": f"Bearer {api_key}"}
    async with httpx.AsyncClient(base_url=gateway_url, headers=bearer) as client:
        asking = asyncio.create_task(client.post("/v1/listen", content=speech))
        await asyncio.wait_for(lessons.asked.wait(), 10)
        assert services.transcribed_files.taken == 1
        asking.cancel()
    async with asyncio.timeout(10):
        while services.transcribed_files.taken:
            await asyncio.sleep(0.05)


def test_a_pulse_comes_whenever_nothing_else_does() -> None:
    closed: list[bool] = []

    async def slow() -> AsyncGenerator[str, None]:
        try:
            await asyncio.sleep(12)
            yield "first"
            await asyncio.sleep(3)
            yield "second"
            await asyncio.sleep(100)
        finally:
            closed.append(True)

    async def told() -> list[str | None]:
        heard: list[str | None] = []
        async with aclosing(pulsed(slow(), 5)) as pulses:
            async for pulse in pulses:
                heard.append(pulse)
                if len(heard) == 5:
                    break
        return heard

    assert run_in_virtual_time(told()) == [None, None, "first", "second", None]
    assert closed == [True]
