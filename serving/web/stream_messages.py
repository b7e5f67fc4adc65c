"""Messages of a stream: encoded once for all readers, as Server-Sent Events and for WebSockets."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lessons.events import LearningEvent
from lessons.store import Passing

PIECE_BYTES = 64 * 1024
"""A reader that takes nothing has little more than this waiting for it in the gateway."""

Place = tuple[int, ...]
"""Where a stored event stands in its stream; later events have larger places."""


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """One message of a stream.

    Attributes:
        event: the stored event; None for what passes by.
        passing: what passes by; None for a stored event.
        place: the cursor to resume from; None for what passes by.
        server_sent: the message as a Server-Sent Event (WHATWG HTML, section 9.2).
        text: the message for a WebSocket, JSON `{"event", "id", "data"}`; the id is the cursor.
        read_at: when this process had it to send, Unix time in seconds.
    """

    event: LearningEvent | None
    passing: Passing | None
    place: Place | None
    server_sent: bytes
    text: str
    read_at: float = field(default_factory=time.time, compare=False)


def stored_message(event: LearningEvent, place: Place) -> StreamMessage:
    """Return the message of a stored event."""
    return StreamMessage(event, None, place, *_encoded(event.type, event.to_wire(), place))


def passing_message(passing: Passing) -> StreamMessage:
    """Return the message of something that is never stored."""
    return StreamMessage(None, passing, None, *_encoded(passing.type, passing.data, None))


def retold_message(message: StreamMessage, name: str, data: Mapping[str, Any]) -> StreamMessage:
    """Return a message in other words: for a stream of another shape, at the same place."""
    encoded = _encoded(name, data, message.place)
    return StreamMessage(message.event, message.passing, message.place, *encoded)


def _encoded(name: str, data: Mapping[str, Any], place: Place | None) -> tuple[bytes, str]:
    """Return a message as a Server-Sent Event and as a WebSocket's text."""
    body = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    if place is None:
        server_sent = f"event: {name}\ndata: {body}\n\n"
        return server_sent.encode(), f'{{"event":"{name}","data":{body}}}'
    cursor = "-".join(map(str, place))
    server_sent = f"id: {cursor}\nevent: {name}\ndata: {body}\n\n"
    return server_sent.encode(), f'{{"event":"{name}","id":"{cursor}","data":{body}}}'


class Batch:
    """Messages that a reader gets at once; readers that see the same ones share the encoding."""

    def __init__(self, messages: Sequence[StreamMessage]) -> None:
        self.messages = messages

    @cached_property
    def server_sent(self) -> Sequence[bytes]:
        """All of them as Server-Sent Events, joined into pieces that are sent one by one."""
        pieces: list[bytes] = []
        joined: list[bytes] = []
        size = 0
        for message in self.messages:
            joined.append(message.server_sent)
            size += len(message.server_sent)
            if size >= PIECE_BYTES:
                pieces.append(b"".join(joined))
                joined, size = [], 0
        return [*pieces, b"".join(joined)] if joined else pieces

    @cached_property
    def people(self) -> frozenset[tuple[str | None, str]]:
        """Whom they tell of: lesson and participant, no lesson for what passes by."""
        stored = {
            (message.event.lessonid, message.event.subject)
            for message in self.messages
            if message.event is not None and message.event.subject is not None
        }
        passing = {
            (None, str(message.passing.data["participant_id"]))
            for message in self.messages
            if message.passing is not None and "participant_id" in message.passing.data
        }
        return frozenset(stored | passing)

    def past(self, place: Place) -> Batch:
        """Return the batch without the stored messages up to `place`."""
        first = next((m.place for m in self.messages if m.place is not None), None)
        if first is None or first > place:
            return self
        return Batch([m for m in self.messages if m.place is None or m.place > place])
