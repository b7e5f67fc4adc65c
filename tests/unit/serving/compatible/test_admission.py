"""Who gets in, and what holds: the rules of a tenant, the places, the end of a credential."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from serving.compatible import conversation
from serving.compatible.conversation import FORBIDDEN, TIMEOUT, UNAUTHORIZED
from serving.compatible.places import FILES_AT_ONCE, STREAMS_AT_ONCE
from serving.web.services import Services
from tests.media import sample_speech, write_speech
from tests.unit.serving.caption_engines import MeasuringEngine

WITHIN_SECONDS = 5.0
LIVE = "/v1/listen?model=nova-3&encoding=linear16&sample_rate=16000"
FILES = {"file": ("talk.wav", b"RIFF")}


def pcm(seconds: float) -> bytes:
    return (sample_speech("tutor", seconds) * 32767).astype("<i2").tobytes()


def wav(folder: Path) -> bytes:
    return write_speech(folder / "talk.wav", 4).read_bytes()


def files_left() -> list[str]:
    return sorted(path.name for path in Path(gettempdir()).glob("lectern-audio-*"))


@asynccontextmanager
async def live(gateway_url: str, key: str, path: str = LIVE) -> AsyncIterator[ClientConnection]:
    url = gateway_url.replace("http", "ws", 1) + path
    headers = {"Authorization": f"Token {key}"}
    async with connect(url, additional_headers=headers) as socket:
        yield socket


async def told(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), WITHIN_SECONDS))
    return message


async def test_a_switched_off_feature_holds_for_files_and_streams(
    api: httpx.AsyncClient, services: Services, tenant_id: str, gateway_url: str, api_key: str
) -> None:
    below = await services.tenants.create(
        tenant_id, tenant_id, "below", "school", {"features": {"live_captions": False}}
    )
    named = {"Lectern-Tenant": below.id}
    answer = await api.post("/v1/audio/transcriptions", files=FILES, headers=named)
    assert answer.status_code == 403
    assert answer.json()["error"]["type"] == "permission_error"
    with pytest.raises(InvalidStatus) as refused:
        async with live(gateway_url, api_key, f"{LIVE}&tenant={below.id}"):
            pytest.fail("it was let in")
    assert refused.value.response.status_code == 403


async def test_an_engine_that_the_tenant_does_not_allow_hears_nothing(
    api: httpx.AsyncClient, services: Services, tenant_id: str, engine: MeasuringEngine
) -> None:
    below = await services.tenants.create(
        tenant_id, tenant_id, "below", "school", {"engines_allowed": ["pocketsphinx"]}
    )
    named = {"Lectern-Tenant": below.id}
    answer = await api.post("/v1/listen", content=b"RIFF", headers=named)
    assert (answer.status_code, answer.json()["err_code"]) == (403, "INSUFFICIENT_PERMISSIONS")
    assert "'measuring'" in answer.json()["err_msg"]
    assert engine.calls == []


async def test_nothing_of_it_is_stored(
    api: httpx.AsyncClient, services: Services, tenant_id: str, tmp_path: Path
) -> None:
    speech = wav(tmp_path)
    before = files_left(), await services.audit.list_entries(tenant_id)
    form = {"model": "whisper-1"}
    answer = await api.post("/v1/audio/transcriptions", files={"file": speech}, data=form)
    assert answer.status_code == 200, answer.text
    assert answer.json()["text"].endswith("ms")
    assert answer.headers["Lectern-Engine"] == "measuring/ruler"
    answer = await api.post("/v1/listen", content=speech)
    assert answer.json()["results"]["channels"][0]["alternatives"][0]["words"]
    assert await services.lessons.list_lessons(tenant_id) == []
    assert (files_left(), await services.audit.list_entries(tenant_id)) == before


async def test_a_key_needs_the_scope(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    for scope, status in (("captions:write", 403), ("transcriptions:write", 400)):
        _, key = await services.api_keys.create(tenant_id, scope, scopes=frozenset({scope}))
        bearer = {"Authorization": f"Bearer {key}"}
        answer = await api.post("/v1/audio/transcriptions", files=FILES, headers=bearer)
        assert answer.status_code == status, answer.text


async def test_a_stream_ends_with_its_key(
    services: Services, tenant_id: str, gateway_url: str
) -> None:
    record, key = await services.api_keys.create(tenant_id, "leaked")
    async with live(gateway_url, key) as socket:
        await socket.send(pcm(0.2))
        await services.api_keys.revoke(tenant_id, record.id)
        assert (await told(socket))["variant"] == "INVALID_AUTH"
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), WITHIN_SECONDS)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == UNAUTHORIZED


async def test_a_silent_client_is_told_and_let_go(
    gateway_url: str, api_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "IDLE_SECONDS", 0.2)
    async with live(gateway_url, api_key) as socket:
        assert "Nothing was received" in (await told(socket))["description"]
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), WITHIN_SECONDS)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == TIMEOUT


async def test_a_gateway_without_a_place_says_when_to_come_again(
    api: httpx.AsyncClient, services: Services, gateway_url: str, api_key: str
) -> None:
    with ExitStack() as held:
        for places, most in (
            (services.transcribed_files, FILES_AT_ONCE),
            (services.speech_streams, STREAMS_AT_ONCE),
        ):
            for _ in range(most):
                held.enter_context(places.take())
        answer = await api.post("/v1/audio/transcriptions", files=FILES)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        with pytest.raises(InvalidStatus) as refused:
            async with live(gateway_url, api_key):
                pytest.fail("it was let in")
        assert refused.value.response.status_code == 503


async def test_places_are_given_back(services: Services, gateway_url: str, api_key: str) -> None:
    with ExitStack() as held:
        for _ in range(STREAMS_AT_ONCE - 1):
            held.enter_context(services.speech_streams.take())
        for _ in range(2):
            async with live(gateway_url, api_key) as socket:
                await socket.send(json.dumps({"type": "CloseStream"}))
                assert (await told(socket))["type"] == "Metadata"


@pytest.mark.parametrize("loaded", [False])
async def test_without_a_model_it_is_said_in_the_vendors_words(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/audio/transcriptions", files=FILES)
    assert answer.status_code == 503
    assert answer.json()["error"]["type"] == "server_error"


async def test_a_whisper_live_client_needs_a_key_in_its_first_message(
    gateway_url: str, api_key: str
) -> None:
    url = gateway_url.replace("http", "ws", 1)
    async with connect(url) as socket:
        await socket.send(json.dumps({"uid": "u1", "model": "small"}))
        assert await told(socket) | {"message": ""} == {
            "uid": "u1",
            "status": "ERROR",
            "message": "",
        }
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == UNAUTHORIZED


@pytest.mark.parametrize("option", ["enable_translation", "enable_diarization"])
async def test_what_whisper_live_would_do_otherwise_is_refused(
    gateway_url: str, api_key: str, option: str
) -> None:
    async with connect(gateway_url.replace("http", "ws", 1)) as socket:
        await socket.send(json.dumps({"uid": "u1", "model": api_key, option: True}))
        assert (await told(socket))["message"].startswith(option)


async def test_a_participant_has_a_lesson_to_publish_in(
    gateway_url: str, api_key: str, learner: Any, token_of: Any
) -> None:
    async with connect(gateway_url.replace("http", "ws", 1)) as socket:
        await socket.send(json.dumps({"uid": "u1", "model": token_of(learner)}))
        assert (await told(socket))["status"] == "ERROR"
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == FORBIDDEN
