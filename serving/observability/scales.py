"""Buckets of the histograms: fine around the targets of captions, coarse where nobody looks."""

from __future__ import annotations

CAPTION_SECONDS = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0, 60.0)
"""From the end of speech, or from a word, to a caption. The target of finals is 3 s."""

CALL_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""One call: of an operation, of the store or of an engine."""

REAL_TIME_FACTOR = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
"""Seconds of work for each second of audio; above 1 an engine falls behind a single voice."""

BATCH_WINDOWS = (1, 2, 4, 8, 16, 32, 64)
