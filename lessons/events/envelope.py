"""The wire form of a learning event: a CloudEvents 1.0 JSON object with Lectern's extensions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SerializeAsAny

from lessons.events.data import EventData


def lesson_source(lesson_id: str) -> str:
    """Return the CloudEvents `source` of a lesson's events; with `id` it is unique."""
    return f"urn:lectern:lesson:{lesson_id}"


class LearningEvent(BaseModel):
    """One typed, versioned, immutable fact about a lesson.

    `lessontimems` is on the lesson clock; `ledgersequence` counts a lesson's events from 1 without
    gaps. Source: CloudEvents 1.0.2, JSON event format, structured mode.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(min_length=1, max_length=200)
    source: str
    type: str
    subject: str | None = Field(default=None, description="Id of the participant whose doing it is")
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    tenantid: str
    lessonid: str
    lessontimems: int = Field(ge=0)
    ledgersequence: int = Field(ge=1)
    data: SerializeAsAny[EventData]

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON object; an absent subject is left out, as CloudEvents asks."""
        wire = self.model_dump(mode="json")
        if self.subject is None:
            del wire["subject"]
        return wire
