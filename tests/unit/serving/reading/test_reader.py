"""What the deployments ask of a cluster, as the settings say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from models.embeddings.loading import DEFAULT
from models.talk_moves.loading import RULES
from serving.reading.reader import ReaderConfiguration, build, configurations_of
from serving.settings import Settings


def test_rules_get_no_replica_and_nothing_asks_for_a_gpu_by_itself() -> None:
    settings = Settings()
    assert (settings.embedding_model, settings.talk_moves) == (DEFAULT, RULES)
    found = configurations_of(settings)
    assert [one.kind for one in found] == ["segments", "encoder", "exchanges"]
    assert {one.device for one in found} == {"cpu"}
    assert len({one.application for one in found}) == 3


def test_networks_get_the_gpu_that_an_operator_grants_and_segments_never() -> None:
    settings = Settings(reading_num_gpus=0.25, talk_moves="/srv/talk-moves")
    found = {one.kind: one for one in configurations_of(settings)}
    assert found["talk_moves"].model == "/srv/talk-moves"
    assert {kind for kind, one in found.items() if one.device == "cuda"} == {
        "encoder",
        "exchanges",
        "talk_moves",
    }
    assert found["talk_moves"].application == "lectern-reading-talk-moves"
    assert build(found["talk_moves"])


def test_an_instruct_model_that_writes_summaries_gets_gpus_of_its_own() -> None:
    settings = Settings(summary_model="/srv/instruct", summary_num_gpus=1, reading_num_gpus=0.1)
    (writer,) = [one for one in configurations_of(settings) if one.kind == "chat"]
    assert (writer.model, writer.num_gpus, writer.device) == ("/srv/instruct", 1, "cuda")
    assert build(writer)


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValidationError):
        ReaderConfiguration.model_validate({"kind": "emotions"})
