from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from lessons.errors import InvalidInput
from lessons.store import Database
from lessons.store.audit import AuditStore
from serving.commands.audit import verify_trails
from serving.jobs.privacy import checkpoints_file, keep_checkpoint
from serving.settings import Settings
from tests.keys import MASTER_KEY

Verify = Callable[..., Awaitable[tuple[bool, str]]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, master_key=MASTER_KEY)


@pytest.fixture
async def verify(
    settings: Settings, database_url: str, database: Database, tenant_id: str
) -> Verify:
    """Verify the trail of a tenant who has done three things; (intact, what was printed)."""
    audit = AuditStore(database)
    for number in range(3):
        await audit.record(tenant_id, "key_1", "create", f"lesson {number}")

    async def run(*checkpoints: Path) -> tuple[bool, str]:
        output = io.StringIO()
        console = Console(file=output, width=200)
        intact = await verify_trails(settings, database_url, [tenant_id], checkpoints, console)
        return intact, output.getvalue()

    return run


async def test_an_intact_trail_is_said_to_be_so(verify: Verify) -> None:
    intact, printed = await verify()
    assert intact
    assert "intact, 3 entries" in printed


async def test_a_broken_one_is_named_by_position(
    verify: Verify, database_url: str, tenant_id: str
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "UPDATE audit_entries SET actor = 'key_2' WHERE tenant_id = %s AND position = 2",
            (tenant_id,),
        )
    intact, printed = await verify()
    assert not intact
    assert "at 2: the entry was changed" in printed


async def test_a_trail_that_is_gone_shows_by_the_checkpoints_of_the_data_folder_and_of_copies(
    verify: Verify,
    database: Database,
    database_url: str,
    settings: Settings,
    tmp_path: Path,
    tenant_id: str,
) -> None:
    made = await AuditStore(database).checkpoint(tenant_id)
    assert made is not None
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        for table in ("audit_entries", "audit_heads", "audit_checkpoints"):
            await connection.execute(
                f"DELETE FROM {table} WHERE tenant_id = %s".encode(),  # noqa: S608
                (tenant_id,),
            )
    assert (await verify())[0]
    keep_checkpoint(elsewhere, made)
    intact, printed = await verify(checkpoints_file(elsewhere))
    assert not intact
    assert "at 3: a checkpoint knows more entries" in printed
    keep_checkpoint(settings.data_dir, made)
    assert not (await verify())[0]


async def test_a_file_that_is_none_is_refused(verify: Verify, tmp_path: Path) -> None:
    file = tmp_path / "other.jsonl"
    for content in (None, "no json", '{"tenant_id": "x"}'):
        if content is not None:
            file.write_text(content)
        with pytest.raises(InvalidInput, match="checkpoints"):
            await verify(file)
