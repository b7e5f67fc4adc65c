"""`lectern export`: tenants' records as Parquet files, brought up to date at every run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from lessons.exports import Exported, Exporter
from serving.database import open_database
from serving.settings import Settings


async def export_tenants(
    settings: Settings, database_url: str, tenant_ids: Sequence[str], output: Path, console: Console
) -> None:
    """Export tenants one after the other, and say where to and how much.

    Raises:
        Conflict: another process exports into the folder.
        InvalidInput: the folder holds something else.
        Unavailable: the database is away; run it again, it goes on where it was.
    """
    database = open_database(settings, database_url)
    exporter = Exporter(database)
    try:
        for tenant_id in tenant_ids:
            with console.status(f"Exporting {tenant_id} ...") as status:

                def on_progress(new: int, tenant_id: str = tenant_id) -> None:
                    status.update(f"Exporting {tenant_id}: {new:,} new events ...")

                exported = await exporter.export(tenant_id, output, on_progress)
            _tell(console, tenant_id, exported)
    finally:
        await database.dispose()


def _tell(console: Console, tenant_id: str, exported: Exported) -> None:
    refreshed = ""
    if exported.refreshed_lessons:
        refreshed = f", {exported.refreshed_lessons} lessons written anew after erasures"
    console.print(
        f"{tenant_id}: {exported.new_events:,} new events{refreshed}; "
        f"{exported.events:,} in {exported.folder}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
