"""The `/metrics` endpoint of one process, and the note by which the others on the machine find it.

Every process listens on an address of its own, apart from what it does for others: a scrape needs
no credential and must not be answered in public. The notes are in Prometheus's own format for
`file_sd_configs`, so a Prometheus on the same machine may read them as well.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from wsgiref.simple_server import WSGIServer

import psutil
from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server

from serving.settings import Settings

logger = logging.getLogger(__name__)

PROCESS_LABEL = "lectern_process"
"""Label of a process's name, such as `ingest-1`."""


@dataclass(frozen=True, slots=True)
class ScrapeTarget:
    """A process that shows metrics: its name, `host:port`, and the process id."""

    process: str
    address: str
    pid: int

    def note(self) -> str:
        """Return it as Prometheus reads it from a file."""
        labels = {PROCESS_LABEL: self.process, "pid": str(self.pid)}
        return json.dumps([{"targets": [self.address], "labels": labels}])


def new_registry() -> CollectorRegistry:
    """Return a registry with what every process tells: processor time, memory and open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


@contextmanager
def showing_metrics(settings: Settings, process: str, registry: CollectorRegistry) -> Iterator[str]:
    """Answer at `/metrics` while the block runs, in a thread of its own; give the `host:port`.

    Where the port is taken, a line in the log says so: a lesson does not end for want of metrics.
    """
    try:
        server, thread = start_http_server(
            settings.metrics_port or 0, settings.metrics_host, registry
        )
    except OSError as error:
        logger.error(
            "no metrics: port %s cannot be listened on: %s", settings.metrics_port, error.strerror
        )
        yield ""
        return
    target = ScrapeTarget(process, _address(settings.metrics_host, server), os.getpid())
    folder = notes_folder(settings.data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / f"{process}.json"
    note.write_text(target.note(), "utf-8")
    try:
        yield target.address
    finally:
        note.unlink(missing_ok=True)
        server.shutdown()
        server.server_close()
        thread.join()


def notes_folder(data_dir: Path) -> Path:
    """Return where the processes of a data folder leave their notes."""
    return data_dir / "metrics"


def scrape_targets(data_dir: Path) -> list[ScrapeTarget]:
    """Return the processes that live and show metrics; notes of those that were killed go."""
    found: list[ScrapeTarget] = []
    for note in sorted(notes_folder(data_dir).glob("*.json")):
        try:
            (entry,) = json.loads(note.read_text("utf-8"))
            labels = entry["labels"]
            target = ScrapeTarget(labels[PROCESS_LABEL], entry["targets"][0], int(labels["pid"]))
        except (OSError, ValueError, KeyError):
            continue  # It is being written, or goes this moment.
        if psutil.pid_exists(target.pid):
            found.append(target)
        else:
            note.unlink(missing_ok=True)
    return found


def _address(host: str, server: WSGIServer) -> str:
    return f"{f'[{host}]' if ':' in host else host}:{server.server_port}"
