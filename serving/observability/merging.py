"""The metrics of all processes of one machine at one address: `lectern up` answers there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIServer

import httpx
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from lessons.errors import Unavailable
from serving.observability.scraping import PROCESS_LABEL, ScrapeTarget, scrape_targets
from serving.settings import Settings

logger = logging.getLogger(__name__)

DEFAULT_PORT = 9464
"""Where OpenTelemetry's and other exporters of one machine's metrics listen by custom."""

SCRAPE_SECONDS = 2.0
"""How long a process has to answer; Prometheus itself waits ten by default."""

PARALLEL_SCRAPES = 8


@contextmanager
def showing_all_metrics(settings: Settings, processes: tuple[str, ...]) -> Iterator[str]:
    """Answer for all processes of this machine while the block runs; give the address.

    Without a port in the settings it is 9464, or any free one where that is taken: two Lecterns on
    one machine do not keep each other from starting.

    Raises:
        Unavailable: the port in the settings is taken.
    """
    registry = MergedMetrics.registry(settings.data_dir, processes)
    server, thread = _listen(settings, registry)
    host = f"[{settings.metrics_host}]" if ":" in settings.metrics_host else settings.metrics_host
    try:
        yield f"http://{host}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _listen(settings: Settings, registry: CollectorRegistry) -> tuple[WSGIServer, Thread]:
    ports = (settings.metrics_port,) if settings.metrics_port is not None else (DEFAULT_PORT, 0)
    for port in ports:
        try:
            return start_http_server(port, settings.metrics_host, registry)
        except OSError as error:
            refusal = error
    raise Unavailable(
        f"The metrics cannot be shown: {refusal.strerror}.",
        field="LECTERN_METRICS_PORT",
        fix="Give another port, or 0 for any that is free.",
    ) from refusal


class MergedMetrics(Collector):
    """Scrapes every process of a data folder whenever it is scraped itself.

    Each sample gets a label with its process's name. A process that does not answer is missing from
    all metrics but `lectern_process_up`, which is 0 for it.

    Args:
        data_dir: whose processes.
        expected: names of processes that ought to run, up or not.
    """

    def __init__(self, data_dir: Path, expected: tuple[str, ...] = ()) -> None:
        self._data_dir = data_dir
        self._expected = expected

    @classmethod
    def registry(cls, data_dir: Path, expected: tuple[str, ...] = ()) -> CollectorRegistry:
        """Return a registry that shows the merged metrics alone."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(cls(data_dir, expected))
        return registry

    def collect(self) -> Iterator[Metric]:
        """Yield every metric once, with the samples of all processes."""
        targets = scrape_targets(self._data_dir)
        with ThreadPoolExecutor(PARALLEL_SCRAPES) as threads:
            scraped = list(threads.map(_scrape, targets))
        merged: dict[str, Metric] = {}
        up = dict.fromkeys(self._expected, 0.0)
        for target, families in zip(targets, scraped, strict=True):
            up[target.process] = float(families is not None)
            for family in families or ():
                _add(merged, family, target.process)
        yield from merged.values()
        state = GaugeMetricFamily(
            "lectern_process_up", "Whether a process shows its metrics.", labels=[PROCESS_LABEL]
        )
        for process, value in up.items():
            state.add_metric([process], value)
        yield state


def _scrape(target: ScrapeTarget) -> list[Metric] | None:
    try:
        response = httpx.get(
            f"http://{target.address}/metrics",
            headers={"Accept": CONTENT_TYPE_LATEST},
            timeout=SCRAPE_SECONDS,
            trust_env=False,
        )
        text = response.raise_for_status().text
        return list(text_string_to_metric_families(text))  # type: ignore[no-untyped-call]
    except (httpx.HTTPError, ValueError) as error:
        logger.warning("process %s shows no metrics: %s", target.process, error)
        return None


def _add(merged: dict[str, Metric], family: Metric, process: str) -> None:
    known = merged.setdefault(
        family.name, Metric(family.name, family.documentation, family.type, family.unit)
    )
    for sample in family.samples:
        labels = {**sample.labels, PROCESS_LABEL: process}
        known.samples.append(Sample(sample.name, labels, sample.value, None, sample.exemplar))
