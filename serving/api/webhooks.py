"""Webhooks: other systems are told of events as they happen, by signed requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import AwareDatetime, ConfigDict, Field
from pydantic.config import JsonDict

from integrations.webhooks.sender import MAX_URL_CHARACTERS
from integrations.webhooks.signing import new_secret, shown
from lessons.errors import (
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.events import known_type
from lessons.policy import Action, Credential, Resource
from lessons.records import Record
from lessons.store.webhook_lanes import Waiting
from lessons.store.webhooks import Webhook
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

MAX_PAGE_WEBHOOKS = 200
MAX_OVERLAP_SECONDS = 7 * 24 * 3600
DEFAULT_OVERLAP_SECONDS = 24 * 3600
EMAIL = r"^[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+$"

EXAMPLE_WEBHOOK: JsonDict = {
    "id": "whk_01kb9x5t7v0000000000000000",
    "tenant_id": "ten_default",
    "url": "https://platform.example/hooks",
    "description": "grades into the gradebook",
    "event_types": ["assessment.submitted"],
    "course_id": None,
    "contact_email": "operations@platform.example",
    "status": "enabled",
    "disabled_reason": None,
    "disabled_at": None,
    "failing_since": None,
    "last_success_at": "2026-11-22T10:15:31Z",
    "previous_secret_until": None,
    "told_at": None,
    "created_at": "2026-11-20T08:00:00Z",
}
EXAMPLE_WAITING: JsonDict = {"events": 0, "lessons": 0, "next_attempt_at": None}

router = APIRouter(
    prefix="/v1/webhooks",
    tags=["webhooks"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, Unavailable),
)


class NewWebhook(RequestModel):
    """A webhook to make. It gets what is committed from then on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://platform.example/hooks",
                    "event_types": ["assessment.submitted"],
                    "contact_email": "operations@platform.example",
                }
            ]
        }
    )

    url: str = Field(max_length=MAX_URL_CHARACTERS, description="Where to send; https.")
    description: str = Field(default="", max_length=500)
    event_types: list[str] | None = Field(
        default=None, min_length=1, max_length=200, description="Left out: every type."
    )
    course_id: str | None = Field(
        default=None, max_length=100, description="Only lessons of this course; left out: all."
    )
    contact_email: str | None = Field(
        default=None,
        max_length=254,
        pattern=EMAIL,
        description="Who is told that it was disabled; left out: the tenant's administrators.",
    )


class WebhookChange(RequestModel):
    """What to change; what is left out stays. Enabling delivers what has waited meanwhile."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "enabled"}]})

    url: str | None = Field(default=None, max_length=MAX_URL_CHARACTERS)
    description: str | None = Field(default=None, max_length=500)
    event_types: list[str] | None = Field(
        default=None, min_length=1, max_length=200, description="null: every type."
    )
    contact_email: str | None = Field(default=None, max_length=254, pattern=EMAIL)
    status: Literal["enabled", "disabled"] | None = None


class SecretRotation(RequestModel):
    """How long messages are signed by the secret until now as well; 0 ends it at once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_seconds": 86400}]})

    overlap_seconds: int = Field(default=DEFAULT_OVERLAP_SECONDS, ge=0, le=MAX_OVERLAP_SECONDS)


class Replay(RequestModel):
    """What to send again: one message of the delivery log, or a time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"message_id": "msg_9d0n6r39d5n6ur39cdkm2rj1"},
                {"since": "2026-11-21T00:00:00Z", "until": "2026-11-22T00:00:00Z"},
            ]
        }
    )

    message_id: str | None = Field(default=None, max_length=100)
    since: AwareDatetime | None = Field(
        default=None, description="Everything committed from this moment on"
    )
    until: AwareDatetime | None = Field(default=None, description="... before this one; now")


class WebhookView(Webhook):
    """A webhook. `failing_since` is the first failure since the last success."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_WEBHOOK]})


class WebhookDetail(WebhookView):
    """A webhook, and how much waits for it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [EXAMPLE_WEBHOOK | {"waiting": EXAMPLE_WAITING}]}
    )

    waiting: Waiting


class WebhookWithSecret(WebhookView):
    """A webhook with its secret, which is shown this once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [EXAMPLE_WEBHOOK | {"secret": "whsec_QmFzZTY0..."}]}
    )

    secret: str


