"""Tells a muted microphone from a quiet room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NO_AUDIO_MS = 1_000
"""A track that sends nothing for this long is muted."""
DIGITAL_SILENCE_MS = 5_000
"""A track whose samples are all zero for this long is muted: a browser sends such frames for a
disabled track. Not sooner: a headset with a noise gate does so between sentences too."""
SILENCE_PEAK = 2 / 32_768
"""Largest sample that still counts as zero: Opus may decode digital silence to the last bit."""


class MuteDetector:
    """Follows one audio track. Times are milliseconds of one monotonic clock."""

    def __init__(self) -> None:
        self.muted = False
        self._heard_at_ms: float | None = None
        self._received_at_ms: float | None = None

    def feed(self, samples: NDArray[np.float32], now_ms: float) -> bool:
        """Take a frame; true where `muted` changed with it."""
        if self._heard_at_ms is None:
            self._heard_at_ms = now_ms
        self._received_at_ms = now_ms
        if samples.size and float(np.abs(samples).max()) > SILENCE_PEAK:
            self._heard_at_ms = now_ms
            return self._become(muted=False)
        return self.check(now_ms)

    def check(self, now_ms: float) -> bool:
        """Look at the clock while no frame comes; true where `muted` changed."""
        if self._received_at_ms is None or self._heard_at_ms is None:
            return False
        if (
            now_ms - self._received_at_ms > NO_AUDIO_MS
            or now_ms - self._heard_at_ms > DIGITAL_SILENCE_MS
        ):
            return self._become(muted=True)
        return False

    def _become(self, *, muted: bool) -> bool:
        changed = muted != self.muted
        self.muted = muted
        return changed
