"""What a window must be before any engine takes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lessons.errors import InvalidInput
from media_ingest.frames import SAMPLE_RATE
from models.captions.interface import Capabilities, CaptionWindow


def check_windows(windows: Sequence[CaptionWindow], capabilities: Capabilities) -> None:
    """Refuse windows that the engine cannot take.

    Raises:
        InvalidInput: naming the window and what is wrong with it.
    """
    for position, window in enumerate(windows):
        field = f"windows[{position}]"
        _check_samples(window, field, capabilities)
        _check_language(window, field, capabilities)


def _check_samples(window: CaptionWindow, field: str, capabilities: Capabilities) -> None:
    samples = window.samples
    if samples.ndim != 1 or samples.dtype != np.float32:
        raise InvalidInput(
            f"The samples are {samples.dtype} of {samples.ndim} dimensions.",
            field=f"{field}.samples",
            fix="Send mono float32 at 16 kHz, one dimension.",
        )
    if not np.isfinite(samples).all():
        raise InvalidInput(
            "Some samples are not finite numbers.",
            field=f"{field}.samples",
            fix="Replace NaN and infinite samples before transcribing.",
        )
    duration_ms = 1000 * len(samples) / SAMPLE_RATE
    if duration_ms > capabilities.max_window_ms:
        raise InvalidInput(
            f"The window is {duration_ms / 1000:.1f} s long.",
            field=f"{field}.samples",
            fix=f"Cut it to at most {capabilities.max_window_ms / 1000:.0f} s.",
        )


def _check_language(window: CaptionWindow, field: str, capabilities: Capabilities) -> None:
    if window.language is None or window.language in capabilities.languages:
        return
    raise InvalidInput(
        f"{capabilities.engine} with {capabilities.model} does not transcribe `{window.language}`.",
        field=f"{field}.language",
        fix=f"Use one of: {', '.join(capabilities.languages)}, or a model of more languages.",
    )
