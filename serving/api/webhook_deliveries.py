"""The delivery log of a webhook: each message, each attempt, and what came of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict
from pydantic.config import JsonDict

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Action, Resource
from lessons.records import Record
from lessons.store.webhook_deliveries import Delivery, DeliveryStatus
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

MAX_PAGE_DELIVERIES = 200
EXAMPLE_DELIVERY: JsonDict = {
    "id": "msg_9d0n6r39d5n6ur39cdkm2rj1",
    "webhook_id": "whk_01kb9x5t7v0000000000000000",
    "lesson_id": "les_01kb9x5t7v0000000000000000",
    "sequence": 41,
    "event_id": "platform-4711",
    "event_type": "poll.answered",
    "status": "retrying",
    "attempts": [
        {
            "at": "2026-11-22T10:15:31Z",
            "duration_ms": 83,
            "status": 503,
            "error": "the receiver answered 503",
            "answer": "restarting",
        }
    ],
    "last_attempt_at": "2026-11-22T10:15:31Z",
    "next_attempt_at": "2026-11-22T10:15:36Z",
}

router = APIRouter(
    prefix="/v1/webhooks/{webhook_id}/deliveries",
    tags=["webhooks"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class DeliveryView(Delivery):
    """One message: `delivered`, `retrying` at `next_attempt_at`, or `failed` for good.

    Its body is not kept: it is made from the ledger at each attempt, so that erasure and retention
    reach it.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_DELIVERY]})


class DeliveryPage(Record):
    """Messages, the last attempted first; `next` is the `before` of the next page."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"deliveries": [EXAMPLE_DELIVERY], "next": None}]}
    )

    deliveries: list[DeliveryView]
    next: str | None


@router.get("", response_model=DeliveryPage)
async def list_deliveries(
    webhook_id: str,
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_DELIVERIES)] = 50,
    before: Annotated[str | None, Query(max_length=100, description="`next` of a page")] = None,
    status: Annotated[DeliveryStatus | None, Query(description="Only these")] = None,
) -> DeliveryPage:
    """List what was sent to a webhook, or tried to be."""
    await authorize(services, caller, Action.READ, Resource.WEBHOOK)
    await services.webhooks.get(caller.tenant_id, webhook_id)
    found = await services.webhook_deliveries.list_deliveries(
        caller.tenant_id, webhook_id, limit=limit + 1, before=before, status=status
    )
    page = [DeliveryView(**delivery.model_dump()) for delivery in found[:limit]]
    return DeliveryPage(deliveries=page, next=page[-1].id if len(found) > limit else None)


@router.get("/{message_id}", response_model=DeliveryView)
async def read_delivery(
    webhook_id: str, message_id: str, caller: Caller, services: ServicesDependency
) -> DeliveryView:
    """Read one message with all of its attempts."""
    await authorize(services, caller, Action.READ, Resource.WEBHOOK)
    delivery = await services.webhook_deliveries.get(caller.tenant_id, webhook_id, message_id)
    return DeliveryView(**delivery.model_dump())
