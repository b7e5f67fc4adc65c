"""A lesson's captions as they stand: finals from the ledger with their corrections applied."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from lessons.events import CaptionCorrected, CaptionFinal, CaptionWord, LearningEvent
from lessons.roles import Role
from lessons.takeovers import TAKEOVER_TYPES, Takeovers

CAPTION_TYPES = (CaptionFinal.type, CaptionCorrected.type, *TAKEOVER_TYPES)
"""The types of events that captions are made of."""


class Caption(BaseModel):
    """One caption at its latest revision; times are milliseconds on the lesson clock.

    `words` have the engine's times; a corrected caption has none, for nobody timed its new words.
    `superseded` is what the engine heard while a person captioned by hand.
    """

    model_config = ConfigDict(frozen=True)

    caption_id: str
    track_id: str | None
    participant_id: str
    participant_name: str
    role: Role
    revision: int
    start_ms: int
    end_ms: int
    text: str
    words: list[CaptionWord]
    confidence: float | None
    language: str
    engine: str
    model: str
    typed_by: str | None = None
    corrected_by: str | None = None
    superseded: bool = False


def captions_of(events: Iterable[LearningEvent]) -> list[Caption]:
    """Return the captions that the events tell of, by start time, then in ledger order.

    Args:
        events: a lesson's events in ledger order; other types are passed over. Of corrections to
            one caption the highest revision holds, of equal revisions the later one.
    """
    captions: dict[str, Caption] = {}
    takeovers = Takeovers()
    for event in events:
        if isinstance(event.data, CaptionFinal):
            captions[event.data.caption_id] = _caption(event.data)
        elif isinstance(event.data, CaptionCorrected):
            caption = captions.get(event.data.caption_id)
            if caption is not None and event.data.revision >= caption.revision:
                captions[caption.caption_id] = _corrected(caption, event.data)
        takeovers.follow(event)
    marked = (
        caption.model_copy(update={"superseded": True})
        if takeovers.supersedes(caption.engine, caption.start_ms)
        else caption
        for caption in captions.values()
    )
    return sorted(marked, key=lambda caption: caption.start_ms)


def shown(captions: Iterable[Caption]) -> list[Caption]:
    """Return the captions that a transcript has: those that no captioner's supersede."""
    return [caption for caption in captions if not caption.superseded]


_ADDED = frozenset({"corrected_by", "superseded"})
"""What a final does not say of itself."""


def _caption(final: CaptionFinal) -> Caption:
    return Caption.model_validate(
        {name: getattr(final, name) for name in Caption.model_fields if name not in _ADDED}
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
