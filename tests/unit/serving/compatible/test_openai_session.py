"""Setting up a Realtime session: updates merge, the beta's form is understood, the rest refused."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.errors import InvalidInput
from serving.compatible.openai_realtime import Item
from serving.compatible.openai_session import Session, TurnDetection, of_beta


def of_input(**fields: Any) -> dict[str, Any]:
    return {"audio": {"input": fields}}


def test_an_update_changes_what_it_names() -> None:
    session = Session().changed_by(of_input(transcription={"language": "en", "prompt": "a, b"}))
    session = session.changed_by(of_input(turn_detection={"silence_duration_ms": 300}))
    heard = session.audio.input
    assert heard.transcription.language == "en"
    assert heard.transcription.vocabulary == ("a", "b")
    assert heard.turn_detection == TurnDetection(silence_duration_ms=300)
    assert heard.cutting.endpoint_silence_ms == 300


def test_null_turns_turns_off_and_an_object_on_again() -> None:
    session = Session().changed_by(of_input(turn_detection=None))
    assert session.audio.input.turn_detection is None
    again = session.changed_by(of_input(turn_detection={"type": "server_vad"}))
    assert again.audio.input.turn_detection == TurnDetection()


def test_the_betas_form_means_the_same() -> None:
    update = of_beta(
        {
            "input_audio_format": "g711_ulaw",
            "input_audio_transcription": {"model": "whisper-1", "language": "en"},
            "turn_detection": None,
        }
    )
    heard = Session().changed_by(update).audio.input
    assert heard.format.type == "audio/pcmu"
    assert heard.transcription.model == "whisper-1"
    assert heard.turn_detection is None
    with pytest.raises(InvalidInput, match="g711_alaw"):
        of_beta({"input_audio_format": "opus"})


@pytest.mark.parametrize(
    ("update", "field"),
    [
        ({"type": "realtime"}, "session.type"),
        ({"instructions": "Be brief"}, "session.instructions"),
        ({"include": ["item.input_audio_transcription.logprobs"]}, "session.include"),
        (of_input(turn_detection={"type": "semantic_vad"}), "audio.input.turn_detection.type"),
        (of_input(turn_detection={"threshold": 1.0}), "audio.input.turn_detection.threshold"),
        (of_input(format={"rate": 16000}), "audio.input.format.rate"),
    ],
)
def test_what_is_not_done_here_is_refused_by_its_path(update: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Session().changed_by(update)
    assert refused.value.field is not None
    assert refused.value.field.endswith(field)


def test_a_rate_that_is_not_the_formats_is_refused() -> None:
    session = Session().changed_by(of_input(format={"type": "audio/pcmu", "rate": 24000}))
    with pytest.raises(InvalidInput, match="8000"):
        session.audio.input.format.decoder()


def test_deltas_only_add() -> None:
    item = Item()
    assert [item.growth(text) for text in ("", "three", "three quarters", "three")] == [
        "",
        "three",
        " quarters",
        "",
    ]
    item.finals.append("three quarters")
    assert item.growth("of it") == " of it"


def test_a_final_that_takes_words_back_adds_nothing() -> None:
    item = Item()
    item.growth("tree")
    assert item.growth("three quarters") == ""
    assert item.sent == "tree"
