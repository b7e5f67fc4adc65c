"""What the gateway counts of its requests and streams."""

from __future__ import annotations

import httpx
from prometheus_client.openmetrics.exposition import generate_latest

from lessons.records import Lesson
from serving.web.services import Services


async def test_requests_are_counted_by_template_and_never_by_id(
    api: httpx.AsyncClient, services: Services, lesson: Lesson
) -> None:
    await api.get(f"/v1/lessons/{lesson.id}")
    await api.get("/v1/lessons/les_there_is_none")
    await api.get("/wp-login.php")
    await api.request("BREW", "/v1/lessons")
    registry = services.metrics.registry

    def answered(route: str, method: str, status: str) -> float | None:
        labels = {"route": route, "method": method, "status": status}
        return registry.get_sample_value("lectern_http_requests_total", labels)

    assert answered("/v1/lessons/{lesson_id}", "GET", "200") == 1
    assert answered("/v1/lessons/{lesson_id}", "GET", "404") == 1
    assert answered("files", "GET", "404") == 1
    shown = generate_latest(registry).decode()  # type: ignore[no-untyped-call]
    for one in (lesson.id, "les_there_is_none", "wp-login", "BREW"):
        assert one not in shown


async def test_an_open_stream_is_a_reader_until_it_closes(
    gateway_url: str, services: Services, lesson: Lesson, api_key: str
) -> None:
    def readers() -> float | None:
        labels = {"transport": "sse"}
        return services.metrics.registry.get_sample_value("lectern_stream_readers", labels)

    headers = {"Authorization": f"Bearer {api_key}", "Accept": "text/event-stream"}
    url = f"{gateway_url}/v1/lessons/{lesson.id}/events"
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        async for _ in answer.aiter_lines():
            break
        assert readers() == 1


async def test_connections_to_the_store_are_shown(services: Services, tenant_id: str) -> None:
    def value(name: str) -> float | None:
        return services.metrics.registry.get_sample_value(f"lectern_store_{name}")

    async with services.database.transaction(tenant_id):
        assert value("connections_in_use") == 1
    assert value("connections_in_use") == 0
    assert value("connections_limit") == 15
