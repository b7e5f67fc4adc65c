"""The message of a learning event to a webhook."""

from __future__ import annotations

import base64
import hashlib
import json

from lessons.events import LearningEvent

_ID_BYTES = 16


def message_id(webhook_id: str, lesson_id: str, sequence: int) -> str:
    """Return the id by which a receiver knows a repetition: the same at each attempt and replay."""
    digest = hashlib.sha256(f"{webhook_id}/{lesson_id}/{sequence}".encode()).digest()
    name = base64.b32hexencode(digest[:_ID_BYTES]).decode("ascii").rstrip("=").lower()
    return f"msg_{name}"


def message_body(event: LearningEvent, *, superseded: bool = False) -> bytes:
    """Return the body: `type` and `timestamp` as the specification recommends, the event as `data`.

    Within a lesson, `data.ledgersequence` tells the order and shows whether one is missing.

    Args:
        superseded: it is a caption that a captioner's supersede. That stands beside the event,
            which is a fact and the same for every reader.
    """
    wire = event.to_wire()
    message = {"type": event.type, "timestamp": wire["time"], "data": wire}
    if superseded:
        message["superseded"] = True
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
