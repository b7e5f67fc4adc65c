"""A captioner without headroom: new lessons are told to come later, live ones go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack

from lessons.privacy.consent import Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.consent_changes import ConsentChange, ConsentChanges
from models.captions.interface import CaptionWindow, Hypothesis
from serving.captioning.bridge import LoadedModel, ModelsStatus, create_bridge
from serving.captioning.caption_load import CaptionLoad
from serving.captioning.client import FRESH_S
from serving.live.caption_pace import RETRY_AFTER_SECONDS
from serving.live.ingest_worker import IngestWorker
from serving.live.process import open_worker, signalling_app
from serving.settings import Settings
from serving.web.services import Services
from tests.unit.serving.caption_engines import MeasuringEngine
from tests.unit.serving.serving_app import serve

SDP = {"Content-Type": "application/sdp"}


class Loaded:
    """A captioner whose load a test sets."""

    def __init__(self) -> None:
        self.told = CaptionLoad(rung="refusing", finals_busy=0.96, finals_delay=0.7)

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        return Hypothesis(window.id, (), "en", "measuring", "ruler")

    async def load(self) -> CaptionLoad:
        return self.told


@pytest.fixture
def captioner() -> Loaded:
    return Loaded()


@pytest.fixture
async def models_url(captioner: Loaded) -> AsyncIterator[str]:
    status = ModelsStatus()
    capabilities = MeasuringEngine().capabilities
    status.ready(LoadedModel(captioner, capabilities, "of the test", "pocket ruler"))
    async with serve(create_bridge(status)) as url:
        yield url


@pytest.fixture
def settings(settings: Settings, models_url: str) -> Settings:
    return settings.model_copy(
        update={"models_url": models_url, "caption_final_bound_seconds": 4.0}
    )


@pytest.fixture
async def worker(
    settings: Settings, served_database: str, services: Services
) -> AsyncIterator[IngestWorker]:
    for left in await services.workers.list_workers():
        await services.workers.remove(left.id)
    async with open_worker(settings, served_database) as opened:
        async with serve(signalling_app(opened, services.token_secret)) as url:
            await opened.register(url)
            yield opened
        await services.workers.remove(opened.id)


@pytest.fixture
async def offer() -> AsyncIterator[str]:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver(AudioStreamTrack(), direction="sendonly")
    await connection.setLocalDescription(await connection.createOffer())
    yield connection.localDescription.sdp
    await connection.close()


async def _publish(
    api: httpx.AsyncClient, lesson: Lesson, token: str, offer: str
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} | SDP
    return await api.post(f"/v1/lessons/{lesson.id}/whip", content=offer, headers=headers)


async def test_a_new_lesson_is_refused_with_retry_after_and_does_not_start(
    api: httpx.AsyncClient,
    services: Services,
    worker: IngestWorker,
    lesson: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
    offer: str,
) -> None:
    refused = await _publish(api, lesson, token_of(learner), offer)
    assert (refused.status_code, refused.json()["code"]) == (503, "no_headroom")
    assert refused.headers["retry-after"] == str(RETRY_AFTER_SECONDS)
    assert "70%" in refused.json()["detail"]
    assert (await services.lessons.get_lesson(lesson.tenant_id, lesson.id)).status == "scheduled"
    assert worker.status().peers == 0
    assert worker.status().captioner.rung == "refusing"


async def test_a_live_lesson_may_have_another_peer_until_finals_are_late(
    api: httpx.AsyncClient,
    services: Services,
    worker: IngestWorker,
    captioner: Loaded,
    lesson: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
    offer: str,
) -> None:
    add = services.lessons.add_participant
    second = await add(lesson.tenant_id, lesson.id, "Ben", Role.LEARNER)
    third = await add(lesson.tenant_id, lesson.id, "Cleo", Role.LEARNER)
    captioner.told = CaptionLoad()
    assert (await _publish(api, lesson, token_of(learner), offer)).status_code == 201
    captioner.told = CaptionLoad(rung="refusing", finals_delay=0.9)
    await asyncio.sleep(FRESH_S + 0.1)
    assert (await _publish(api, lesson, token_of(second), offer)).status_code == 201
    captioner.told = CaptionLoad(rung="refusing", finals_delay=1.1)
    await asyncio.sleep(FRESH_S + 0.1)
    assert (await _publish(api, lesson, token_of(third), offer)).status_code == 503
    counted = worker.status().captions
    assert (counted["finals_late"], counted["partials_replaced"]) == (0, 0)


async def test_who_is_not_captioned_needs_no_headroom(
    api: httpx.AsyncClient,
    services: Services,
    worker: IngestWorker,
    lesson: Lesson,
    learner: Participant,
    token_of: Callable[..., str],
    offer: str,
) -> None:
    change = ConsentChange(
        learner.person_id, lesson.id, [Purpose.CAPTIONS], False, None, learner.id
    )
    await ConsentChanges(services.database).decide(lesson.tenant_id, change)
    assert (await _publish(api, lesson, token_of(learner), offer)).status_code == 201


async def test_the_api_tells_the_rung_the_bound_and_the_smaller_model(
    api: httpx.AsyncClient, captioner: Loaded
) -> None:
    captions = (await api.get("/v1/models")).json()["captions"]
    assert captions["load"] == captioner.told.model_dump()
    assert captions["smaller_model"] == "pocket ruler"
