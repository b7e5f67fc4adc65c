"""Events as a platform posts them: a CloudEvents object without what only the ledger can know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from lessons.errors import InvalidInput, NotAllowed
from lessons.events.catalogue import DATA_TYPES, PLATFORM_TYPES, known_type, refusal
from lessons.events.data import EventDraft, without_nul


class PostedEvent(BaseModel):
    """One event of a platform. Posting the same id and body again changes nothing.

    `specversion`, `source`, `datacontenttype` and `dataschema` are taken and may be left out.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "platform-4711",
                    "type": "poll.answered",
                    "subject": "par_01kb9x5t7v0000000000000000",
                    "time": "2026-11-22T10:15:30Z",
                    "data": {"poll_id": "poll-7", "options": [0], "response_time_ms": 8200},
                }
            ]
        },
    )

    id: str = Field(min_length=1, max_length=200)
    type: str
    subject: str | None = None
    time: AwareDatetime | None = None
    lessontimems: int | None = Field(default=None, ge=0, lt=2**31)
    data: dict[str, Any] = Field(default_factory=dict)
    specversion: str | None = None
    source: str | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _has_no_nul(cls, value: object) -> object:
        return without_nul(value)


def parse_posted(obj: Mapping[str, Any]) -> EventDraft:
    """Return the draft of one posted event.

    Raises:
        InvalidInput: a field is missing, unknown or out of range; `field` names it.
        NotAllowed: the type is one that only Lectern itself records.
    """
    name = known_type(obj.get("type"))
    if name not in PLATFORM_TYPES:
        raise NotAllowed(
            f"Events of type {name} are recorded by Lectern itself.",
            field="type",
            fix=f"A platform may post: {', '.join(sorted(PLATFORM_TYPES))}.",
        )
    try:
        posted = PostedEvent.model_validate(obj)
        return _draft(posted)
    except ValidationError as error:
        raise refusal(error) from error


def _draft(posted: PostedEvent) -> EventDraft:
    if posted.specversion not in (None, "1.0"):
        raise InvalidInput("Only CloudEvents 1.0 is taken.", field="specversion")
    try:
        data = DATA_TYPES[posted.type].model_validate(posted.data)
    except ValidationError as error:
        complaint = refusal(error)
        prefix = "" if complaint.field == "data" else f".{complaint.field}"
        raise InvalidInput(complaint.reason, field=f"data{prefix}", fix=complaint.fix) from error
    return EventDraft(data, posted.lessontimems, posted.subject, posted.id, posted.time)
