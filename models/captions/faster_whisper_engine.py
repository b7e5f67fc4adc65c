"""The Whisper engine: any model that faster-whisper runs, in batches of windows of any lessons."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline, available_models
from faster_whisper.transcribe import Segment

from media_ingest.frames import SAMPLE_RATE
from models.captions.accuracy import measured_accuracy
from models.captions.interface import (
    Capabilities,
    CaptionWindow,
    HeardLanguage,
    Hypothesis,
    Word,
    WordTimes,
)
from models.captions.repetitions import cut_loops
from models.captions.speech_evidence import SpeechDetector
from models.captions.whisper_loading import WhisperOptions, load_whisper
from models.captions.window_checks import check_windows

ENGINE = "faster-whisper"
MAX_WINDOW_MS = 30_000
WORD_TIMES: WordTimes = "cross-attention"
"""CTranslate2's `align`: dynamic time warping over the decoder's attention to the audio."""
TIMES_WITHIN_MS = 1000
"""How far such times may be off, in milliseconds: attention wanders, at a window's end most."""
BATCH_WINDOWS = {"cpu": 4, "cuda": 32}
"""Most windows of one call; how many of them really go together, their deadlines decide."""
NO_SPEECH_PROBABILITY = 0.6
"""Above it the model itself takes the window for something else than speech..."""
SURE_LOG_PROBABILITY = -0.5
"""... and is believed, unless the mean natural log-probability of its text's tokens is above this.

Whisper asks for -1.0 here, which says nothing more than the next limit does."""
LEAST_LOG_PROBABILITY = -1.0
"""Mean natural log-probability of a token below which a text is decoded again."""
MOST_COMPRESSION = 2.4
"""Compression ratio of a text above which it repeats itself and is decoded again."""
FALLBACK_TEMPERATURES = (0.2, 0.4, 0.6)
OPENAI_CONVERSIONS = ("Systran/faster-whisper-", "Systran/faster-distil-whisper-")
"""Hub ids of OpenAI's and distilled weights, all under the MIT licence."""
TOKENS_PER_SECOND = 20
"""More tokens than anybody says in a second: a text that needs more is a loop."""
MOST_TOKENS = 220
"""Tokens of text that fit beside a full prompt into Whisper's 448."""
GRID_SAMPLES = 320
"""Windows of one batch start on this grid: 20 ms, Whisper's time step."""


@dataclass(frozen=True, slots=True)
class _Group:
    """What windows must share to go through the model together: the prompt is made of it."""

    language: str
    vocabulary: tuple[str, ...]
    final: bool


