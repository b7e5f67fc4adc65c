"""A lesson's events as tests tell them, numbered in the order of their making."""

from __future__ import annotations

from typing import Any

from lessons.events import DATA_TYPES, LearningEvent, parse_event

TUTOR, ADA, BEN = "par_tutor", "par_ada", "par_ben"
NAMES = {TUTOR: "Daniel Ortiz", ADA: "Ada", BEN: "Ben"}


class ToldLesson:
    """Makes events of one lesson; times are on its clock, in ms."""

    def __init__(self) -> None:
        self.events: list[LearningEvent] = []

    def tell(
        self, type_: str, at_ms: int, subject: str | None = None, **data: Any
    ) -> LearningEvent:
        """Add an event."""
        number = len(self.events) + 1
        event = parse_event(
            {
                "id": f"evt_{number}",
                "source": "urn:lectern:lesson:les_1",
                "type": type_,
                "subject": subject,
                "time": "2026-11-22T10:15:30Z",
                "dataschema": DATA_TYPES[type_].data_schema(),
                "tenantid": "ten_1",
                "lessonid": "les_1",
                "lessontimems": at_ms,
                "ledgersequence": number,
                "data": data,
            }
        )
        self.events.append(event)
        return event

    def joined(self, *people: str) -> None:
        """Have people join; the tutor teaches."""
        for who in people:
            role = "instructor" if who == TUTOR else "learner"
            self.tell("participant.joined", 0, participant_id=who, name=NAMES[who], role=role)

    def said(self, who: str, start_ms: int, end_ms: int, text: str, **changes: Any) -> str:
        """Have somebody say something; return the caption's id."""
        caption_id = f"cap_{len(self.events) + 1}"
        self.tell(
            "caption.final",
            start_ms,
            who,
            **{
                "caption_id": caption_id,
                "track_id": None,
                "participant_id": who,
                "role": "instructor" if who == TUTOR else "learner",
                "participant_name": NAMES[who],
                "revision": 1,
                "start_ms": start_ms,
                "end_ms": end_ms,
                "text": text,
                "words": [],
                "confidence": 0.9,
                "language": "en",
                "engine": "test",
                "model": "test",
                "speech_end_ms": end_ms,
                **changes,
            },
        )
        return caption_id

    def answered(self, who: str, at_ms: int, item: str, *, right: bool | None, **data: Any) -> str:
        """Have somebody answer an item; return the event's id."""
        facts = {"item_id": item, "correct": right, **data}
        return self.tell("assessment.item_answered", at_ms, who, **facts).id

    def consent(self, who: str, purpose: str, *, given: bool) -> None:
        """Have somebody decide."""
        facts = {"consent_id": "cns_1", "participant_id": who, "purpose": purpose}
        if given:
            self.tell("consent.granted", 0, who, basis="own", decided_by=who, **facts)
        else:
            self.tell("consent.revoked", 0, who, decided_by=who, stopped_tracks=[], **facts)
