"""The base of every event's data, and the draft in which an event reaches the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from lessons.errors import InvalidInput
from lessons.identifiers import new_id


def without_nul(value: object) -> object:
    """Return `value` as it is, or raise ValueError: PostgreSQL stores no text with U+0000."""
    if isinstance(value, str) and "\0" in value:
        raise ValueError("text must not contain the character U+0000")
    if isinstance(value, dict):
        for name, element in value.items():
            without_nul(name)
            without_nul(element)
    elif isinstance(value, list | tuple):
        for element in value:
            without_nul(element)
    return value


class EventData(BaseModel):
    """What one type of event says. Unknown fields are refused, so nothing slips in unseen.

    Attributes:
        type: name of the event type on the wire.
        version: version of this data's schema.
        needs_subject: whether the event is always some participant's doing.
        shared: whether everybody in the lesson may read it; others are their subject's own, and of
            those who teach. See `readers`.
        for_teachers: whether only those who teach may read it, even where the lesson has one
            learner alone, and whomever it is about.
        by_teachers: whether a learner may not post it, though a platform's server may.
        after_lesson: whether it may come long after the lesson ended, as homework does.
        example: one valid instance, shown in the JSON schema.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    type: ClassVar[str]
    version: ClassVar[int] = 1
    needs_subject: ClassVar[bool] = False
    shared: ClassVar[bool] = False
    for_teachers: ClassVar[bool] = False
    by_teachers: ClassVar[bool] = False
    after_lesson: ClassVar[bool] = False
    example: ClassVar[Mapping[str, Any]]

    @model_validator(mode="before")
    @classmethod
    def _has_no_nul(cls, value: object) -> object:
        return without_nul(value)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        handler.resolve_ref_schema(schema)["examples"] = [dict(cls.example)]
        return schema

    def readers(self) -> frozenset[str] | None:
        """Return the participants who may read it besides its subject and those who teach.

        None means everybody in the lesson.
        """
        return None if self.shared else frozenset()

    def teaching_of(self, subject: str | None) -> str | None:  # noqa: ARG002 - some need it.
        """Return the participant whose way of teaching it tells of: no colleague reads it.

        Args:
            subject: of the event.
        """
        return None

    @classmethod
    def data_schema(cls) -> str:
        """Return the CloudEvents `dataschema` of this version."""
        return f"urn:lectern:event:{cls.type}:{cls.version}"


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event that is not in the ledger yet.

    A draft carries its id from birth, so appending the same draft again stores nothing twice.

    Args:
        data: what happened.
        lesson_time_ms: when, on the lesson clock; None lets the ledger take the time of appending.
        subject: id of the participant whose doing it is, or None.
        id: unique within the lesson; a fresh one by default.
        time: wall-clock time with a zone; None lets the ledger take the time of appending.
        about: id of the participant whom the data tells of, where that is not the subject: the body
            is sealed under that person's key.

    Raises:
        InvalidInput: the subject is missing where the type needs one, or a value is out of range.
    """

    data: EventData
    lesson_time_ms: int | None
    subject: str | None = None
    id: str = field(default_factory=lambda: new_id("evt"))
    time: datetime | None = None
    about: str | None = None

    @property
    def sealed_for(self) -> str | None:
        """Id of the participant under whose key the body is sealed, or None for nobody's."""
        return self.about or self.subject

    def __post_init__(self) -> None:
        if self.lesson_time_ms is not None and self.lesson_time_ms < 0:
            raise InvalidInput("The lesson clock starts at 0.", field="lessontimems")
        if self.data.needs_subject and not self.subject:
            raise InvalidInput(
                f"An event of type {self.data.type} is a participant's doing.",
                field="subject",
                fix="Give the participant's id as `subject`.",
            )
        if self.time is not None and self.time.tzinfo is None:
            raise InvalidInput("The time has no zone.", field="time", fix="Write it with `Z`.")
