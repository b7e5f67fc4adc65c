"""The Whisper engine: any model that faster-whisper runs, in batches of windows of any lessons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version

from faster_whisper import available_models

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
from models.captions.whisper_decoding import DecodingGroup, WhisperDecoder
from models.captions.whisper_loading import WhisperOptions, load_whisper
from models.captions.window_checks import check_windows

ENGINE = "faster-whisper"
MAX_WINDOW_MS = 30_000
WORD_TIMES: WordTimes = "cross-attention"
"""CTranslate2's `align`: dynamic time warping over the decoder's attention to the audio."""
TIMES_WITHIN_MS = 1000
"""How far such times may be off, in milliseconds: attention wanders, at a window's end most."""
BATCH_WINDOWS = {"cpu": 2, "cuda": 32}
"""Most windows of one call; how many of them really go together, their deadlines decide. On a CPU a
second window makes a call a fifth cheaper for each, and four make it dearer: all are filled up to
the longest."""
OPENAI_CONVERSIONS = ("Systran/faster-whisper-", "Systran/faster-distil-whisper-")
"""Hub ids of OpenAI's and distilled weights, all under the MIT licence."""


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
        self._decoder = WhisperDecoder(
            self._model,
            beam_size=options.beams_on(device),
            batch_size=batch,
            short=options.encodes_short_on(device),
        )
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
        groups: dict[DecodingGroup, list[int]] = defaultdict(list)
        for index in spoken:
            window = windows[index]
            group = DecodingGroup(languages[index], window.vocabulary, window.final)
            groups[group].append(index)
        words: list[tuple[Word, ...]] = [()] * len(windows)
        for group, members in groups.items():
            texts = self._decoder.decode(
                group,
                [windows[index] for index in members],
                [evidence[index] for index in members],
            )
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


def _licence(model: str) -> str:
    """Return the licence of the weights where the name tells whose they are."""
    is_openais = model in available_models() or model.startswith(OPENAI_CONVERSIONS)
    return "MIT" if is_openais else "unknown"
