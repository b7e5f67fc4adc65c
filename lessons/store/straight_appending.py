"""The straight road into the ledger: an ordinary append in one statement and one round trip.

It is taken where nothing is out of the ordinary: the lesson is there, the ids are new, every person
has a key, and nobody's consent has to be weighed. The function `append_events` (migration 0007)
refuses anything else as a whole, and `lessons.store.appending` then takes the careful road, which
looks, decides draft by draft, and says what is wrong. Since ids make an append idempotent, it does
no harm where the straight road succeeded and only its answer was lost.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from lessons.events import EventDraft
from lessons.privacy.consent import purpose_of_event
from lessons.privacy.sealing import SubjectKey
from lessons.store.appending import Appended
from lessons.store.database import Database
from lessons.store.event_rows import digest_of, event_of_draft, lesson_time_of, row_of

_APPEND = "SELECT * FROM append_events(%s, %s, %s::text::jsonb, %s, %s, %s, %s)"


async def append_straight(
    database: Database,
    tenant_id: str,
    lesson_id: str,
    drafts: Sequence[EventDraft],
    *,
    admit: bool,
) -> list[Appended] | None:
    """Append drafts in one round trip, all or none; None where the careful road has to be taken.

    Args:
        admit: subjects have to be participants of the lesson, and their consents count.
    """
    if not database.pin.is_known_to_be_here(tenant_id):
        return None  # The careful road looks where the tenant belongs.
    keys = await _keys(database, tenant_id, drafts)
    if keys is None:
        return None
    now, lesson = datetime.now(UTC), (tenant_id, lesson_id)
    rows = [
        row_of(draft, digest_of(draft, key), key, lesson, now)
        for draft, key in zip(drafts, keys, strict=True)
    ]
    values = (
        *lesson,
        json.dumps([row | {"number": number} for number, row in enumerate(rows, start=1)]),
        len(rows),
        _subjects(drafts) if admit else [],
        _purposes(drafts) if admit else [],
        now,
    )
    placed = await database.single_statements.run(_APPEND, values)
    if placed is None:
        return None
    first, started_at = placed
    database.herald.tell(*lesson, first + len(rows) - 1)
    appended = []
    for sequence, (draft, row) in enumerate(zip(drafts, rows, strict=True), start=first):
        lesson_time_ms = draft.lesson_time_ms
        if lesson_time_ms is None:
            lesson_time_ms = lesson_time_of(now, started_at)
        place = {"sequence": sequence, "lesson_time_ms": lesson_time_ms}
        appended.append(Appended(event_of_draft(draft, row, lesson, place), created=True))
    return appended


async def _keys(
    database: Database, tenant_id: str, drafts: Sequence[EventDraft]
) -> list[SubjectKey | None] | None:
    """Return the key of each draft, None for one that is nobody's; None if somebody was erased."""
    people = {draft.sealed_for for draft in drafts if draft.sealed_for}
    keys = database.keyring.remembered(tenant_id, people)
    if keys is None:
        async with database.transaction(tenant_id) as connection:
            keys = await database.keyring.of_participants(connection, tenant_id, people)
    if None in keys.values():
        return None
    return [keys[draft.sealed_for] if draft.sealed_for else None for draft in drafts]


def _subjects(drafts: Sequence[EventDraft]) -> list[str]:
    return sorted({draft.subject for draft in drafts if draft.subject is not None})


def _purposes(drafts: Sequence[EventDraft]) -> list[str]:
    purposes = {purpose_of_event(draft.data.type) for draft in drafts if draft.subject is not None}
    return sorted(purpose for purpose in purposes if purpose is not None)
