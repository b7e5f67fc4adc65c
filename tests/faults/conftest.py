"""A gateway, an ingest worker and a captioner in this process, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from lessons.events import CaptionFinal, LearningEvent
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.consents import ConsentStore
from lessons.store.credentials import CredentialStore
from lessons.tokens import mint_participant_token
from media_ingest.media_worker import MediaWorker
from media_ingest.publisher import WhipPublisher
from media_ingest.utterances import CuttingSettings
from models.captions.interface import CaptionWindow, Hypothesis, Word
from serving.gateway import create_app
from serving.live.caption_rules import CaptionRules
from serving.live.ingest_worker import IngestWorker
from serving.live.process import heartbeat, signalling_app
from serving.live.worker_stores import Stores
from serving.settings import Settings
from serving.web.services import Services, open_services
from tests.media import ADMIT_ALL, write_speech


@dataclass
class CountingCaptions:
    """Hears one word in every window: plumbing is what these tests are about, not recognition."""

    windows: list[CaptionWindow] = field(default_factory=list)

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        self.windows.append(window)
        length_ms = len(window.samples) // 16
        words = (Word(f"utterance{len(self.windows)}", 0, length_ms, 0.9),)
        return Hypothesis(window.id, words, "en", "counting", "none")

    async def engine(self) -> str:
        return "counting"


async def wait_until(
    condition: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = 30
) -> None:
    """Ask again and again until it holds; what is waited for happens in another process or task."""
    async with asyncio.timeout(seconds):
        while True:
            answer = condition()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    running = asyncio.create_task(server.serve())
    await wait_until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        await running


@dataclass
class Classroom:
    """One lesson with a tutor and a learner, and the means to publish into it."""

    services: Services
    captions: CountingCaptions
    url: str
    lesson: Lesson
    tutor: Participant
    learner: Participant

    def token(self, person: Participant, lifetime: timedelta = timedelta(minutes=5)) -> str:
        return mint_participant_token(
            self.services.token_secret,
            tenant_id=self.lesson.tenant_id,
            lesson_id=self.lesson.id,
            participant_id=person.id,
            role=person.role,
            name=person.name,
            lifetime=lifetime,
        )

    @property
    def whip_url(self) -> str:
        return f"{self.url}/v1/lessons/{self.lesson.id}/whip"

    async def post_offer(self, sdp: str, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        return await self.services.http.post(self.whip_url, content=sdp, headers=headers)

    async def events(self, after: int = 0) -> list[LearningEvent]:
        return await self.services.ledger.read(self.lesson.tenant_id, self.lesson.id, after, 1000)

    async def finals(self) -> list[CaptionFinal]:
        return [e.data for e in await self.events() if isinstance(e.data, CaptionFinal)]

    async def types(self) -> list[str]:
        return [event.type for event in await self.events()]

    async def wait_for_finals(self, count: int, seconds: float = 30) -> list[CaptionFinal]:
        async def enough() -> bool:
            return len(await self.finals()) >= count

        await wait_until(enough, seconds)
        return await self.finals()

    async def wait_for_type(self, event_type: str, count: int = 1, seconds: float = 30) -> None:
        async def told() -> bool:
            return (await self.types()).count(event_type) >= count

        await wait_until(told, seconds)

    def publisher(self, person: Participant, audio: Path) -> WhipPublisher:
        return WhipPublisher(self.whip_url, self.token(person), audio)


@asynccontextmanager
async def ingest_worker(
    services: Services, captions: CountingCaptions
) -> AsyncIterator[IngestWorker]:
    """A registered worker, reachable by the gateway."""
    stores = Stores(
        services.lessons,
        services.tracks,
        services.workers,
        services.ledger,
        services.feed,
        ConsentStore(services.database),
        CredentialStore(services.database),
        services.vocabulary,
        services.database.pin,
    )
    rules = CaptionRules(services.tenants, captions.engine)
    async with MediaWorker(capacity_peers=8, admission_limit=ADMIT_ALL) as media:
        worker = IngestWorker(stores, media, captions, CuttingSettings(), rules)
        async with serving(signalling_app(worker, services.token_secret)) as url:
            beating = asyncio.create_task(heartbeat(worker, url))

            async def registered() -> bool:
                return worker.id in {one.id for one in await services.workers.list_workers()}

            await wait_until(registered)
            try:
                yield worker
            finally:
                beating.cancel()
                await worker.drain(3)


@asynccontextmanager
async def open_classroom(
    settings: Settings, database_url: str, tenant_id: str
) -> AsyncIterator[Classroom]:
    """A scheduled lesson behind a gateway; no worker yet."""
    captions = CountingCaptions()
    async with (
        open_services(settings, database_url) as services,
        serving(create_app(services)) as url,
    ):
        lesson = await services.lessons.create_lesson(tenant_id, title="Fractions")
        tutor = await services.lessons.add_participant(
            tenant_id, lesson.id, "Daniel", Role.INSTRUCTOR
        )
        learner = await services.lessons.add_participant(
            tenant_id, lesson.id, "Sarah", Role.LEARNER
        )
        yield Classroom(services, captions, url, lesson, tutor, learner)


@pytest.fixture
async def classroom(database_url: str, tenant_id: str, tmp_path: Path) -> AsyncIterator[Classroom]:
    """A scheduled lesson behind a gateway and one ingest worker."""
    settings = Settings(data_dir=tmp_path).model_copy(update={"admission_limit": ADMIT_ALL})
    async with (
        open_classroom(settings, database_url, tenant_id) as room,
        ingest_worker(room.services, room.captions),
    ):
        yield room


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of the sample lesson's tutor."""
    return write_speech(tmp_path_factory.mktemp("speech") / "tutor.wav", seconds=8)
