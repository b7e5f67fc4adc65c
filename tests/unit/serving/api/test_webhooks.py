"""Webhooks over the API: made, changed, rotated, replayed, their log read; by whom, and not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook as StandardWebhook

from lessons.events import EventDraft, LessonEnded
from lessons.records import Lesson, Participant
from lessons.store.webhook_deliveries import (
    DeliveryAttempt,
    DeliveryLog,
    DeliveryStatus,
    LogEntry,
    Progress,
)
from serving.settings import Settings
from serving.web.services import Services

URL = "http://127.0.0.1:9/hooks"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_allowed_networks": ["127.0.0.0/8"]})


@pytest.fixture
async def webhook(api: httpx.AsyncClient) -> dict[str, Any]:
    made: dict[str, Any] = (await api.post("/v1/webhooks", json={"url": URL})).json()
    return made


async def test_a_webhook_is_made_with_a_secret_that_is_shown_once(
    api: httpx.AsyncClient, services: Services, tenant_id: str
) -> None:
    body = {"url": URL, "event_types": ["poll.answered", "hand.raised", "hand.raised"]}
    response = await api.post("/v1/webhooks", json=body)
    made = response.json()
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    assert made["event_types"] == ["hand.raised", "poll.answered"]
    StandardWebhook(made["secret"])
    (secret,) = await services.webhooks.secrets(tenant_id, made["id"], datetime.now(UTC))
    assert len(secret) == 32
    read = (await api.get(f"/v1/webhooks/{made['id']}")).json()
    assert "secret" not in read
    assert read["waiting"] == {"events": 0, "lessons": 0, "next_attempt_at": None}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://10.0.0.1/hooks"}, "url"),
        ({"url": "https://localhost.localdomain.invalid/"}, "url"),
        ({"url": "https://1.1.1.1@10.0.0.1/"}, "url"),
        ({"url": "http://1.1.1.1/"}, "url"),
        ({"url": "ftp://1.1.1.1/"}, "url"),
        ({"url": URL, "event_types": ["poll.answerd"]}, "type"),
        ({"url": URL, "event_types": []}, "event_types"),
        ({"url": URL, "contact_email": "nobody"}, "contact_email"),
        ({"url": URL, "colour": "red"}, "colour"),
        ({}, "url"),
    ],
)
async def test_a_webhook_that_cannot_be_is_refused(
    api: httpx.AsyncClient, body: dict[str, object], field: str
) -> None:
    refused = await api.post("/v1/webhooks", json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_webhooks_come_in_pages_newest_first(api: httpx.AsyncClient) -> None:
    made = [(await api.post("/v1/webhooks", json={"url": URL})).json()["id"] for _ in range(5)]
    seen: list[str] = []
    before: str | None = None
    while True:
        parameters = {"limit": "2"} | ({"before": before} if before else {})
        page = (await api.get("/v1/webhooks", params=parameters)).json()
        seen += [webhook["id"] for webhook in page["webhooks"]]
        before = page["next"]
        if before is None:
            break
    assert seen == made[::-1]


async def test_it_is_changed_disabled_and_enabled(
    api: httpx.AsyncClient, webhook: dict[str, Any]
) -> None:
    path = f"/v1/webhooks/{webhook['id']}"
    changed = (await api.patch(path, json={"description": "grades"})).json()
    assert (changed["description"], changed["url"]) == ("grades", URL)
    disabled = (await api.patch(path, json={"status": "disabled"})).json()
    assert disabled["status"] == "disabled"
    assert disabled["disabled_at"]
    enabled = (await api.patch(path, json={"status": "enabled", "event_types": None})).json()
    assert (enabled["status"], enabled["disabled_at"]) == ("enabled", None)
    refused = await api.patch(path, json={"url": "https://192.168.0.1/"})
    assert (refused.status_code, refused.json()["field"]) == (422, "url")


async def test_a_secret_is_rotated_with_an_overlap(
    api: httpx.AsyncClient, services: Services, tenant_id: str, webhook: dict[str, Any]
) -> None:
    path = f"/v1/webhooks/{webhook['id']}/rotate-secret"
    rotated = (await api.post(path, json={"overlap_seconds": 60})).json()
    assert rotated["secret"] != webhook["secret"]
    now = datetime.now(UTC)
    assert len(await services.webhooks.secrets(tenant_id, webhook["id"], now)) == 2
    later = now + timedelta(seconds=61)
    assert len(await services.webhooks.secrets(tenant_id, webhook["id"], later)) == 1


async def write_log(services: Services, webhook: dict[str, Any], lesson: Lesson) -> list[str]:
    """Three deliveries, one of each outcome."""
    drafts = [EventDraft(LessonEnded(duration_ms=n), n) for n in range(3)]
    await services.ledger.append(lesson.tenant_id, lesson.id, drafts)
    where = (lesson.tenant_id, webhook["id"])
    await services.webhook_lanes.relay(lesson.tenant_id, datetime.now(UTC))
    (lane,) = await services.webhook_lanes.due(*where, datetime.now(UTC), 10)
    names = []
    statuses: tuple[DeliveryStatus, ...] = ("delivered", "failed", "retrying")
    for number, status in enumerate(statuses, start=1):
        attempt = DeliveryAttempt(at=datetime.now(UTC), duration_ms=5, status=200 + number)
        entry = LogEntry(f"msg_{number}", number, f"evt_{number}", "lesson.ended", status, attempt)
        now = datetime.now(UTC)
        await services.webhook_deliveries.write(lane, Progress(number - 1, 0, None, now, [entry]))
        names.append(entry.message_id)
    return names


async def test_the_log_is_read_by_pages_by_status_and_one_by_one(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, webhook: dict[str, Any]
) -> None:
    names = await write_log(services, webhook, lesson)
    path = f"/v1/webhooks/{webhook['id']}/deliveries"
    first = (await api.get(path, params={"limit": 2})).json()
    second = (await api.get(path, params={"limit": 2, "before": first["next"]})).json()
    listed = [one["id"] for one in first["deliveries"] + second["deliveries"]]
    assert listed == names[::-1]
    assert second["next"] is None
    failed = (await api.get(path, params={"status": "failed"})).json()["deliveries"]
    assert [one["id"] for one in failed] == ["msg_2"]
    one = (await api.get(f"{path}/msg_3")).json()
    assert (one["status"], one["attempts"][0]["status"]) == ("retrying", 203)
    assert (await api.get(f"{path}/msg_x")).status_code == 404
    assert (await api.get(path, params={"before": "msg_x"})).status_code == 404
    assert (await api.get(path, params={"status": "lost"})).status_code == 422


async def test_replays_by_id_and_by_time(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, webhook: dict[str, Any]
) -> None:
    await write_log(services, webhook, lesson)
    path = f"/v1/webhooks/{webhook['id']}/replays"
    one = await api.post(path, json={"message_id": "msg_1"})
    assert (one.status_code, one.json()["events"]) == (202, 1)
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert (await api.post(path, json={"since": since})).json()["events"] == 3
    assert (await api.post(path, json={"message_id": "msg_x"})).status_code == 404
    for bad in (
        {},
        {"since": since, "message_id": "msg_1"},
        {"since": since, "until": since},
        {"since": "2026-11-22T00:00:00"},
        {"since": "2999-01-01T00:00:00Z"},
    ):
        assert (await api.post(path, json=bad)).status_code == 422, bad


async def test_deleting_it_takes_its_log_and_what_waits_along(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, webhook: dict[str, Any]
) -> None:
    await write_log(services, webhook, lesson)
    path = f"/v1/webhooks/{webhook['id']}"
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404
    assert (await api.delete(path)).status_code == 404
    assert (await api.get(f"{path}/deliveries")).status_code == 404
    where = (lesson.tenant_id, webhook["id"])
    assert await DeliveryLog(services.database).list_deliveries(*where) == []


async def test_what_is_done_to_webhooks_is_in_the_audit_trail(
    api: httpx.AsyncClient, services: Services, tenant_id: str, webhook: dict[str, Any]
) -> None:
    await api.delete(f"/v1/webhooks/{webhook['id']}")
    entries = await services.audit.list_entries(tenant_id)
    about = [entry.action for entry in entries if entry.resource == f"webhook {webhook['id']}"]
    assert about == ["delete", "create"]


async def test_a_participant_and_a_key_without_the_scopes_may_not(
    api: httpx.AsyncClient,
    services: Services,
    tenant_id: str,
    learner: Participant,
    token_of: Callable[..., str],
) -> None:
    own = {"Authorization": f"Bearer {token_of(learner)}"}
    assert (await api.get("/v1/webhooks", headers=own)).status_code == 403
    _, narrow = await services.api_keys.create(
        tenant_id, "hooks only", scopes=frozenset({"webhooks:read", "webhooks:write"})
    )
    blind = {"Authorization": f"Bearer {narrow}"}
    refused = await api.post("/v1/webhooks", json={"url": URL}, headers=blind)
    assert refused.status_code == 403, "it would read all events by way of a webhook"
    assert (await api.get("/v1/webhooks", headers=blind)).status_code == 200


async def test_another_tenant_knows_nothing_of_it(
    api: httpx.AsyncClient, services: Services, webhook: dict[str, Any]
) -> None:
    _, key = await services.api_keys.create("ten_other", "other")
    other = {"Authorization": f"Bearer {key}"}
    path = f"/v1/webhooks/{webhook['id']}"
    since = {"since": "2026-01-01T00:00:00Z"}
    for answer in (
        await api.get(path, headers=other),
        await api.patch(path, json={"description": "mine"}, headers=other),
        await api.delete(path, headers=other),
        await api.get(f"{path}/deliveries", headers=other),
        await api.post(f"{path}/replays", json=since, headers=other),
        await api.post(f"{path}/rotate-secret", headers=other),
    ):
        assert answer.status_code == 404
    assert (await api.get("/v1/webhooks", headers=other)).json()["webhooks"] == []
