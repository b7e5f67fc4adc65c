"""Verifying audit trails from the command line, with checkpoints kept beside the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from lessons.errors import InvalidInput
from lessons.privacy.audit_chain import AuditCheckpoint
from lessons.store.audit import AuditStore
from lessons.store.retention import RetentionStore
from serving.database import open_database
from serving.jobs.privacy import checkpoints_file, read_checkpoints
from serving.settings import Settings

MOST_TENANTS = 1_000_000


async def verify_trails(
    settings: Settings,
    database_url: str,
    tenants: Sequence[str],
    checkpoints: Sequence[Path],
    console: Console,
) -> bool:
    """Look through whole trails, print what is wrong, and tell whether nothing is.

    Args:
        tenants: whose trails; none of them means every tenant that holds data.
        checkpoints: files of checkpoints, besides the one in the data folder.

    Raises:
        InvalidInput: a file of checkpoints cannot be read.
        Unavailable: the database does not answer.
    """
    known = _known_checkpoints([checkpoints_file(settings.data_dir), *checkpoints], checkpoints)
    database = open_database(settings, database_url)
    try:
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        chosen = tenants or await RetentionStore(database).due(tomorrow, MOST_TENANTS)
        results = [await _verify(AuditStore(database), item, known, console) for item in chosen]
    finally:
        await database.dispose()
    if not chosen:
        console.print("No tenant holds any data yet.")
    return all(results)


async def _verify(
    audit: AuditStore, tenant_id: str, known: Sequence[AuditCheckpoint], console: Console
) -> bool:
    own = [checkpoint for checkpoint in known if checkpoint.tenant_id == tenant_id]
    verified = await audit.verify(tenant_id, own)
    verdict = "broken" if verified.faults else "intact"
    console.print(
        f"{tenant_id}: {verdict}, {verified.entries} entries, {len(own)} checkpoints from files",
        style="red" if verified.faults else None,
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    for fault in verified.faults:
        console.print(
            f"  at {fault.position}: {fault.problem}", markup=False, highlight=False, soft_wrap=True
        )
    return not verified.faults


def _known_checkpoints(files: Sequence[Path], required: Sequence[Path]) -> list[AuditCheckpoint]:
    known: list[AuditCheckpoint] = []
    for file in files:
        if not file.exists() and file not in required:
            continue
        try:
            known += read_checkpoints(file.read_text("ascii").splitlines())
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                f"{file} is no file of checkpoints: {error}.",
                field="checkpoints",
                fix="Give a copy of audit_checkpoints.jsonl.",
            ) from error
    return known
