"""The query of Deepgram's endpoint: honoured, without effect, or refused by name."""

from __future__ import annotations

import pytest

from lessons.errors import InvalidInput
from serving.compatible.deepgram_options import read_options

LIVE = [("model", "nova-3"), ("encoding", "linear16"), ("sample_rate", "16000")]


def test_what_a_client_sends_is_read() -> None:
    options = read_options(
        [
            *LIVE,
            ("interim_results", "true"),
            ("endpointing", "400"),
            ("utterance_end_ms", "1000"),
            ("punctuate", "true"),
            ("diarize", "false"),
            ("keyterm", "numerator"),
            ("keywords", "denominator:2"),
        ]
    )
    assert options.interim_results
    assert options.cutting.endpoint_silence_ms == 400
    assert options.vocabulary == ("numerator", "denominator")


@pytest.mark.parametrize(("given", "pause_ms"), [("10", 100), ("false", 500), ("true", 500)])
def test_endpointing_is_held_to_what_can_be_heard(given: str, pause_ms: int) -> None:
    assert read_options([("endpointing", given)]).cutting.endpoint_silence_ms == pause_ms


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("diarize", "true"),
        ("redact", "pci"),
        ("multichannel", "true"),
        ("callback", "https://example.org"),
        ("sample_rate", "many"),
        ("channels", "6"),
        ("encoding", "flac"),
        ("translate", "true"),
    ],
)
def test_what_would_mean_another_answer_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_options([("model", "nova-3"), (name, value)])
    assert refused.value.field == name


@pytest.mark.parametrize(
    ("query", "field"), [([], "encoding"), ([("encoding", "mulaw")], "sample_rate")]
)
def test_a_live_stream_says_how_its_audio_is_written(
    query: list[tuple[str, str]], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_options(query).decoder()
    assert refused.value.field == field
