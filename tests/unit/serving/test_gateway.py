"""The gateway around its operations: problems, headers, limits, the console, docs and health."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import httpx
import pytest

from lessons.identifiers import new_id
from lessons.records import Lesson
from lessons.store import Database, Ledger, LessonStore
from lessons.store.api_keys import ApiKeyStore
from lessons.store.workers import WorkerStore
from serving.captioning.bridge import ModelsStatus, create_bridge
from serving.gateway import create_app
from serving.web.services import Services
from tests.unit.serving.serving_app import serve

NO_DATABASE = "postgresql://lectern@127.0.0.1:9/lectern"


@pytest.fixture
async def api_without_database(
    services: Services, api_key: str
) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway while PostgreSQL is away."""
    lost = Database(NO_DATABASE)
    cut_off = dataclasses.replace(
        services,
        database=lost,
        lessons=LessonStore(lost),
        ledger=Ledger(lost),
        workers=WorkerStore(lost),
        api_keys=ApiKeyStore(lost),
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(cut_off)),
        base_url="http://gateway",
        headers={"Authorization": f"Bearer {api_key}"},
    ) as client:
        yield client
    await lost.dispose()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("DELETE", "/v1/lessons", 405, "method_not_allowed"),
    ],
)
async def test_what_is_not_there_is_a_problem_too(
    api: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    response = await api.request(method, path)
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert path in response.json()["detail"]


@pytest.mark.parametrize("stated", [True, False])
async def test_a_body_that_is_too_large_is_a_problem(
    api: httpx.AsyncClient, lesson: Lesson, stated: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    body = b" " * 2_000_000 if stated else pieces()
    headers = {"Content-Type": "application/json"}
    response = await api.post(f"/v1/lessons/{lesson.id}/events", content=body, headers=headers)
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


async def test_a_fault_of_ours_tells_no_secrets(
    api: httpx.AsyncClient, services: Services, lesson: Lesson
) -> None:
    broken = create_app(dataclasses.replace(services, lessons=None))  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(broken, raise_app_exceptions=False),
        base_url="http://gateway",
        headers=api.headers,
    ) as client:
        response = await client.get(f"/v1/lessons/{lesson.id}")
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert "NoneType" not in response.text


async def test_without_its_database_the_gateway_says_try_again(
    api_without_database: httpx.AsyncClient,
) -> None:
    response = await api_without_database.get("/v1/lessons")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response.headers["retry-after"]) > 0
    ready = await api_without_database.get("/ready")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert (await api_without_database.get("/health")).status_code == 200


async def test_readiness_needs_a_worker_that_takes_publishers(
    api: httpx.AsyncClient, services: Services
) -> None:
    for worker in await services.workers.list_workers():
        await services.workers.remove(worker.id)
    assert (await api.get("/ready")).status_code == 503
    worker = await services.workers.register(new_id("wrk"), "http://127.0.0.1:9", 20)
    ready = await api.get("/ready")
    assert (ready.status_code, ready.json()["captions"]) == (200, "unavailable")
    listed = (await api.get("/v1/workers")).json()["workers"]
    assert [(item["id"], item["load"]) for item in listed] == [(worker.id, 0.0)]
    await services.workers.remove(worker.id)


async def test_models_are_reported_by_the_models_process(
    api: httpx.AsyncClient, services: Services, api_key: str
) -> None:
    absent = (await api.get("/v1/models")).json()["captions"]
    assert absent["state"] == "unavailable"
    status = ModelsStatus()
    async with serve(create_bridge(status)) as url:
        settings = services.settings.model_copy(update={"models_url": url})
        app = create_app(dataclasses.replace(services, settings=settings))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://gateway",
            headers={"Authorization": f"Bearer {api_key}"},
        ) as client:
            status.starting("Loading weights.")
            captions = (await client.get("/v1/models")).json()["captions"]
    assert captions == {"state": "starting", "reason": "Loading weights."}
    del api.headers["Authorization"]
    assert (await api.get("/v1/models")).status_code == 401


async def test_the_console_is_served_with_module_types_and_security_headers(
    api: httpx.AsyncClient,
) -> None:
    page = await api.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    script = await api.get("/main.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "no-cache"
    unchanged = await api.get("/main.js", headers={"If-None-Match": script.headers["etag"]})
    assert unchanged.status_code == 304
    for response in (page, script, await api.get("/v1/lessons")):
        policy = response.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
    assert (await api.get("/../pyproject.toml")).status_code == 404
    assert (await api.get("/%2e%2e/pyproject.toml")).status_code == 404


async def test_the_api_reference_needs_no_other_server(api: httpx.AsyncClient) -> None:
    page = await api.get("/docs")
    assert page.status_code == 200
    assert "://" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    for asset in ("/docs/start.js", "/docs/assets/swagger-ui-bundle.js"):
        response = await api.get(asset)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/javascript")
    style = await api.get("/docs/assets/swagger-ui.css")
    assert style.headers["content-type"].startswith("text/css")
