"""A lesson's captions as they stand: finals from the ledger with their corrections applied."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from lessons.events import CaptionCorrected, CaptionFinal, CaptionWord, LearningEvent
from lessons.roles import Role


class Caption(BaseModel):
    """One caption at its latest revision; times are milliseconds on the lesson clock.

    `words` have the engine's times; a corrected caption has none, for nobody timed its new words.
    """

    model_config = ConfigDict(frozen=True)

    caption_id: str
    track_id: str
    participant_id: str
    participant_name: str
    role: Role
    revision: int
    start_ms: int
    end_ms: int
    text: str
    words: list[CaptionWord]
    confidence: float
    language: str
    engine: str
    model: str
    corrected_by: str | None = None


def captions_of(events: Iterable[LearningEvent]) -> list[Caption]:
    """Return the captions that the events tell of, by start time, then in ledger order.

    Args:
        events: a lesson's events in ledger order; other types are passed over. Of corrections to
            one caption the highest revision holds, of equal revisions the later one.
    """
    captions: dict[str, Caption] = {}
    for event in events:
        if isinstance(event.data, CaptionFinal):
            captions[event.data.caption_id] = _caption(event.data)
        elif isinstance(event.data, CaptionCorrected):
            caption = captions.get(event.data.caption_id)
            if caption is not None and event.data.revision >= caption.revision:
                captions[caption.caption_id] = _corrected(caption, event.data)
    return sorted(captions.values(), key=lambda caption: caption.start_ms)


def _caption(final: CaptionFinal) -> Caption:
    return Caption.model_validate(
        {name: getattr(final, name) for name in Caption.model_fields if name != "corrected_by"}
    )


def _corrected(caption: Caption, correction: CaptionCorrected) -> Caption:
    return caption.model_copy(
        update={
            "revision": correction.revision,
            "text": correction.text,
            "words": [],
            "corrected_by": correction.corrected_by,
        }
    )
