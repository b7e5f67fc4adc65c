"""A transcript in the formats that OpenAI's transcription endpoint answers in."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lessons.errors import LecternError
from models.captions.interface import Word
from serving.compatible.file_transcription import Segment, Transcript
from serving.compatible.openai_errors import error_of
from serving.compatible.openai_request import Granularity, ResponseFormat

MEDIA_TYPES: Mapping[ResponseFormat, str] = MappingProxyType(
    {
        "json": "application/json",
        "verbose_json": "application/json",
        "text": "text/plain; charset=utf-8",
        "srt": "application/x-subrip; charset=utf-8",
        "vtt": "text/vtt; charset=utf-8",
    }
)
LEAST_CONFIDENCE = 1e-6
"""Below it a logarithm says nothing more."""


def to_format(
    transcript: Transcript, response_format: ResponseFormat, granularities: frozenset[Granularity]
) -> str:
    """Return a transcript as the body of an answer."""
    if response_format == "verbose_json":
        return json.dumps(verbose(transcript, granularities), ensure_ascii=False)
    if response_format == "srt":
        return _srt(transcript.segments)
    if response_format == "vtt":
        return _vtt(transcript.segments)
    if response_format == "text":
        return f"{transcript.text}\n"
    body = {"text": transcript.text, "usage": _usage(transcript)}
    return json.dumps(body, ensure_ascii=False)


def verbose(transcript: Transcript, granularities: frozenset[Granularity]) -> dict[str, Any]:
    """Return OpenAI's `verbose_json`.

    `no_speech_prob` is 0, for what is no speech never reaches an engine; there are no `tokens`.
    """
    shown: dict[str, Any] = {
        "task": "transcribe",
        "language": transcript.language,
        "duration": transcript.duration_seconds,
        "text": transcript.text,
        "usage": _usage(transcript),
    }
    if "segment" in granularities:
        shown["segments"] = [
            _segment(number, segment) for number, segment in enumerate(transcript.segments)
        ]
    if "word" in granularities:
        shown["words"] = [_word(word) for word in transcript.words]
    return shown


def stream_delta(segment: Segment, *, first: bool) -> str:
    """Return what a segment adds to the text, as a server-sent event."""
    delta = segment.text if first else f" {segment.text}"
    return _event({"type": "transcript.text.delta", "delta": delta})


def stream_done(transcript: Transcript) -> str:
    """Return the end of a stream: the whole text."""
    return _event({"type": "transcript.text.done", "text": transcript.text})


def stream_waiting(segments: Sequence[Segment]) -> str:
    """Return a comment, which clients pass over: the stream is alive, and how far it has come."""
    heard_ms = segments[-1].end_ms if segments else 0
    return f": heard {heard_ms / 1000:.1f} s so far\n\n"


def stream_error(error: LecternError) -> str:
    """Return the end of a stream that broke off; OpenAI's clients raise it."""
    return _event({"error": error_of(error)})


def _event(data: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _usage(transcript: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": math.ceil(transcript.duration_seconds)}


def _segment(number: int, segment: Segment) -> dict[str, Any]:
    text = segment.text.encode()
    return {
        "id": number,
        "seek": segment.start_ms // 10,
        "start": segment.start_ms / 1000,
        "end": segment.end_ms / 1000,
        "text": segment.text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(math.log(max(segment.confidence, LEAST_CONFIDENCE)), 4),
        "compression_ratio": round(len(text) / len(zlib.compress(text)), 4),
        "no_speech_prob": 0.0,
    }


def _word(word: Word) -> dict[str, Any]:
    return {"word": word.text, "start": word.start_ms / 1000, "end": word.end_ms / 1000}


def _srt(segments: Sequence[Segment]) -> str:
    return "\n".join(
        f"{number}\n{_span(segment, ',')}\n{segment.text}\n"
        for number, segment in enumerate(segments, 1)
    )


def _vtt(segments: Sequence[Segment]) -> str:
    cues = (f"{_span(segment, '.')}\n{_plain(segment.text)}\n" for segment in segments)
    return "\n".join(["WEBVTT\n", *cues])


def _plain(text: str) -> str:
    """Text without what WebVTT would read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _span(segment: Segment, mark: str) -> str:
    end_ms = max(segment.end_ms, segment.start_ms + 1)
    return f"{_clock(segment.start_ms, mark)} --> {_clock(end_ms, mark)}"


def _clock(milliseconds: int, mark: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{rest:03}"
