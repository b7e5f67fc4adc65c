"""What a tenant sets counts for everything below it: languages, and what is switched off."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from lessons.records import Lesson


async def set_own(api: httpx.AsyncClient, tenant_id: str, settings: dict[str, Any]) -> None:
    changed = await api.patch(f"/v1/tenants/{tenant_id}", json={"settings": settings})
    assert changed.status_code == 200, changed.text


async def test_a_lesson_is_held_in_a_language_of_the_tenant(
    api: httpx.AsyncClient, tenant_id: str
) -> None:
    await set_own(api, tenant_id, {"languages": ["fr", "de"]})
    refused = await api.post("/v1/lessons", json={"title": "x", "language": "en"})
    assert (refused.status_code, refused.json()["field"]) == (422, "language")
    for asked, held in ((None, "fr"), ("de", "de")):
        made = await api.post("/v1/lessons", json={"title": "x", "language": asked})
        assert made.json()["language"] == held


@pytest.mark.parametrize(
    ("feature", "path", "request_body"),
    [
        ("recordings", "/recordings", {"files": {"files": ("a.opus", b"OggS")}}),
        ("guest_participants", "/participants", {"json": {"name": "Guest", "role": "learner"}}),
    ],
)
async def test_what_the_top_switches_off_is_off_below(
    api: httpx.AsyncClient,
    tenant_id: str,
    lesson: Lesson,
    feature: str,
    path: str,
    request_body: dict[str, Any],
) -> None:
    school = (await api.post("/v1/tenants", json={"name": "Hill"})).json()["id"]
    await set_own(api, tenant_id, {"features": {feature: False}})
    below = {"Lectern-Tenant": school}
    inner = (await api.post("/v1/lessons", json={"title": "x"}, headers=below)).json()["id"]
    for lesson_id, headers in ((lesson.id, {}), (inner, below)):
        refused = await api.post(f"/v1/lessons/{lesson_id}{path}", headers=headers, **request_body)
        assert (refused.status_code, refused.json()["field"]) == (
            403,
            f"settings.features.{feature}",
        )


async def test_a_recording_is_not_heard_by_an_engine_that_is_not_allowed(
    api: httpx.AsyncClient, tenant_id: str, lesson: Lesson
) -> None:
    await set_own(api, tenant_id, {"engines_allowed": ["faster-whisper"]})
    refused = await api.post(
        f"/v1/lessons/{lesson.id}/recordings", files={"files": ("a.opus", b"OggS")}
    )
    assert (refused.status_code, refused.json()["field"]) == (403, "settings.engines_allowed")
