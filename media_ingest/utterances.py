"""Cuts a track's audio into utterances, and each utterance into windows for the captioner.

Time comes from the frames alone, so the same frames always give the same windows, live or from a
file. A pause first brings a speculative window, and if it lasts, a final one with the same samples.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from lessons.errors import InvalidInput
from media_ingest.counters import TrackCounters
from media_ingest.frames import SAMPLE_RATE, AudioFrame, SpeechWindow
from media_ingest.open_utterance import CHUNK_MS, Chunk, OpenUtterance
from media_ingest.voice_activity import CHUNK_SAMPLES, SpeechDetector

SAMPLES_PER_MS = SAMPLE_RATE / 1000

CUT_WITHIN_MS = 100
"""How far from the place it was asked for a cut may lie: word times are not exact to the chunk."""


@dataclass(frozen=True, slots=True)
class CuttingSettings:
    """Where utterances begin and end. All times in milliseconds, probabilities in 0..1.

    Attributes:
        speech_probability: a chunk at least this likely is speech; Silero's own default.
        still_speech_probability: while somebody speaks this is enough, so that a weak syllable
            does not count as a pause; Silero's own hysteresis of 0.15.
        min_speech_ms: speech heard before an utterance opens. A click or a cough is shorter, the
            shortest words ("no", "yes") are not.
        onset_span_ms: the span within which that speech must fall; clicks are further apart.
        pre_roll_ms: audio kept from before the first speech, for soft onsets ("h", "f").
        speculative_pause_ms: a pause this long brings the speculative window, and is what a window
            keeps of its pause. Stop consonants are silent for up to about 150 ms.
        endpoint_silence_ms: a pause this long ends the utterance; shorter ones are hesitations.
        partial_interval_ms: time between the partial windows of an utterance.
        soft_limit_ms: past this length a shorter pause will do: a long window is a late final.
        soft_pause_ms: that shorter pause.
        max_utterance_ms: longest window. Speech without a pause is cut at its quietest point
            after `soft_limit_ms`.
        bridged_gap_ms: lost audio up to this long is filled with silence (an Opus burst loss);
            anything longer ends the utterance.
        tolerated_gap_ms: frames this far from each other still follow on: timeline corrections.
    """

    speech_probability: float = 0.5
    still_speech_probability: float = 0.35
    min_speech_ms: int = 150
    onset_span_ms: int = 320
    pre_roll_ms: int = 300
    speculative_pause_ms: int = 200
    endpoint_silence_ms: int = 500
    partial_interval_ms: int = 1000
    soft_limit_ms: int = 6000
    soft_pause_ms: int = 250
    max_utterance_ms: int = 12_000
    bridged_gap_ms: int = 400
    tolerated_gap_ms: int = 20

    def __post_init__(self) -> None:
        for setting in fields(self):
            if getattr(self, setting.name) <= 0:
                raise InvalidInput("It must be above zero.", field=setting.name)
        self._require_order("still_speech_probability", "speech_probability")
        self._require_order("min_speech_ms", "onset_span_ms")
        self._require_order("speculative_pause_ms", "soft_pause_ms")
        self._require_order("soft_pause_ms", "endpoint_silence_ms")
        self._require_order("soft_limit_ms", "max_utterance_ms")

    def _require_order(self, smaller: str, larger: str) -> None:
        if getattr(self, smaller) > getattr(self, larger):
            raise InvalidInput(f"It may not be above {larger}.", field=smaller)


class UtteranceCutter:
    """Cuts one track. Not thread-safe.

    Args:
        detector: judges the track's chunks; a `SpeechGate`.
        settings: where to cut.
        counters: takes what was bridged or cut off.
    """

    def __init__(
        self,
        detector: SpeechDetector,
        settings: CuttingSettings,
        counters: TrackCounters | None = None,
    ) -> None:
        self.counters = counters or TrackCounters()
        self._detector = detector
        self._settings = settings
        self._onset_chunks = _chunks(settings.onset_span_ms)
        self._pending = np.zeros(0, np.float32)
        self._recent: deque[Chunk] = deque(
            maxlen=self._onset_chunks + _chunks(settings.pre_roll_ms)
        )
        self._open: OpenUtterance | None = None
        self._utterances = 0
        self._end_ms: float | None = None
        self._slip_ms = 0.0
        self._cut_ms = 0.0

    def feed(self, frame: AudioFrame) -> list[SpeechWindow]:
        """Take the next audio of the track; gives the windows that it completes, in order."""
        windows, samples = self._join(frame)
        self._end_ms = max(frame.end_ms, self._end_ms or 0.0)
        pending = np.concatenate([self._pending, samples])
        whole = len(pending) // CHUNK_SAMPLES
        chunks = pending[: whole * CHUNK_SAMPLES].reshape(whole, CHUNK_SAMPLES)
        self._pending = pending[whole * CHUNK_SAMPLES :]
        start_ms = self._end_ms - len(pending) / SAMPLES_PER_MS
        for index, probability in enumerate(self._detector.probabilities(chunks)):
            chunk = Chunk(start_ms + index * CHUNK_MS, chunks[index], float(probability))
            windows += self._take(chunk)
        return windows

    def cut_at(self, utterance: int, at_ms: float) -> list[SpeechWindow]:
        """Make final what was said before `at_ms` (lesson clock), while its speaker goes on.

        The cut lies where it is quietest within `CUT_WITHIN_MS`. What is behind it is the next
        utterance of the track.

        Returns:
            The final window; none where that utterance is over or a pause in it has begun, for its
            end is near then, or where nothing would be left on one side.
        """
        spoken = self._open
        if spoken is None or spoken.number != utterance:
            return []
        earliest_ms = at_ms - spoken.start_ms - CUT_WITHIN_MS
        latest_ms = earliest_ms + 2 * CUT_WITHIN_MS
        within = earliest_ms >= 0 and latest_ms < spoken.length_ms - CUT_WITHIN_MS
        if not within or spoken.pause_ms >= self._settings.speculative_pause_ms:
            return []
        return self._split(spoken, earliest_ms, latest_ms)

    def finish(self) -> list[SpeechWindow]:
        """End what is being said: the track was muted, left or lost, or the lesson ended."""
        windows = []
        if self._open is not None:
            self._open.append_rest(self._pending)
            windows.append(self._open.final(self._settings.speculative_pause_ms))
            self._cut_ms = windows[-1].end_ms
        self._open = None
        self._recent.clear()
        self._pending = np.zeros(0, np.float32)
        self._end_ms = None
        self._slip_ms = 0.0
        self._detector.reset()
        return windows

    def _join(self, frame: AudioFrame) -> tuple[list[SpeechWindow], NDArray[np.float32]]:
        """Fit a frame to the audio before it: bridge a short gap, cut at a long one."""
        if self._end_ms is None:
            return [], frame.samples
        gap_ms = frame.start_ms - self._end_ms
        if gap_ms < -self._settings.tolerated_gap_ms:
            self.counters.stale_frames += 1
            return [], frame.samples[round(-gap_ms * SAMPLES_PER_MS) :]
        self._slip_ms = max(0.0, self._slip_ms + gap_ms)
        if self._slip_ms <= self._settings.tolerated_gap_ms:
            return [], frame.samples
        if self._slip_ms > self._settings.bridged_gap_ms:
            self.counters.gaps_cut += 1
            return self.finish(), frame.samples
        silence = np.zeros(round(self._slip_ms * SAMPLES_PER_MS), np.float32)
        self.counters.gaps_bridged += 1
        self._slip_ms = 0.0
        return [], np.concatenate([silence, frame.samples])

    def _take(self, chunk: Chunk) -> list[SpeechWindow]:
        if self._open is None:
            return self._listen(chunk)
        self._open.append(chunk, chunk.probability >= self._settings.still_speech_probability)
        return self._cut(self._open)

    def _listen(self, chunk: Chunk) -> list[SpeechWindow]:
        """Nobody speaks; open an utterance once enough speech was heard in a short span."""
        settings = self._settings
        self._recent.append(chunk)
        heard = list(self._recent)[-self._onset_chunks :]
        voiced = [c.probability >= settings.speech_probability for c in heard]
        if not voiced[-1] or sum(voiced) < _chunks(settings.min_speech_ms):
            return []
        onset = len(self._recent) - len(heard) + voiced.index(True)
        first = max(0, onset - _chunks(settings.pre_roll_ms))
        self._open = self._begin(list(self._recent)[first:])
        self._recent.clear()
        return []

    def _begin(self, chunks: list[Chunk]) -> OpenUtterance:
        # Small corrections of the timeline must not make utterances overlap.
        utterance = OpenUtterance(self._utterances, max(chunks[0].start_ms, self._cut_ms))
        self._utterances += 1
        for chunk in chunks:
            utterance.append(chunk, chunk.probability >= self._settings.speech_probability)
        return utterance

    def _cut(self, utterance: OpenUtterance) -> list[SpeechWindow]:
        settings = self._settings
        past_soft_limit = utterance.length_ms > settings.soft_limit_ms
        endpoint_ms = settings.soft_pause_ms if past_soft_limit else settings.endpoint_silence_ms
        windows = []
        if utterance.pause_begins(settings.speculative_pause_ms):
            windows.append(utterance.speculation(settings.speculative_pause_ms))
        if utterance.pause_ms >= endpoint_ms:
            windows.append(utterance.final(settings.speculative_pause_ms))
            self._close(windows[-1], utterance.after(settings.speculative_pause_ms))
        elif utterance.length_ms + CHUNK_MS > settings.max_utterance_ms:
            windows += self._split(utterance, settings.soft_limit_ms)
        elif utterance.partial_is_due(settings.partial_interval_ms, settings.speculative_pause_ms):
            windows.append(utterance.partial())
        return windows

    def _close(self, final: SpeechWindow, rest: list[Chunk]) -> None:
        self._open = None
        self._cut_ms = final.end_ms
        self._recent.extend(rest)

    def _split(
        self, utterance: OpenUtterance, earliest_ms: float, latest_ms: float | None = None
    ) -> list[SpeechWindow]:
        """Nobody pauses for breath: cut where it is quietest, and go on with the rest."""
        final, rest = utterance.split_at_quietest(earliest_ms, latest_ms)
        self._close(final, rest)
        if any(chunk.probability >= self._settings.speech_probability for chunk in rest):
            self._open = self._begin(rest)
            self._recent.clear()
        return [replace(final, goes_on=self._open is not None)]


def _chunks(milliseconds: float) -> int:
    """How many chunks it takes to hold so much audio."""
    return math.ceil(milliseconds / CHUNK_MS)
