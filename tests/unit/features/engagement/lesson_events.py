"""Learning events of a made-up lesson, as the ledger would give them back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from features.engagement import WINDOW_MS, LearnerWindow, LessonFeatures
from lessons.events import DATA_TYPES, EVENT_TYPES, LearningEvent, lesson_source
from lessons.roles import Role

LESSON = "les_1"
BEGAN = datetime(2026, 11, 26, 9, tzinfo=UTC)
ROLES = {
    "tutor": Role.INSTRUCTOR,
    "ada": Role.LEARNER,
    "ben": Role.LEARNER,
    "cleo": Role.LEARNER,
    "guest": Role.OBSERVER,
}


class Script:
    """Makes events with consecutive sequence numbers."""

    def __init__(self) -> None:
        self._sequences = count(1)

    def event(
        self, type_: str, at_ms: int, subject: str | None = None, /, **data: Any
    ) -> LearningEvent:
        sequence = next(self._sequences)
        return EVENT_TYPES[type_].model_validate(
            {
                "id": f"evt_{sequence}",
                "source": lesson_source(LESSON),
                "type": type_,
                "subject": subject,
                "time": BEGAN + timedelta(milliseconds=at_ms),
                "dataschema": DATA_TYPES[type_].data_schema(),
                "tenantid": "ten_1",
                "lessonid": LESSON,
                "lessontimems": at_ms,
                "ledgersequence": sequence,
                "data": data,
            }
        )

    def joined(self, who: str, at_ms: int = 0) -> LearningEvent:
        return self.event(
            "participant.joined", at_ms, participant_id=who, name=who, role=ROLES[who]
        )

    def left(self, who: str, at_ms: int, reason: str = "left") -> LearningEvent:
        return self.event("participant.left", at_ms, participant_id=who, reason=reason)

    def activity(
        self, who: str, start_ms: int, *buckets: dict[str, int], at_ms: int | None = None
    ) -> LearningEvent:
        at_ms = start_ms + 5000 * len(buckets) if at_ms is None else at_ms
        return self.event("activity.counted", at_ms, who, start_ms=start_ms, buckets=list(buckets))

    def spoke(self, who: str, start_ms: int, end_ms: int) -> LearningEvent:
        return self.event(
            "speaking.stopped",
            end_ms,
            who,
            utterance_id=f"utt_{start_ms}_{who}",
            start_ms=start_ms,
            end_ms=end_ms,
        )

    def caption(
        self, who: str, start_ms: int, end_ms: int, text: str, **data: Any
    ) -> LearningEvent:
        spoken = text.split()
        length = (end_ms - start_ms) / len(spoken)
        words = [
            {
                "text": word,
                "start_ms": round(start_ms + n * length),
                "end_ms": round(start_ms + (n + 1) * length),
                "confidence": 0.9,
            }
            for n, word in enumerate(spoken)
        ]
        fields = {
            "caption_id": f"cap_{start_ms}_{who}",
            "track_id": "trk_1",
            "participant_id": who,
            "role": ROLES[who],
            "participant_name": who,
            "revision": 1,
            "start_ms": start_ms,
            "end_ms": end_ms,
            "text": text,
            "words": words,
            "confidence": 0.9,
            "language": "en",
            "engine": "pocketsphinx",
            "model": "en",
            "finalised_at_ms": end_ms + 1000,
            "speech_end_ms": end_ms,
        }
        return self.event("caption.final", start_ms, who, **{**fields, **data})

    def answer(self, who: str, at_ms: int, correct: bool, **data: Any) -> LearningEvent:
        fields = {"item_id": "q1", "correct": correct, "duration_ms": 20_000, **data}
        return self.event("assessment.item_answered", at_ms, who, **fields)


def windows_at(
    events: Iterable[LearningEvent], end_ms: int, features: LessonFeatures | None = None
) -> dict[str, LearnerWindow]:
    """Take all events, close every window up to one, and return that of each learner."""
    features = features or LessonFeatures(LESSON)
    for event in events:
        features.take(event)
    windows: list[LearnerWindow] = []
    for end in range(WINDOW_MS, end_ms + 1, WINDOW_MS):
        windows = features.close(end)
    return {window.participant_id: window for window in windows}
