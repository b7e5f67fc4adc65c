"""Chat: who wrote to whom and how much; the text itself only where the platform sends it."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Count, Name

MAX_TEXT_CHARACTERS = 10_000
MAX_RECIPIENTS = 1_000


class ChatPosted(EventData):
    """The subject wrote a message.

    A message to everybody is for everybody in the lesson; any other is for its writer, its
    recipients and those who teach. Where the tenant has switched `features.chat_text` off, the text
    is dropped on arrival.
    """

    type = "chat.posted"
    needs_subject = True
    shared = True
    example: ClassVar = {
        "message_id": "message-55",
        "to": "everyone",
        "characters": 23,
        "text": "Is 4/6 the same as 2/3?",
    }

    message_id: Name = Field(description="The platform's id of the message")
    to: Literal["everyone", "instructors", "room", "people"] = Field(
        default="everyone",
        description="`room`: the breakout room `room_id`; `people`: those in `recipient_ids`",
    )
    recipient_ids: list[Name] = Field(
        default_factory=list,
        max_length=MAX_RECIPIENTS,
        description="Participants that a message to `people` is for",
    )
    room_id: Name | None = Field(default=None, description="Breakout room of a message to `room`")
    characters: Count = Field(description="Length of the text, as the platform counts it")
    text: str | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_TEXT_CHARACTERS,
        description="The text, where the platform may share it; null: only its length is kept",
    )
    attachments: Count = Field(default=0, description="Files or links attached")
    reply_to: Name | None = Field(default=None, description="The message that it answers")

    @model_validator(mode="after")
    def _has_its_recipients(self) -> Self:
        if self.to == "people" and not self.recipient_ids:
            raise ValueError("a message to people needs recipient_ids")
        if self.to == "room" and self.room_id is None:
            raise ValueError("a message to a room needs room_id")
        return self

    def without_text(self) -> Self:
        """Return it with its length alone, as a tenant may want it kept."""
        return self.model_copy(update={"text": None})

    def readers(self) -> frozenset[str] | None:
        """Return who may read it besides its writer and those who teach."""
        return None if self.to == "everyone" else frozenset(self.recipient_ids)


class ChatReacted(EventData):
    """The subject put a sign to a message, or took it away."""

    type = "chat.reacted"
    needs_subject = True
    example: ClassVar = {"message_id": "message-55", "reaction": "👍", "removed": False}

    message_id: Name = Field(description="The message that it is about")
    reaction: str = Field(min_length=1, max_length=32, description="The sign, as it was chosen")
    removed: bool = Field(default=False, description="Whether it was taken away")


CHAT = Family(
    "chat",
    "Chat",
    "Who wrote to whom, and how much. The text is optional: a platform that may not share it sends "
    "the length alone.",
    posted=(ChatPosted, ChatReacted),
)
