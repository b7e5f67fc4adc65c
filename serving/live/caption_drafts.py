"""From a hypothesis on a window to captions on the lesson clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lessons.events import CaptionFinal, CaptionWord, EventDraft, PartialCaption
from lessons.roles import Role
from media_ingest.frames import SpeechWindow
from models.captions.agreement import Agreement
from models.captions.interface import Hypothesis, Word


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks on a track; known from the token that published it, never guessed from a voice."""

    tenant_id: str
    lesson_id: str
    participant_id: str
    name: str
    role: Role
    track_id: str


def on_lesson_clock(hypothesis: Hypothesis, window: SpeechWindow) -> tuple[Word, ...]:
    """The hypothesis's words with their times moved from the window to the lesson clock."""
    offset = round(window.start_ms)
    return tuple(
        Word(word.text, word.start_ms + offset, word.end_ms + offset, word.confidence)
        for word in hypothesis.words
    )


def final_caption(
    speaker: Speaker,
    caption_id: str,
    revision: int,
    window: SpeechWindow,
    hypothesis: Hypothesis,
    finalised_at_ms: float | None,
) -> EventDraft:
    """The `caption.final` that a finished window leaves in the ledger.

    `finalised_at_ms` is on the lesson clock; None for a recording, which has no latency.
    """
    words = on_lesson_clock(hypothesis, window)
    data = CaptionFinal(
        caption_id=caption_id,
        track_id=speaker.track_id,
        participant_id=speaker.participant_id,
        participant_name=speaker.name,
        role=speaker.role,
        revision=revision,
        start_ms=words[0].start_ms,
        end_ms=max(words[-1].end_ms, words[0].start_ms),
        text=hypothesis.text,
        words=[
            CaptionWord(text=w.text, start_ms=w.start_ms, end_ms=w.end_ms, confidence=w.confidence)
            for w in words
        ],
        confidence=mean_confidence(words),
        language=hypothesis.language,
        engine=hypothesis.engine,
        model=hypothesis.model,
        speech_end_ms=round(window.speech_end_ms),
        finalised_at_ms=None if finalised_at_ms is None else round(finalised_at_ms),
    )
    return EventDraft(
        data=data, lesson_time_ms=data.start_ms, subject=speaker.participant_id, id=caption_id
    )


def mean_confidence(words: Sequence[Word]) -> float:
    """Mean word confidence, weighted by how long each word lasts; 0 where there are no words."""
    weights = [max(1, word.end_ms - word.start_ms) for word in words]
    total = sum(weights)
    if not total:
        return 0.0
    weighted = sum(w.confidence * weight for w, weight in zip(words, weights, strict=True))
    return round(min(1.0, weighted / total), 4)


def partial_caption(
    speaker: Speaker,
    caption_id: str,
    revision: int,
    window: SpeechWindow,
    agreement: Agreement,
    language: str,
) -> PartialCaption:
    """What readers may show while the utterance goes on; it is never stored."""
    return PartialCaption(
        caption_id=caption_id,
        track_id=speaker.track_id,
        participant_id=speaker.participant_id,
        participant_name=speaker.name,
        role=speaker.role,
        revision=revision,
        start_ms=round(window.start_ms),
        end_ms=round(window.end_ms),
        stable_text=agreement.stable_text,
        unstable_text=agreement.unstable_text,
        language=language,
    )