class WebhookPage(Record):
    """Webhooks, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"webhooks": [EXAMPLE_WEBHOOK], "next": None}]}
    )

    webhooks: list[WebhookView]
    next: str | None


class ReplayQueued(Record):
    """A replay on its way: `events` at most, fewer where the webhook asked for some types only."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "rpl_01kb9x5t7v0000000000000000", "events": 120}]}
    )

    id: str
    events: int


@router.post("", status_code=201, response_model=WebhookWithSecret, responses=documented(NotFound))
async def create_webhook(
    body: NewWebhook, caller: Caller, services: ServicesDependency, response: Response
) -> WebhookWithSecret:
    """Make a webhook and its secret, by which receivers verify messages (Standard Webhooks).

    Events of a lesson arrive in the order of `ledgersequence`, at least once; a repetition has the
    same `webhook-id`. Whatever is not answered by 2xx within 15 s is tried again after 5 s, 5 min,
    30 min, 2 h, 5 h, 10 h and 10 h. A caption of the engine in whose place a captioner typed comes
    as it is, in a message that says `"superseded": true` beside `data`.
    """
    await _authorize(services, caller, Action.CREATE)
    await services.webhook_sender.check_url(body.url)
    if body.course_id is not None:
        await services.courses.get(caller.tenant_id, body.course_id)
    secret = new_secret()
    webhook = await services.webhooks.create(
        caller.tenant_id,
        url=body.url,
        secret=secret,
        description=body.description,
        event_types=_known_types(body.event_types),
        course_id=body.course_id,
        contact_email=body.contact_email,
    )
    await services.audit.note(
        caller.tenant_id, caller.actor, "create", Resource.WEBHOOK, webhook.id, {"url": body.url}
    )
    return _shown_once(response, webhook, secret)


@router.get("", response_model=WebhookPage, responses=documented(NotFound))
async def list_webhooks(
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_WEBHOOKS)] = 50,
    before: Annotated[str | None, Query(max_length=100, description="`next` of a page")] = None,
) -> WebhookPage:
    """List the tenant's webhooks."""
    await authorize(services, caller, Action.LIST, Resource.WEBHOOK)
    found = await services.webhooks.list_webhooks(caller.tenant_id, limit + 1, before)
    page = [WebhookView(**webhook.model_dump()) for webhook in found[:limit]]
    return WebhookPage(webhooks=page, next=page[-1].id if len(found) > limit else None)


@router.get("/{webhook_id}", response_model=WebhookDetail, responses=documented(NotFound))
async def read_webhook(
    webhook_id: str, caller: Caller, services: ServicesDependency
) -> WebhookDetail:
    """Read a webhook, and how much waits for it."""
    await authorize(services, caller, Action.READ, Resource.WEBHOOK)
    webhook = await services.webhooks.get(caller.tenant_id, webhook_id)
    waiting = await services.webhook_lanes.waiting(caller.tenant_id, webhook_id)
    return WebhookDetail(**webhook.model_dump(), waiting=waiting)


@router.patch("/{webhook_id}", response_model=WebhookView, responses=documented(NotFound))
async def change_webhook(
    webhook_id: str, body: WebhookChange, caller: Caller, services: ServicesDependency
) -> WebhookView:
    """Change a webhook, disable it or enable it again."""
    await _authorize(services, caller, Action.UPDATE)
    values = body.model_dump(exclude_unset=True)
    if body.url is not None:
        await services.webhook_sender.check_url(body.url)
    if "event_types" in values:
        values["event_types"] = _known_types(body.event_types)
    status = values.pop("status", None)
    never_null = ("url", "description")
    values = {k: v for k, v in values.items() if v is not None or k not in never_null}
    if status == "disabled":
        values |= {"status": status, "disabled_at": datetime.now(UTC), "disabled_reason": None}
    webhook = await services.webhooks.change(caller.tenant_id, webhook_id, values)
    if status == "enabled" and webhook.status == "disabled":
        webhook = await services.webhooks.enable(caller.tenant_id, webhook_id)
        await services.jobs.relay_webhooks(caller.tenant_id)
        await services.jobs.wake_webhook(caller.tenant_id, webhook_id)
    await services.audit.note(
        caller.tenant_id,
        caller.actor,
        "update",
        Resource.WEBHOOK,
        webhook_id,
        body.model_dump(exclude_unset=True),
    )
    return WebhookView(**webhook.model_dump())


