"""Requests of several lessons in one call of the real models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from models.segments.card import shipped_card
from models.segments.network import OnnxRows, RowInputs, shipped_rows
from models.talk_moves.interface import Turn
from models.talk_moves.rules import RuleMoves
from serving.reading.loading import LoadedModel, load_model
from serving.reading.together import Broken, read_together
from serving.reading.wire import Answer
from tests.unit.serving.reading.test_wire import rows

TURNS = [
    Turn("Why did you do that?", "tutor"),
    Turn("Because the denominators differ.", "learner"),
    Turn("Okay.", "tutor"),
]


@pytest.fixture(scope="module")
def network() -> OnnxRows:
    return shipped_rows(shipped_card())


def test_each_request_gets_its_own_results_out_of_one_call() -> None:
    calls: list[int] = []

    def read(items: Sequence[Any]) -> Sequence[Any]:
        calls.append(len(items))
        return RuleMoves().classify(items)

    model = LoadedModel("rules", "1", read)
    first, second = read_together(model, [TURNS[:1], TURNS[1:]])
    assert calls == [3]
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert (first.joined, second.joined) == (2, 2)
    assert [*first.results, *second.results] == RuleMoves().classify(TURNS)


def test_a_request_on_which_the_model_breaks_costs_no_other_its_answer() -> None:
    def read(items: Sequence[Any]) -> Sequence[Any]:
        if any(turn.text == "poison" for turn in items):
            raise RuntimeError("the index is out of range")
        return RuleMoves().classify(items)

    model = LoadedModel("rules", "1", read)
    good, bad, last = read_together(model, [TURNS[:1], [Turn("poison", "tutor")], TURNS[1:]])
    assert isinstance(bad, Broken)
    assert "out of range" in bad.reason
    assert isinstance(good, Answer)
    assert isinstance(last, Answer)
    assert last.results == RuleMoves().classify(TURNS[1:])


def test_lessons_of_any_length_score_together_as_each_does_alone(network: OnnxRows) -> None:
    lessons = [rows(length, seed=length) for length in (1, 400, 32, 33, 32, 70)]
    together = network.logits(lessons)
    for lesson, told in zip(lessons, together, strict=True):
        (alone,) = network.logits([lesson])
        assert told.shape == (len(lesson), 4)
        np.testing.assert_allclose(told, alone, atol=1e-5)


def test_no_row_of_a_lesson_reads_those_of_another(network: OnnxRows) -> None:
    short, long = rows(20), rows(38, seed=5)
    (before, _) = network.logits([short, long])
    changed = RowInputs(long.scaled * 3, long.words)
    (after, _) = network.logits([short, changed])
    np.testing.assert_array_equal(before, after)


def test_rules_and_segments_are_loaded_as_they_ship() -> None:
    moves = load_model("talk_moves", None, "cpu")
    assert (moves.name, moves.version) == (RuleMoves.name, RuleMoves.version)
    assert list(moves.read(TURNS)) == RuleMoves().classify(TURNS)
    assert load_model("segments", None, "cpu").version == shipped_card().version
