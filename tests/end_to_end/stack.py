"""A whole Lectern for a test: the real `lectern up`, on free ports and in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from eval.own_lectern import ROOT, OwnLectern, own_lectern
from tests.span_collector import SpanCollector, span_collector

Stack = OwnLectern

__all__ = ["ROOT", "Stack", "collector", "run_stack", "stack"]


def run_stack(data_dir: Path, **settings: str) -> AbstractContextManager[Stack]:
    """Run `lectern up` with one ingest worker and the engine that every machine has."""
    return own_lectern(data_dir, ingest_workers="1", caption_engine="pocketsphinx", **settings)


@pytest.fixture(scope="package")
def collector() -> Iterator[SpanCollector]:
    """Where the traces of the one running Lectern go."""
    with span_collector() as running:
        yield running


@pytest.fixture(scope="package")
def stack(collector: SpanCollector) -> Iterator[Stack]:
    """One running Lectern for all tests that want one, and no longer: it computes when idle, too.

    Its folder is not in pytest's own, which the embedded server's user may lose its way into.
    """
    with (
        TemporaryDirectory(prefix="lectern-stack-", ignore_cleanup_errors=True) as folder,
        run_stack(Path(folder), otlp_endpoint=collector.url) as running,
    ):
        yield running
