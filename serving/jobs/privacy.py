"""The nightly work of privacy: retention for every tenant, and a checkpoint of its audit trail."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import procrastinate

from lessons.errors import LecternError
from lessons.privacy.audit_chain import AuditCheckpoint
from lessons.store import Database
from lessons.store.audit import AuditStore
from lessons.store.retention import RetentionStore
from lessons.store.tenants import TenantStore
from lessons.tenants import Retention

logger = logging.getLogger(__name__)

KEEP_PRIVACY = "lectern:keep_privacy"
EVERY_NIGHT = "17 3 * * *"
"""Crontab, in UTC. However many jobs processes run, one of them does it."""

TENANTS_AT_A_TIME = 200

_DELETE_JOBS = """
    DELETE FROM procrastinate_jobs AS job
    WHERE job.status IN ('succeeded', 'failed', 'cancelled', 'aborted')
        AND job.args ->> 'tenant_id' = %(tenant_id)s
        AND NOT EXISTS (
            SELECT FROM procrastinate_events AS event
            WHERE event.job_id = job.id AND event.at >= %(cutoff)s)
"""


@dataclass(frozen=True, slots=True)
class PrivacyUpkeep:
    """Sweeps what tenants keep no longer, and signs where their audit trails end.

    Attributes:
        database: the record.
        data_dir: where uploaded recordings lie, and where checkpoints are kept beside the database.
    """

    database: Database
    data_dir: Path

    def register(self, app: procrastinate.App) -> None:
        """Let the application's worker do it every night."""

        async def keep(timestamp: int) -> None:
            await self.keep(app, datetime.fromtimestamp(timestamp, UTC))

        task = app.task(name=KEEP_PRIVACY, queueing_lock=KEEP_PRIVACY)(keep)
        app.periodic(cron=EVERY_NIGHT)(task)

    async def keep(self, app: procrastinate.App, now: datetime) -> None:
        """Do the night's work for every tenant that holds data; one's failure stops no other."""
        store, failed = RetentionStore(self.database), set[str]()
        while due := [
            tenant_id
            for tenant_id in await store.due(now.date(), TENANTS_AT_A_TIME + len(failed))
            if tenant_id not in failed
        ]:
            for tenant_id in due:
                try:
                    await self._keep_tenant(app, store, tenant_id, now)
                except (LecternError, procrastinate.exceptions.ConnectorException) as error:
                    failed.add(tenant_id)
                    logger.warning("retention of %s: %s", tenant_id, error)

    async def _keep_tenant(
        self, app: procrastinate.App, store: RetentionStore, tenant_id: str, now: datetime
    ) -> None:
        retention = (await TenantStore(self.database).settings(tenant_id)).retention
        await self._remove_files(store, tenant_id, retention, now)
        if retention.payloads_days is not None:
            await app.connector.execute_query_async(
                _DELETE_JOBS,
                tenant_id=tenant_id,
                cutoff=now - timedelta(days=retention.payloads_days),
            )
        deleted = await store.sweep(tenant_id, retention, now)
        checkpoint = await AuditStore(self.database).checkpoint(tenant_id)
        if checkpoint is not None:
            await asyncio.to_thread(keep_checkpoint, self.data_dir, checkpoint)
        logger.info("retention of %s: %s", tenant_id, deleted)

    async def _remove_files(
        self, store: RetentionStore, tenant_id: str, retention: Retention, now: datetime
    ) -> None:
        """Remove uploads that were never worked through and have become too old."""
        if retention.recordings_days is None:
            return
        cutoff = now - timedelta(days=retention.recordings_days)
        for recording_id in await store.recordings_before(tenant_id, cutoff):
            folder = self.data_dir / "recordings" / recording_id
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def checkpoints_file(data_dir: Path) -> Path:
    """Return where checkpoints are kept beside the database, one JSON object per line."""
    return data_dir / "audit_checkpoints.jsonl"


def keep_checkpoint(data_dir: Path, checkpoint: AuditCheckpoint) -> None:
    """Add a checkpoint to the file."""
    line = json.dumps(
        {
            "tenant_id": checkpoint.tenant_id,
            "position": checkpoint.position,
            "hash": checkpoint.hash.hex(),
            "made_at": checkpoint.made_at.isoformat(),
            "signature": checkpoint.signature.hex(),
        }
    )
    with checkpoints_file(data_dir).open("a", encoding="ascii") as file:
        file.write(line + "\n")


def read_checkpoints(lines: Iterable[str]) -> list[AuditCheckpoint]:
    """Return the checkpoints of a file's lines.

    Raises:
        ValueError: a line is none.
    """
    found = []
    for line in lines:
        entry = json.loads(line)
        found.append(
            AuditCheckpoint(
                entry["tenant_id"],
                entry["position"],
                bytes.fromhex(entry["hash"]),
                datetime.fromisoformat(entry["made_at"]),
                bytes.fromhex(entry["signature"]),
            )
        )
    return found
