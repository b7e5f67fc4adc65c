"""Any decoded audio to what speech models take: float32, mono, 16 kHz."""

from __future__ import annotations

from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

from media_ingest.counters import TrackCounters
from media_ingest.frames import SAMPLE_RATE

FULL_SCALE = 32_768
"""What -1 is in 16-bit samples."""


class Resampler:
    """Resamples one track by FFmpeg's swresample, whose filter keeps its state between frames.

    Args:
        counters: takes the number of samples that were replaced.
    """

    def __init__(self, counters: TrackCounters | None = None) -> None:
        self.counters = counters or TrackCounters()
        self._resampler: av.AudioResampler | None = None
        self._source: tuple[str, str, int] | None = None

    def resample(self, frame: av.AudioFrame) -> NDArray[np.float32]:
        """Resample the next frame, of any sample format, layout and rate; they may change.

        Samples that are not finite become silence and are counted, before the filter could smear
        them over their neighbours; anything past full scale is clipped.

        Returns:
            float32, shape (n,), -1..1, at `SAMPLE_RATE`; a millisecond less for the first frame.
        """
        source = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or source != self._source:
            # To integers, because swresample mixes to float louder than full scale: 0.7 L + 0.7 R.
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
            self._source = source
        return _samples(self._resampler.resample(self._finite(frame)))

    def flush(self) -> NDArray[np.float32]:
        """What the filter still holds, at the end of the track: about a millisecond."""
        resampler, self._resampler = self._resampler, None
        return _samples(resampler.resample(None) if resampler else [])

    def _finite(self, frame: av.AudioFrame) -> av.AudioFrame:
        """The frame itself, or a mended one where it holds floats past full scale or no numbers."""
        if not frame.format.name.startswith(("flt", "dbl")):
            return frame
        samples = cast("NDArray[np.float32]", frame.to_ndarray())
        in_range = np.abs(samples) <= 1  # False for NaN as well
        if in_range.all():
            return frame
        finite = np.isfinite(samples)
        self.counters.samples_replaced += int(samples.size - np.count_nonzero(finite))
        mended = np.clip(np.where(finite, samples, 0), -1, 1).astype(samples.dtype)
        copy = av.AudioFrame.from_ndarray(mended, frame.format.name, frame.layout.name)
        copy.sample_rate, copy.pts, copy.time_base = frame.sample_rate, frame.pts, frame.time_base
        return copy


def _samples(frames: list[av.AudioFrame]) -> NDArray[np.float32]:
    if not frames:
        return np.zeros(0, np.float32)
    joined = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    return joined.astype(np.float32) / np.float32(FULL_SCALE)
