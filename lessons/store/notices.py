"""What travels on PostgreSQL's NOTIFY channel: that a lesson has new events, or what passes by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

CHANNEL = "lectern_lessons"
"""The one channel of all lessons."""

MAX_NOTICE_BYTES = 7999
"""PostgreSQL's limit on a payload (`NOTIFY` in its manual: shorter than 8000 bytes)."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The lesson's ledger has events up to `sequence`; None: unknown, read on from your cursor."""

    sequence: int | None


@dataclass(frozen=True, slots=True)
class Passing:
    """Something that is never stored: `caption.partial` or `recording.progress`, with its data."""

    type: str
    data: dict[str, Any]


Message = Committed | Passing


def committed_notice(tenant_id: str, lesson_id: str, sequence: int) -> str:
    """Return the payload that tells of a commit."""
    return _dump({"tenant": tenant_id, "lesson": lesson_id, "sequence": sequence})


def passing_notice(tenant_id: str, lesson_id: str, message: Passing) -> str:
    """Return the payload of a passing message; it may be longer than `MAX_NOTICE_BYTES`."""
    return _dump(
        {"tenant": tenant_id, "lesson": lesson_id, "type": message.type, "data": message.data}
    )


def read_notice(payload: str) -> tuple[tuple[str, str], Message]:
    """Return (tenant, lesson) and the message of a payload that Lectern sent."""
    notice = json.loads(payload)
    key = (notice["tenant"], notice["lesson"])
    if "sequence" in notice:
        return key, Committed(notice["sequence"])
    return key, Passing(notice["type"], notice["data"])


def _dump(notice: dict[str, Any]) -> str:
    return json.dumps(notice, ensure_ascii=False, separators=(",", ":"))
