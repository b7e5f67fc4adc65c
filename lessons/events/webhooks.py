"""Webhooks: that one was disabled because its receiver did not answer."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Name


class WebhookDisabled(EventData):
    """Deliveries to a webhook failed for days, so it gets no more until somebody enables it."""

    type = "webhook.disabled"
    example: ClassVar = {
        "webhook_id": "whk_01kb9x5t7v0000000000000000",
        "url": "https://platform.example/hooks",
        "failing_since": "2026-11-17T10:15:30Z",
        "last_failure": "no answer within 15 s",
    }

    webhook_id: Name = Field(description="The webhook")
    url: str = Field(min_length=1, max_length=2_000, description="Where it was delivered to")
    failing_since: AwareDatetime = Field(description="Time of the first failure since a success")
    last_failure: str = Field(max_length=1_000, description="What the last delivery met with")


WEBHOOKS = Family(
    "webhooks",
    "Webhooks",
    "What happens to the deliveries of events to other systems.",
    recorded=(WebhookDisabled,),
)