class FasterWhisperEngine:
    """Captions by Whisper through CTranslate2.

    Args:
        options: which model, where and how it runs.

    Raises:
        InvalidInput: no such model, or the device cannot run the compute type.
    """

    def __init__(self, options: WhisperOptions) -> None:
        self._options = options
        self._model = load_whisper(options)
        self._detector = SpeechDetector()
        device = str(self._model.model.device)
        batch, calls = BATCH_WINDOWS.get(device, BATCH_WINDOWS["cpu"]), options.calls_on(device)
        self._capabilities = Capabilities(
            engine=ENGINE,
            model=options.model,
            version=version(ENGINE),
            device=device,
            compute_type=str(self._model.model.compute_type),
            languages=tuple(self._model.supported_languages),
            max_window_ms=MAX_WINDOW_MS,
            parallel_windows=batch * calls,
            concurrent_calls=calls > 1,
            uses_vocabulary=True,
            licence=_licence(options.model),
            accuracy=measured_accuracy(ENGINE, options.model),
            windows_per_call=batch,
            word_times=WORD_TIMES,
        )

    @property
    def capabilities(self) -> Capabilities:
        """What this engine is; constant for its life."""
        return self._capabilities

    def transcribe(self, windows: Sequence[CaptionWindow]) -> list[Hypothesis]:
        """Transcribe windows of any lessons in batches; one hypothesis each, in their order.

        Raises:
            InvalidInput: a window that the engine cannot take.
        """
        check_windows(windows, self._capabilities)
        evidence = [self._detector.evidence(window.samples) for window in windows]
        spoken = [index for index, found in enumerate(evidence) if found.any]
        heard = {index: self._heard_language(windows[index]) for index in spoken}
        languages = [
            self._language(window, heard.get(index)) for index, window in enumerate(windows)
        ]
        groups: dict[_Group, list[int]] = defaultdict(list)
        for index in spoken:
            window = windows[index]
            groups[_Group(languages[index], window.vocabulary, window.final)].append(index)
        words: list[tuple[Word, ...]] = [()] * len(windows)
        for group, members in groups.items():
            texts = self._transcribe_group(group, [windows[index] for index in members])
            for index, text in zip(members, texts, strict=True):
                words[index] = cut_loops(evidence[index].supported(text, TIMES_WITHIN_MS))
        return [
            Hypothesis(
                window.id,
                words[index],
                languages[index],
                ENGINE,
                self._options.model,
                WORD_TIMES,
                heard.get(index),
            )
            for index, window in enumerate(windows)
        ]

    def close(self) -> None:
        """Free the weights."""
        self._model.model.unload_model()

    def _heard_language(self, window: CaptionWindow) -> HeardLanguage | None:
        """Ask the model which language this is, where the caller does and it knows several."""
        asked = window.language is None or window.detect_language
        if not asked or not self._model.model.is_multilingual:
            return None
        code, probability, _ = self._model.detect_language(window.samples)
        return HeardLanguage(str(code), min(max(float(probability), 0.0), 1.0))

    def _language(self, window: CaptionWindow, heard: HeardLanguage | None) -> str:
        """Return the language to write in: as asked, else as heard."""
        if window.language is not None:
            return window.language
        return heard.code if heard is not None else self._capabilities.languages[0]

    def _transcribe_group(
        self, group: _Group, windows: Sequence[CaptionWindow]
    ) -> list[tuple[Word, ...]]:
        """Decode the windows in one batch, and finals that came out badly once more alone."""
        audio, starts = _end_to_end(windows)
        clips = [
            {"start": start / SAMPLE_RATE, "end": (start + len(window.samples)) / SAMPLE_RATE}
            for start, window in zip(starts, windows, strict=True)
        ]
        # A pipeline keeps state while it transcribes, so that calls side by side need one each.
        segments, _ = BatchedInferencePipeline(self._model).transcribe(
            audio,
            vad_filter=False,
            clip_timestamps=clips,
            batch_size=self._capabilities.most_windows_in_call,
            temperature=0.0,
            **self._decoding(group, windows),
        )
        by_window: dict[int, list[Segment]] = defaultdict(list)
        for segment in segments:
            by_window[segment.seek].append(segment)
        results = []
        for start, window in zip(starts, windows, strict=True):
            found = by_window[start * self._model.frames_per_second // SAMPLE_RATE]
            offset_ms = 1000 * start // SAMPLE_RATE
            if any(map(is_doubtful, found)):
                found = self._decode_again(group, window) if group.final else []
                offset_ms = 0
            results.append(_words(found, offset_ms, len(window.samples)))
        return results

    def _decode_again(self, group: _Group, window: CaptionWindow) -> list[Segment]:
        """Decode one window at rising temperatures, keeping only what passes Whisper's checks."""
        segments, _ = self._model.transcribe(
            window.samples,
            temperature=FALLBACK_TEMPERATURES,
            no_speech_threshold=NO_SPEECH_PROBABILITY,
            log_prob_threshold=LEAST_LOG_PROBABILITY,
            compression_ratio_threshold=MOST_COMPRESSION,
            **self._decoding(group, [window]),
        )
        return [segment for segment in segments if not is_doubtful(segment)]

    def _decoding(self, group: _Group, windows: Sequence[CaptionWindow]) -> dict[str, Any]:
        longest_s = max(len(window.samples) for window in windows) / SAMPLE_RATE
        return {
            "language": group.language,
            "task": "transcribe",  # what was said, in the language it was said in
            "beam_size": self._options.beam_size if group.final else 1,
            "condition_on_previous_text": False,
            "word_timestamps": True,
            "without_timestamps": True,
            "hotwords": ", ".join(group.vocabulary) or None,
            "max_new_tokens": min(math.ceil((longest_s + 1) * TOKENS_PER_SECOND), MOST_TOKENS),
        }


def _licence(model: str) -> str:
    """Return the licence of the weights where the name tells whose they are."""
    is_openais = model in available_models() or model.startswith(OPENAI_CONVERSIONS)
    return "MIT" if is_openais else "unknown"


def _end_to_end(windows: Sequence[CaptionWindow]) -> tuple[np.ndarray, list[int]]:
    """Return the windows joined into one array, and the sample at which each starts in it."""
    starts, pieces, length = [], [], 0
    for window in windows:
        starts.append(length)
        padding = -len(window.samples) % GRID_SAMPLES
        pieces.append(np.pad(window.samples, (0, padding)))
        length += len(pieces[-1])
    return np.concatenate(pieces), starts


def is_doubtful(segment: Segment) -> bool:
    """Whether Whisper's own measures say that the text is not what was said.

    A batch is decoded without them (`BatchedInferencePipeline` takes the limits and ignores them),
    so they are applied here, to each window's text.
    """
    if segment.compression_ratio > MOST_COMPRESSION:
        return True
    if segment.no_speech_prob > NO_SPEECH_PROBABILITY:
        return bool(segment.avg_logprob < SURE_LOG_PROBABILITY)
    return bool(segment.avg_logprob < LEAST_LOG_PROBABILITY)


def _words(segments: Iterable[Segment], offset_ms: int, samples_count: int) -> tuple[Word, ...]:
    """Return the words of one window, with times from its start and inside it."""
    duration_ms = 1000 * samples_count // SAMPLE_RATE
    words = []
    for word in (word for segment in segments for word in segment.words or ()):
        text = word.word.strip()
        start_ms = min(max(round(1000 * word.start) - offset_ms, 0), duration_ms)
        end_ms = min(max(round(1000 * word.end) - offset_ms, start_ms), duration_ms)
        if text:
            confidence = min(max(float(word.probability), 0.0), 1.0)
            words.append(Word(text, start_ms, end_ms, confidence))
    return tuple(words)
