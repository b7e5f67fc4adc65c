"""Which writer an installation's settings lead to."""

from __future__ import annotations

import pytest

from lessons.errors import InvalidInput
from models.summaries.extractive import ExtractiveWriter
from models.summaries.language_model import LanguageModelWriter
from serving.settings import Settings
from serving.summaries.writing_room import tools_of


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
