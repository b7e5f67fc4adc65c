"""No live page reads a tenant's history: what its statements read is bounded by the page.

Every SELECT that a page sends is explained over a tenant with a long past, as the application's
role and under row-level security, and the rows that its plan touches are counted.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import event, text

from eval.long_history import EVENTS_PER_LESSON, FILLED, fill
from eval.query_scaling import pages
from eval.taught_course import TaughtCourse
from lessons.identifiers import new_id
from models.mastery.tracing import mastery_model
from serving.gateway import create_app
from serving.jobs.learning_record import LearningRecordFollower
from serving.settings import Settings
from serving.web.services import Services, open_services
from tests.keys import MASTER_KEY
from tests.unit.serving.conftest import NOBODY, SECRET

LESSONS = 30
PAGE_ROWS = 4_000
"""Most rows that a statement of a page may touch in a table of history; the tenant has far more."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant with a past."""

    id: str
    api_key: str
    course: TaughtCourse


@pytest.fixture(scope="module")
def old_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        data_dir=tmp_path_factory.mktemp("old"),
        token_secret=SECRET,
        master_key=MASTER_KEY,
        models_url=NOBODY,
        rate_limit_per_minute=0,
    )


@pytest.fixture
async def old_services(old_settings: Settings, served_database: str) -> AsyncIterator[Services]:
    async with open_services(old_settings, served_database) as opened:
        yield opened


@pytest.fixture(scope="module")
def old_tenant(old_settings: Settings, served_database: str) -> Tenant:
    """A course with a past, and thirty lessons of a thousand events beside it; only read."""

    async def teach() -> Tenant:
        async with open_services(old_settings, served_database) as services:
            return await _taught(services)

    tenant = asyncio.run(teach())
    with psycopg.connect(served_database, autocommit=True) as owner:
        fill(owner, tenant.id, tenant.course.lesson_id, 1, LESSONS)
    return tenant


async def _taught(services: Services) -> Tenant:
    tenant_id = new_id("ten")
    _, key = await services.api_keys.create(tenant_id, "tests")
    async with _client(services, key) as api:
        course = await TaughtCourse.over_api(api)
    follower = LearningRecordFollower(services.database, mastery_model(None))
    await follower.catch_up_tenant(tenant_id)
    return Tenant(tenant_id, key, course)


def _client(services: Services, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(services)),
        base_url="http://gateway",
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )


async def test_no_page_reads_the_history(old_services: Services, old_tenant: Tenant) -> None:
    assert LESSONS * EVENTS_PER_LESSON > 5 * PAGE_ROWS
    touched: dict[str, int] = {}
    async with _client(old_services, old_tenant.api_key) as api:
        for name, path in pages(old_tenant.course).items():
            with _noting_selects(old_services) as statements:
                response = await api.get(path)
            assert response.is_success, (name, response.text)
            for statement, values in statements:
                rows = await _rows_touched(old_services, old_tenant.id, statement, values)
                touched[f"{name}: {statement}"] = rows
    assert touched
    assert {name: rows for name, rows in touched.items() if rows > PAGE_ROWS} == {}


async def test_a_scan_of_the_history_would_be_seen(
    old_services: Services, old_tenant: Tenant
) -> None:
    counting = "SELECT count(*) FROM learning_events WHERE occurred_at < now()"
    rows = await _rows_touched(old_services, old_tenant.id, counting, {})
    assert rows >= LESSONS * EVENTS_PER_LESSON


@contextmanager
def _noting_selects(services: Services) -> Iterator[list[tuple[str, Any]]]:
    """Give the SELECTs that SQLAlchemy sends while the block runs, with their values."""
    engine = services.database._engine.sync_engine
    statements: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, sent: str, values: Any, *_: Any) -> None:
        if sent.lstrip().startswith(("SELECT", "WITH")) and "set_config" not in sent:
            statements.append((sent, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def _rows_touched(services: Services, tenant_id: str, statement: str, values: Any) -> int:
    """Return how many rows of history the statement's plan really read, filtered ones included."""
    async with services.database.transaction(tenant_id) as connection:
        await connection.execute(text("SET LOCAL jit = off"))
        answer = await connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values
        )
        (plans,) = answer.one()
    tree = json.loads(plans) if isinstance(plans, str) else plans
    return sum(_rows_of(node) for node in _nodes(tree[0]["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _rows_of(node: dict[str, Any]) -> int:
    table = node.get("Relation Name", "")
    if not table.startswith(FILLED):
        return 0
    read = float(node["Actual Rows"]) + float(node.get("Rows Removed by Filter", 0))
    return round(read * float(node["Actual Loops"]))
