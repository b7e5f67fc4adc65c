"""Captions for the tests of what goes out."""

from __future__ import annotations

from typing import Any

from lessons.captions import Caption
from lessons.events import CaptionFinal
from lessons.roles import Role


def caption(text: str, start_ms: int, end_ms: int, **changes: Any) -> Caption:
    """Return a caption of Ada's; nobody timed its words."""
    values: dict[str, Any] = {
        "caption_id": f"cap_{start_ms}",
        "track_id": "trk_1",
        "participant_id": "par_ada",
        "participant_name": "Ada",
        "role": Role.LEARNER,
        "revision": 1,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "text": text,
        "words": [],
        "confidence": 0.9,
        "language": "en",
        "engine": "faster-whisper",
        "model": "small.en",
    }
    return Caption.model_validate(values | changes)


def final(text: str, start_ms: int, end_ms: int, **changes: Any) -> CaptionFinal:
    """Return the final from which `caption` comes."""
    spoken = caption(text, start_ms, end_ms, **changes)
    return CaptionFinal.model_validate(
        spoken.model_dump(exclude={"corrected_by", "superseded"}) | {"speech_end_ms": end_ms}
    )