@router.post(
    "/{webhook_id}/rotate-secret", response_model=WebhookWithSecret, responses=documented(NotFound)
)
async def rotate_webhook_secret(
    webhook_id: str,
    caller: Caller,
    services: ServicesDependency,
    response: Response,
    body: SecretRotation | None = None,
) -> WebhookWithSecret:
    """Give a webhook a new secret; until the overlap ends, messages carry both signatures."""
    await _authorize(services, caller, Action.UPDATE)
    secret = new_secret()
    overlap = timedelta(seconds=(body or SecretRotation()).overlap_seconds)
    webhook = await services.webhooks.rotate(caller.tenant_id, webhook_id, secret, overlap)
    await services.audit.note(
        caller.tenant_id, caller.actor, "rotate secret", Resource.WEBHOOK, webhook_id
    )
    return _shown_once(response, webhook, secret)


@router.delete("/{webhook_id}", status_code=204, responses=documented(NotFound))
async def delete_webhook(webhook_id: str, caller: Caller, services: ServicesDependency) -> Response:
    """Delete a webhook with its delivery log; what waits for it is not sent."""
    await authorize(services, caller, Action.DELETE, Resource.WEBHOOK)
    await services.webhooks.delete(caller.tenant_id, webhook_id)
    await services.audit.note(
        caller.tenant_id, caller.actor, "delete", Resource.WEBHOOK, webhook_id
    )
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/replays",
    status_code=202,
    response_model=ReplayQueued,
    responses=documented(NotFound),
)
async def replay_webhook(
    webhook_id: str, body: Replay, caller: Caller, services: ServicesDependency
) -> ReplayQueued:
    """Send again what was sent or should have been: one message, or all that a time brought.

    Messages keep their `webhook-id`, so a receiver that remembers ids takes nothing twice. Events
    from before the webhook was made are sent too.
    """
    await authorize(services, caller, Action.REPLAY, Resource.WEBHOOK)
    await authorize(services, caller, Action.READ, Resource.EVENT)
    queued = await _replay(services, caller, webhook_id, body)
    await services.jobs.wake_webhook(caller.tenant_id, webhook_id)
    detail = body.model_dump(mode="json", exclude_none=True)
    await services.audit.note(
        caller.tenant_id, caller.actor, "replay", Resource.WEBHOOK, webhook_id, detail
    )
    return queued


async def _replay(
    services: Services, caller: Credential, webhook_id: str, body: Replay
) -> ReplayQueued:
    now = datetime.now(UTC)
    where = (caller.tenant_id, webhook_id)
    if (body.message_id is None) == (body.since is None):
        raise InvalidInput(
            "A replay is of one message or of a time.",
            field="message_id",
            fix="Send either 'message_id', or 'since' and perhaps 'until'.",
        )
    if body.message_id is not None:
        replay_id = await services.webhook_lanes.replay_message(*where, body.message_id, now)
        return ReplayQueued(id=replay_id, events=1)
    until = min(body.until or now, now)
    if body.since is None or body.since >= until:
        raise InvalidInput(
            "The time is empty.", field="since", fix="Let 'since' lie before 'until' and now."
        )
    replay_id, events = await services.webhook_lanes.replay_time(*where, body.since, until, now)
    return ReplayQueued(id=replay_id, events=events)


async def _authorize(services: Services, caller: Credential, action: Action) -> None:
    """Whoever says where all events go must be allowed to read them."""
    await authorize(services, caller, action, Resource.WEBHOOK)
    await authorize(services, caller, Action.READ, Resource.EVENT)
    settings = await services.tenants.settings(caller.tenant_id)
    if not settings.features.webhooks:
        raise NotAllowed(
            "Webhooks are switched off for this tenant.",
            field="features.webhooks",
            fix="Switch them on in the settings of the tenant or of one above.",
        )


def _known_types(names: list[str] | None) -> list[str] | None:
    return None if names is None else sorted({known_type(name) for name in names})


def _shown_once(response: Response, webhook: Webhook, secret: bytes) -> WebhookWithSecret:
    response.headers["Cache-Control"] = "no-store"
    return WebhookWithSecret(**webhook.model_dump(), secret=shown(secret))
