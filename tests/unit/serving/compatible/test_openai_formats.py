"""A transcript in OpenAI's formats."""

from __future__ import annotations

import json

import pytest

from models.captions.interface import Word
from serving.compatible.file_transcription import Segment, Transcript
from serving.compatible.openai_formats import stream_delta, stream_done, to_format, verbose

TRANSCRIPT = Transcript(
    (
        Segment((Word("three", 500, 900, 0.9), Word("quarters", 900, 1400, 0.8))),
        Segment((Word("<b>", 3_661_000, 3_661_000, 0.0),)),
    ),
    3662.5,
    "en",
)


def test_subtitles_have_a_cue_for_each_segment() -> None:
    assert to_format(TRANSCRIPT, "srt", frozenset()) == (
        "1\n00:00:00,500 --> 00:00:01,400\nthree quarters\n\n"
        "2\n01:01:01,000 --> 01:01:01,001\n<b>\n"
    )
    assert to_format(TRANSCRIPT, "vtt", frozenset()) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.400\nthree quarters\n\n"
        "01:01:01.000 --> 01:01:01.001\n&lt;b&gt;\n"
    )


def test_json_has_the_text_and_what_was_used() -> None:
    assert json.loads(to_format(TRANSCRIPT, "json", frozenset())) == {
        "text": "three quarters <b>",
        "usage": {"type": "duration", "seconds": 3663},
    }


def test_verbose_shows_what_was_asked_for() -> None:
    words = verbose(TRANSCRIPT, frozenset({"word"}))
    assert "segments" not in words
    assert words["words"][1] == {"word": "quarters", "start": 0.9, "end": 1.4}
    (first, second) = verbose(TRANSCRIPT, frozenset({"segment"}))["segments"]
    assert (first["id"], first["start"], first["end"]) == (0, 0.5, 1.4)
    assert -0.2 < first["avg_logprob"] < 0
    assert second["avg_logprob"] == pytest.approx(-13.8155, abs=0.001)


def test_a_streams_deltas_join_to_its_end() -> None:
    events = [
        stream_delta(segment, first=number == 0)
        for number, segment in enumerate(TRANSCRIPT.segments)
    ]
    read = [
        json.loads(event.removeprefix("data: ")) for event in (*events, stream_done(TRANSCRIPT))
    ]
    assert "".join(event["delta"] for event in read[:-1]) == read[-1]["text"]
