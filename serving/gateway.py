"""The gateway: the public API and the console. Stateless, so several may run; knows no Ray."""

from __future__ import annotations

import logging
from functools import cache

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from lessons.errors import TooManyRequests
from serving.api import (
    accessibility,
    aggregates,
    api_keys,
    audit,
    brand,
    briefings,
    caption_hls,
    caption_outputs,
    captions,
    consents,
    contracts,
    course_learners,
    courses,
    curricula,
    engagement,
    engagement_contests,
    event_posts,
    event_types,
    events,
    health,
    learners,
    lessons,
    models,
    objectives,
    participants,
    people,
    privacy,
    recaps,
    recordings,
    samples,
    sign_in,
    sign_ins,
    streams,
    summaries,
    summary_progress,
    tenants,
    transcriptions,
    typed_captions,
    vocabulary,
    webhook_deliveries,
    webhooks,
    whip,
)
from serving.compatible import (
    deepgram_live,
    deepgram_prerecorded,
    openai_realtime,
    openai_transcriptions,
    whisper_live,
)
from serving.observability.gateway_metrics import RequestMetrics
from serving.observability.scraping import showing_metrics
from serving.settings import Settings
from serving.web.auditing import Auditing
from serving.web.garbage import leave_what_is_loaded_alone
from serving.web.middleware import BodyLimit, SecurityHeaders
from serving.web.openapi import complete_description
from serving.web.problems import documented, install_problem_handlers
from serving.web.rate_limits import RateLimitHeaders
from serving.web.services import Services, open_services
from serving.web.static_files import add_console, add_docs

logger = logging.getLogger(__name__)

API_VERSION = "1"
SHUTDOWN_SECONDS = 3
WEBSOCKET_INPUT_BYTES = 1024 * 1024
"""Longest message of a client: of audio in base64, about sixteen seconds at 24 kHz."""

DESCRIPTION = """Live lessons in, structured learning events out.

Authenticate with `Authorization: Bearer ...`: an API key of the tenant (`lk_...`) from a server, or
a participant token from a browser. Errors are RFC 9457 problems that name the field, the reason and
the fix.

Tenants form a tree. A key, or a person who signed in, acts on a tenant further down by the header
`Lectern-Tenant: ten_...` (streams in a browser: `?tenant=`). Who may do what is in docs/roles.md.

The WebSocket `/v1/lessons/{lesson_id}/stream?after=` sends the same messages as the event stream,
as JSON `{"event": ..., "id": ..., "data": ...}`; the id is the cursor to resume from. So do
`/v1/courses/{course_id}/stream` and `/v1/stream`, for a course and for the whole tenant. The
credential goes into the header or `?access_token=`. They close with 4400 (bad cursor), 4401 (not
authenticated), 4403 (not allowed), 4404 (no such lesson or course), 4408 (too slow a reader: resume
with `after`) or 1013 (try again later).
"""

EXPOSED_HEADERS = (
    "Location",
    "ETag",
    "Link",
    "Accept-Patch",
    "Accept-Post",
    "Retry-After",
    "Date",
)


@cache
def operations() -> list[BaseRoute]:
    """Return the routes of every operation, which all applications of a process share.

    FastAPI takes half a second to read their signatures, and nothing of it depends on services.
    """
    router = APIRouter(responses=documented(TooManyRequests))
    # Routes are tried in their order, so what is asked for most stands first.
    for noun in (
        event_posts,
        events,
        streams,
        captions,
        whip,
        lessons,
        participants,
        api_keys,
        event_types,
        webhooks,
        webhook_deliveries,
        caption_hls,
        caption_outputs,
        transcriptions,
        typed_captions,
        accessibility,
        engagement,
        engagement_contests,
        vocabulary,
        recordings,
        courses,
        curricula,
        objectives,
        briefings,
        recaps,
        summaries,
        summary_progress,
        course_learners,
        learners,
        tenants,
        brand,
        people,
        contracts,
        aggregates,
        consents,
        privacy,
        audit,
        samples,
        sign_in,
        sign_ins,
        models,
        health,
        openai_transcriptions,
        openai_realtime,
        deepgram_live,
        deepgram_prerecorded,
        whisper_live,
    ):
        router.include_router(noun.router)
    return router.routes


def create_app(services: Services) -> FastAPI:
    """Return the application on services that are open for as long as it serves."""
    app = FastAPI(
        title="Lectern",
        version=API_VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=operations(),
    )
    app.state.services = services
    install_problem_handlers(app)
    # The last one added is the outermost.
    app.add_middleware(Auditing, services=services)
    app.add_middleware(BodyLimit, recording_bytes=services.settings.recording_max_bytes)
    app.add_middleware(RateLimitHeaders)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=EXPOSED_HEADERS,
    )
    app.add_middleware(RequestMetrics, metrics=services.metrics)
    add_docs(app)
    complete_description(app)
    add_console(app)
    return app


async def run_gateway(settings: Settings, database_url: str, name: str) -> None:
    """Be one gateway until the process is told to stop.

    Raises:
        Unavailable: the database does not answer.
    """
    async with open_services(settings, database_url, name) as services:
        config = uvicorn.Config(
            create_app(services),
            host=settings.host,
            port=settings.port,
            log_config=None,
            log_level=settings.log_level,
            # It would write access tokens that stand in a query into the log.
            access_log=False,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            ws_max_size=WEBSOCKET_INPUT_BYTES,
        )
        leave_what_is_loaded_alone()
        with showing_metrics(settings, name, services.metrics.registry):
            await uvicorn.Server(config).serve()
