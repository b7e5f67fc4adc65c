from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from lessons.privacy.audit_chain import AuditFault
from lessons.store import Database
from lessons.store.audit import AuditStore, audit_in


@pytest.fixture
def audit(database: Database) -> AuditStore:
    return AuditStore(database)


async def _tamper(database_url: str, tenant_id: str, statement: str) -> None:
    """Change the store as somebody would who has all rights on it."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(statement.replace("TENANT", f"tenant_id = '{tenant_id}'").encode())


async def _fill(audit: AuditStore, tenant_id: str, count: int = 5) -> None:
    for number in range(1, count + 1):
        await audit.record(tenant_id, "key_1", "create", f"lesson {number}", {"number": number})


async def test_entries_are_numbered_and_read_newest_first(
    audit: AuditStore, tenant_id: str
) -> None:
    await _fill(audit, tenant_id)
    page = await audit.list_entries(tenant_id, limit=2)
    assert [(entry.position, entry.detail) for entry in page] == [
        (5, {"number": 5}),
        (4, {"number": 4}),
    ]
    rest = await audit.list_entries(tenant_id, before=page[-1].position)
    assert [entry.position for entry in rest] == [3, 2, 1]


async def test_a_trail_that_nobody_touched_verifies(audit: AuditStore, tenant_id: str) -> None:
    assert (await audit.verify(tenant_id)).entries == 0
    await _fill(audit, tenant_id, 7)
    await audit.checkpoint(tenant_id)
    await _fill(audit, tenant_id, 2)
    verified = await audit.verify(tenant_id)
    assert (verified.entries, verified.faults) == (9, [])


async def test_an_entry_names_kind_and_id_and_older_ones_stay_as_they_were_hashed(
    audit: AuditStore, tenant_id: str
) -> None:
    await audit.record(tenant_id, "key_1", "update", "webhook/whk_1")
    await audit.note(tenant_id, "key_1", "update", "webhook", "whk_1", {"status": "enabled"})
    entries = await audit.list_entries(tenant_id)
    assert [entry.resource for entry in entries] == ["webhook whk_1", "webhook/whk_1"]
    assert entries[0].detail == {"status": "enabled"}
    assert (await audit.verify(tenant_id)).faults == []


async def test_entries_of_many_at_once_form_one_chain(audit: AuditStore, tenant_id: str) -> None:
    await asyncio.gather(*(_fill(audit, tenant_id, 3) for _ in range(6)))
    verified = await audit.verify(tenant_id)
    assert (verified.entries, verified.faults) == (18, [])


async def test_an_entry_is_rolled_back_with_what_it_tells_of(
    database: Database, audit: AuditStore, tenant_id: str
) -> None:
    async def fail() -> None:
        async with database.transaction(tenant_id) as connection:
            await audit_in(connection, tenant_id, "key_1", "erase", "person per_1")
            raise ZeroDivisionError

    await _fill(audit, tenant_id, 1)
    with pytest.raises(ZeroDivisionError):
        await fail()
    await _fill(audit, tenant_id, 1)
    verified = await audit.verify(tenant_id)
    assert (verified.entries, verified.faults) == (2, [])


TAMPERING = {
    "a flipped byte": (
        "UPDATE audit_entries SET detail = replace(detail, '3', '2') WHERE TENANT AND position = 3",
        [AuditFault(3, "the entry was changed, or is not in its place")],
    ),
    "a flipped bit of a hash": (
        "UPDATE audit_entries SET hash = set_bit(hash, 7, 1 - get_bit(hash, 7))"
        " WHERE TENANT AND position = 2",
        [
            AuditFault(2, "the entry was changed, or is not in its place"),
            AuditFault(3, "the entry was changed, or is not in its place"),
        ],
    ),
    "a dropped row": (
        "DELETE FROM audit_entries WHERE TENANT AND position = 4",
        [AuditFault(4, "missing: 4")],
    ),
    "a dropped tail": (
        "DELETE FROM audit_entries WHERE TENANT AND position > 3",
        [
            AuditFault(4, "missing: 4 to 5"),
            AuditFault(4, "a checkpoint knows more entries than there are"),
        ],
    ),
    "another order": (
        "UPDATE audit_entries SET position = 10 + position WHERE TENANT AND position IN (2, 3);"
        "UPDATE audit_entries SET position = 15 - position WHERE TENANT AND position IN (12, 13)",
        [
            AuditFault(2, "the entry was changed, or is not in its place"),
            AuditFault(3, "the entry was changed, or is not in its place"),
            AuditFault(4, "the entry was changed, or is not in its place"),
        ],
    ),
    "a tail cut off with its head": (
        "DELETE FROM audit_entries WHERE TENANT AND position > 3;"
        "UPDATE audit_heads SET position = 3, hash ="
        " (SELECT hash FROM audit_entries WHERE TENANT AND position = 3) WHERE TENANT",
        [AuditFault(4, "a checkpoint knows more entries than there are")],
    ),
    "a forged checkpoint": (
        "UPDATE audit_checkpoints SET position = 3 WHERE TENANT",
        [AuditFault(3, "a checkpoint has a wrong signature")],
    ),
}


@pytest.mark.parametrize("tampering", TAMPERING)
async def test_tampering_is_found(
    audit: AuditStore, database_url: str, tenant_id: str, tampering: str
) -> None:
    await _fill(audit, tenant_id, 4)
    await audit.checkpoint(tenant_id)
    await _fill(audit, tenant_id, 1)
    statement, faults = TAMPERING[tampering]
    await _tamper(database_url, tenant_id, statement)
    assert (await audit.verify(tenant_id)).faults == faults


async def test_checkpoints_kept_elsewhere_are_believed(
    audit: AuditStore, database_url: str, tenant_id: str
) -> None:
    await _fill(audit, tenant_id, 4)
    kept = await audit.checkpoint(tenant_id)
    assert kept == await audit.checkpoint(tenant_id)
    assert kept is not None
    await _tamper(
        database_url,
        tenant_id,
        "DELETE FROM audit_entries WHERE TENANT; DELETE FROM audit_checkpoints WHERE TENANT;"
        "DELETE FROM audit_heads WHERE TENANT",
    )
    assert (await audit.verify(tenant_id)).faults == []
    assert [fault.position for fault in (await audit.verify(tenant_id, [kept])).faults] == [4]


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET actor = 'x'", "DELETE FROM audit_entries"]
)
async def test_the_application_can_neither_change_nor_delete_entries(
    database: Database, tenant_id: str, statement: str
) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.transaction(tenant_id) as connection:
            await connection.exec_driver_sql(statement)
