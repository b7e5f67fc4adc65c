"""Events that were stored under an older version of their type."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from lessons.errors import Conflict
from lessons.events import ActivityBucket, ActivityCounted, EventDraft
from lessons.records import Lesson
from lessons.store import Ledger

VERSION_1 = {"start_ms": 60000, "end_ms": 70000, "key_presses": 41, "clicks": 3}
AS_VERSION_2 = ActivityCounted(
    start_ms=60000, bucket_ms=10000, buckets=[ActivityBucket(key_presses=41, clicks=3)]
)


@pytest.fixture
def draft() -> EventDraft:
    return EventDraft(AS_VERSION_2, 70000, id="counted-1")


async def _store_version_1(
    ledger: Ledger, lesson: Lesson, draft: EventDraft, database_url: str
) -> None:
    """Leave the event as Lectern wrote it when its type had version 1."""
    await ledger.append(lesson.tenant_id, lesson.id, [draft])
    with psycopg.connect(database_url) as connection:
        changed = connection.execute(
            "UPDATE learning_events SET version = 1, data = %s, body_digest = '\\x00' "
            "WHERE lesson_id = %s",
            (json.dumps(VERSION_1), lesson.id),
        )
        assert changed.rowcount == 1


@pytest.fixture(autouse=True)
def without_a_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body without a subject lies open in its row, where the test can set it back."""
    monkeypatch.setattr(ActivityCounted, "needs_subject", False)


async def test_it_is_read_as_the_newest_version(
    ledger: Ledger, lesson: Lesson, draft: EventDraft, database_url: str
) -> None:
    await _store_version_1(ledger, lesson, draft, database_url)
    (event,) = await ledger.read(lesson.tenant_id, lesson.id)
    assert event.data == AS_VERSION_2
    wire: dict[str, Any] = event.to_wire()
    assert wire["dataschema"] == "urn:lectern:event:activity.counted:2"


async def test_posting_it_again_stores_nothing_twice(
    ledger: Ledger, lesson: Lesson, draft: EventDraft, database_url: str
) -> None:
    await _store_version_1(ledger, lesson, draft, database_url)
    (again,) = await ledger.append(lesson.tenant_id, lesson.id, [draft])
    assert (again.created, again.event.ledgersequence) == (False, 1)


async def test_another_body_under_its_id_is_a_conflict(
    ledger: Ledger, lesson: Lesson, draft: EventDraft, database_url: str
) -> None:
    await _store_version_1(ledger, lesson, draft, database_url)
    other = AS_VERSION_2.model_copy(update={"start_ms": 1})
    with pytest.raises(Conflict):
        await ledger.append(lesson.tenant_id, lesson.id, [EventDraft(other, 70000, id=draft.id)])
