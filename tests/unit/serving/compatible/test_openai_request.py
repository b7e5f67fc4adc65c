"""The form of a transcription: what OpenAI's clients send, what is refused, and in which words."""

from __future__ import annotations

import pytest

from lessons.errors import InvalidInput
from serving.compatible.openai_request import keywords_of, read_form


def test_lists_and_objects_come_in_brackets() -> None:
    form = read_form(
        [
            ("model", "whisper-1"),
            ("response_format", "verbose_json"),
            ("timestamp_granularities[]", "word"),
            ("timestamp_granularities[]", "segment"),
            ("chunking_strategy[type]", "server_vad"),
            ("chunking_strategy[silence_duration_ms]", "900"),
            ("keywords[]", "numerator"),
            ("languages[]", "en"),
        ]
    )
    assert form.granularities == {"word", "segment"}
    assert form.cutting.endpoint_silence_ms == 900
    assert form.vocabulary == ("numerator",)
    assert form.asked_language == "en"


@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-transcribe", "gpt-transcribe", "mine"])
def test_any_model_is_taken(model: str) -> None:
    assert read_form([("model", model)]).model == model


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ([("model", "gpt-4o-transcribe-diarize")], "model"),
        ([("model", "m"), ("known_speaker_names[]", "Ada")], "known_speaker_names"),
        ([("model", "m"), ("include[]", "logprobs")], "include"),
        ([("model", "m"), ("response_format", "diarized_json")], "response_format"),
        ([("model", "m"), ("timestamp_granularities[]", "word")], "timestamp_granularities"),
        ([("model", "m"), ("stream", "true"), ("response_format", "srt")], "stream"),
        ([("model", "m"), ("translate", "true")], "translate"),
        ([("model", "m"), ("temperature", "2")], "temperature"),
        ([], "model"),
    ],
)
def test_what_would_mean_another_answer_is_refused_by_name(
    fields: list[tuple[str, str]], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_form(fields)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("numerator, denominator; common factor.", ("numerator", "denominator", "common factor")),
        ("The lesson is about fractions.", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_a_prompt_that_is_a_list_says_what_to_listen_for(
    prompt: str | None, words: tuple[str, ...]
) -> None:
    assert keywords_of(prompt) == words
