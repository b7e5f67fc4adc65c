"""A gateway on a real PostgreSQL: in the process for REST, on a real port for streams."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.tokens import mint_participant_token
from serving.gateway import create_app
from serving.jobs.queue import migrate_jobs
from serving.settings import Settings
from serving.web.services import Services, open_services
from tests.keys import MASTER_KEY
from tests.media import ADMIT_ALL
from tests.unit.serving.serving_app import serve

SECRET = "a secret of the tests, long enough to sign with"
NOBODY = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


@pytest.fixture(scope="session")
def served_database(database_url: str) -> str:
    """The server with the job tables as well."""
    migrate_jobs(database_url)
    return database_url


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(
        data_dir=tmp_path,
        token_secret=SECRET,
        master_key=MASTER_KEY,
        models_url=NOBODY,
        recording_max_bytes=3_000_000,
    )
    return made.model_copy(update={"admission_limit": ADMIT_ALL})


@pytest.fixture
async def services(settings: Settings, served_database: str) -> AsyncIterator[Services]:
    async with open_services(settings, served_database) as opened:
        yield opened


@pytest.fixture
def app(services: Services) -> FastAPI:
    return create_app(services)


@pytest.fixture
async def api_key(services: Services, tenant_id: str) -> str:
    _, key = await services.api_keys.create(tenant_id, "tests")
    return key


@pytest.fixture
async def api(app: FastAPI, api_key: str) -> AsyncIterator[httpx.AsyncClient]:
    """The platform's server: calls with the tenant's API key."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {api_key}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://gateway", headers=headers
    ) as client:
        yield client


@pytest.fixture
async def lesson(services: Services, tenant_id: str) -> Lesson:
    return await services.lessons.create_lesson(tenant_id, title="Fractions")


@pytest.fixture
async def learner(services: Services, lesson: Lesson) -> Participant:
    return await services.lessons.add_participant(lesson.tenant_id, lesson.id, "Ada", Role.LEARNER)


@pytest.fixture
def token_of(lesson: Lesson) -> Callable[..., str]:
    """Mint a token of any role, lesson, tenant or lifetime."""

    def mint(
        participant: Participant,
        *,
        role: Role | None = None,
        lesson_id: str = lesson.id,
        tenant_id: str = lesson.tenant_id,
        lifetime: timedelta = timedelta(minutes=5),
        secret: str = SECRET,
    ) -> str:
        return mint_participant_token(
            secret,
            tenant_id=tenant_id,
            lesson_id=lesson_id,
            participant_id=participant.id,
            role=role or participant.role,
            name=participant.name,
            lifetime=lifetime,
        )

    return mint


@pytest.fixture
async def gateway_url(app: FastAPI) -> AsyncIterator[str]:
    async with serve(app) as url:
        yield url
