"""The ingest process: signalling over HTTP for one worker, its heartbeat and its orderly end."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from lessons.errors import InvalidInput, LecternError
from lessons.policy import Credential
from lessons.store import LessonStore, LiveFeed, TrackStore, WorkerStore
from lessons.store.consents import ConsentStore
from lessons.store.credentials import CredentialStore
from lessons.store.tenants import TenantStore
from lessons.store.vocabulary import VocabularyStore
from lessons.tokens import read_participant_token
from media_ingest.media_worker import MediaWorker
from media_ingest.utterances import CuttingSettings
from serving.captioning.client import CaptionClient
from serving.database import open_database
from serving.live.camera_looking import CameraLooking
from serving.live.camera_rules import CameraRules
from serving.live.caption_pace import CaptionPace
from serving.live.caption_rules import CaptionRules
from serving.live.ingest_worker import IngestWorker
from serving.live.learner_cameras import LearnerCameras
from serving.live.worker_status import WorkerStatus
from serving.live.worker_stores import Stores
from serving.observability.caption_traces import open_traces
from serving.observability.ingest_metrics import IngestMetrics
from serving.observability.ingest_observer import IngestObserver, ObservedLedger
from serving.observability.scraping import showing_metrics
from serving.observability.store_metrics import show_pool
from serving.settings import Settings
from serving.web.authentication import bearer_token
from serving.web.garbage import leave_what_is_loaded_alone
from serving.web.problems import install_problem_handlers

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 2.0
DRAIN_SECONDS = 4.0
"""How long a stopping worker waits for last words; the supervisor's patience is 10 seconds."""


class PeerAnswer(BaseModel):
    """Answer of a worker to the gateway: the peer's id and its SDP answer."""

    peer_id: str
    sdp: str


def signalling_app(worker: IngestWorker, token_secret: str) -> FastAPI:
    """The worker's HTTP interface for the gateway, who passes the caller's own token on."""
    app = FastAPI(title="Lectern ingest worker", docs_url=None, redoc_url=None)
    install_problem_handlers(app)

    def caller(request: Request) -> Credential:
        return read_participant_token(token_secret, bearer_token(request) or "")

    async def text_body(request: Request, field: str) -> str:
        try:
            return (await request.body()).decode()
        except UnicodeDecodeError as error:
            raise InvalidInput("It is not UTF-8 text.", field=field) from error

    @app.post("/peers", status_code=201)
    async def publish(request: Request, lesson_id: str) -> PeerAnswer:
        offer = await text_body(request, "sdp")
        peer = await worker.publish(caller(request), lesson_id, offer)
        return PeerAnswer(peer_id=peer.id, sdp=peer.answer)

    @app.patch("/peers/{peer_id}", status_code=204)
    async def trickle(request: Request, peer_id: str) -> Response:
        await worker.trickle(caller(request), peer_id, await text_body(request, "sdpfrag"))
        return Response(status_code=204)

    @app.delete("/peers/{peer_id}")
    async def unpublish(request: Request, peer_id: str) -> Response:
        await worker.unpublish(caller(request), peer_id)
        return Response(status_code=200)

    @app.get("/status")
    async def status() -> WorkerStatus:
        return worker.status()

    return app


@asynccontextmanager
async def open_worker(
    settings: Settings, database_url: str, observer: IngestObserver | None = None
) -> AsyncIterator[IngestWorker]:
    """A worker on its stores, its models endpoint and its peers; drained at the end."""
    observer = observer or IngestObserver.of_its_own()
    database = open_database(settings, database_url)
    show_pool(observer.metrics.registry, database)
    try:
        async with LiveFeed(database_url) as feed, CaptionClient(settings.models_url) as captions:
            stores = Stores(
                LessonStore(database),
                TrackStore(database),
                WorkerStore(database),
                ObservedLedger(database, observer),
                feed,
                ConsentStore(database),
                CredentialStore(database),
                VocabularyStore(database),
                database.pin,
            )
            media = MediaWorker(
                capacity_peers=settings.ingest_capacity_peers,
                admission_limit=settings.admission_limit,
                ice_servers=settings.ice_servers,
            )
            tenants = TenantStore(database)
            rules = CaptionRules(tenants, captions.engine)
            camera_rules = CameraRules(tenants, settings.region, settings.camera_forbidden_regions)
            async with media, CameraLooking(observer.metrics.cameras) as looking:
                pace = CaptionPace.of(captions, settings.caption_final_bound_seconds)
                worker = IngestWorker(
                    stores,
                    media,
                    captions,
                    CuttingSettings(),
                    rules,
                    pace,
                    settings.caption_policy,
                    observer,
                    LearnerCameras(camera_rules, stores.consents, looking),
                )
                try:
                    yield worker
                finally:
                    await worker.drain(DRAIN_SECONDS)
    finally:
        await database.dispose()


async def heartbeat(worker: IngestWorker, url: str) -> None:
    """Register the worker and report until cancelled; an outage of the store only delays it."""
    registered = False
    while True:
        try:
            if not registered:
                await worker.register(url)
                registered = True
            await worker.report()
            await worker.end_revoked()
        except LecternError as outage:
            registered = False
            logger.warning("worker %s cannot report: %s", worker.id, outage)
        await asyncio.sleep(HEARTBEAT_SECONDS)


async def run_ingest(settings: Settings, database_url: str, name: str) -> None:
    """Be one ingest worker until the process is told to stop."""
    listener = socket.create_server((settings.ingest_host, settings.ingest_port))
    with closing(open_traces(settings, name)) as traces:
        observer = IngestObserver(IngestMetrics(), traces)
        with showing_metrics(settings, name, observer.metrics.registry):
            await _serve(settings, database_url, listener, observer)


async def _serve(
    settings: Settings, database_url: str, listener: socket.socket, observer: IngestObserver
) -> None:
    url = f"http://{settings.ingest_host}:{listener.getsockname()[1]}"
    async with open_worker(settings, database_url, observer) as worker:
        app = signalling_app(worker, settings.signing_secret())
        config = uvicorn.Config(
            app, log_config=None, log_level=settings.log_level, access_log=False
        )
        reporting = asyncio.create_task(heartbeat(worker, url))
        try:
            leave_what_is_loaded_alone()
            await uvicorn.Server(config).serve(sockets=[listener])
        finally:
            reporting.cancel()
