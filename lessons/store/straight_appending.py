"""The straight road into the ledger: an ordinary append in one round trip, with who else comes.

It is taken where nothing is out of the ordinary: the lesson is there, the ids are new, every person
has a key, and nobody's consent has to be weighed. The functions `append_events` (migration 0007)
and `append_group` (0008) refuse anything else as a whole, and `lessons.store.appending` then takes
the careful road, which looks, decides draft by draft, and says what is wrong. Since ids make an
append idempotent, it does no harm where the straight road succeeded and only its answer was lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lessons.events import EventDraft
from lessons.privacy.consent import ASKED_OF_EVERYBODY, purpose_of_event
from lessons.privacy.sealing import SubjectKey
from lessons.store.appending import Appended
from lessons.store.database import Database
from lessons.store.event_rows import digest_of, event_of_draft, lesson_time_of, row_of
from lessons.store.grouped_appends import ReadyAppend


async def append_straight(
    database: Database,
    tenant_id: str,
    lesson_id: str,
    drafts: Sequence[EventDraft],
    *,
    admit: bool,
) -> list[Appended] | None:
    """Append drafts, all or none; None where the careful road has to be taken.

    Args:
        admit: subjects have to be participants of the lesson, and their consents count.
    """
    if not database.pin.is_known_to_be_here(tenant_id):
        return None  # The careful road looks where the tenant belongs.
    subjects, purposes = (_subjects(drafts), _purposes(drafts)) if admit else ([], [])
    if not ASKED_OF_EVERYBODY.isdisjoint(purposes):
        return None  # The functions take the absence of a decision for consent.
    keys = await _keys(database, tenant_id, drafts)
    if keys is None:
        return None
    now, lesson = datetime.now(UTC), (tenant_id, lesson_id)
    rows = [
        row_of(draft, digest_of(draft, key), key, lesson, now) | {"number": number}
        for number, (draft, key) in enumerate(zip(drafts, keys, strict=True), start=1)
    ]
    place = await database.grouped_appends.write(
        tenant_id, ReadyAppend(lesson_id, rows, subjects, purposes, now)
    )
    if place is None:
        return None
    appended = []
    numbered = enumerate(zip(drafts, rows, strict=True), start=place.first_sequence)
    for sequence, (draft, row) in numbered:
        lesson_time_ms = draft.lesson_time_ms
        if lesson_time_ms is None:
            lesson_time_ms = lesson_time_of(now, place.started_at)
        where = {"sequence": sequence, "lesson_time_ms": lesson_time_ms}
        appended.append(Appended(event_of_draft(draft, row, lesson, where), created=True))
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
