"""What Deepgram's clients get: results with words, and what a request was answered by.

Times are seconds on the clock of the stream or the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lessons.events import CaptionFinal, PartialCaption
from lessons.identifiers import new_id
from models.captions.agreement import comparable
from models.captions.interface import Word
from serving.compatible.file_transcription import Segment, Transcript
from serving.web.loaded_engine import LoadedEngine

CHANNEL = [0, 1]
"""The first of one channel: whatever came in is mixed down."""


@dataclass(slots=True)
class Answering:
    """One request or stream, for its metadata.

    Attributes:
        engine: what really hears.
        channels: channels that came in.
        digest: of the audio as it came in.
    """

    engine: LoadedEngine
    channels: int
    request_id: str = field(default_factory=lambda: new_id("req"))
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def model_info(self) -> dict[str, str]:
        """The model that hears, in Deepgram's three words."""
        engine = self.engine
        return {"name": engine.model, "version": engine.version, "arch": engine.engine}

    def metadata(self, duration_seconds: float) -> dict[str, Any]:
        """Return what is told of the whole request at its end."""
        return {
            "transaction_key": "deprecated",
            "request_id": self.request_id,
            "sha256": self.digest.hexdigest(),
            "created": self.created.isoformat().replace("+00:00", "Z"),
            "duration": round(duration_seconds, 3),
            "channels": self.channels,
            "models": [self.engine.name],
            "model_info": {self.engine.name: self.model_info},
        }

    def interim(self, caption: PartialCaption) -> dict[str, Any]:
        """Return the words so far of a turn that goes on; they have no times yet."""
        text = " ".join(part for part in (caption.stable_text, caption.unstable_text) if part)
        alternative = {"transcript": text, "confidence": 0.0, "words": []}
        return self._results(caption.start_ms, caption.end_ms, alternative)

    def final(self, start_ms: int, caption: CaptionFinal, *, speech_final: bool) -> dict[str, Any]:
        """Return the words of a turn that is over."""
        words = [
            Word(word.text, word.start_ms, word.end_ms, word.confidence) for word in caption.words
        ]
        results = self._results(start_ms, caption.end_ms, alternative_of(words))
        return results | {"is_final": True, "speech_final": speech_final}

    def finalized(self, at_ms: float) -> dict[str, Any]:
        """Return the answer to `Finalize`: everything said before it has been told."""
        results = self._results(round(at_ms), round(at_ms), alternative_of(()))
        return results | {"is_final": True, "from_finalize": True}

    def _results(self, start_ms: int, end_ms: int, alternative: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "Results",
            "channel_index": CHANNEL,
            "start": start_ms / 1000,
            "duration": max(0, end_ms - start_ms) / 1000,
            "is_final": False,
            "speech_final": False,
            "from_finalize": False,
            "channel": {"alternatives": [alternative]},
            "metadata": {
                "request_id": self.request_id,
                "model_info": self.model_info,
                "model_uuid": self.engine.name,
            },
        }


def alternative_of(words: Sequence[Word]) -> dict[str, Any]:
    """Return the one alternative that an engine gives."""
    confidence = Segment(tuple(words)).confidence
    return {
        "transcript": " ".join(word.text for word in words),
        "confidence": confidence,
        "words": [_word(word) for word in words],
    }


def prerecorded(
    answering: Answering, transcript: Transcript, *, utterances: bool
) -> dict[str, Any]:
    """Return the answer to a file."""
    results: dict[str, Any] = {
        "channels": [{"alternatives": [alternative_of(transcript.words)]}],
    }
    if utterances:
        results["utterances"] = [_utterance(segment) for segment in transcript.segments]
    return {"metadata": answering.metadata(transcript.duration_seconds), "results": results}


def _word(word: Word) -> dict[str, Any]:
    return {
        "word": comparable(word.text),
        "start": word.start_ms / 1000,
        "end": word.end_ms / 1000,
        "confidence": word.confidence,
        "punctuated_word": word.text,
    }


def _utterance(segment: Segment) -> dict[str, Any]:
    return {
        "id": new_id("utt"),
        "start": segment.start_ms / 1000,
        "end": segment.end_ms / 1000,
        "confidence": segment.confidence,
        "channel": 0,
        "transcript": segment.text,
        "words": [_word(word) for word in segment.words],
    }
