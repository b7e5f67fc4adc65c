"""Short lessons for tests, told in a few lines."""

from __future__ import annotations

from collections.abc import Sequence

from features.reading.parts import Answer, Person, Utterance
from models.reading.lesson_reading import LessonReading

TINA = Person("par_tina", "Tina", "tutor")
ADA = Person("par_ada", "Ada", "learner")
BEN = Person("par_ben", "Ben", "learner")
PEOPLE = (TINA, ADA, BEN)
TURN_MS = 10_000

Turn = tuple[Person, str]


def told(
    *turns: Turn,
    people: Sequence[Person] = PEOPLE,
    language: str = "en",
    confidence: float | None = 0.95,
    confidences: tuple[float, ...] = (),
    **more: object,
) -> LessonReading:
    """A lesson in which a turn comes every ten seconds; captions are called c1, c2 and so on."""
    utterances = tuple(
        Utterance(
            caption_id=f"c{number}",
            event_id=f"event-{number}",
            revision=1,
            participant_id=person.participant_id,
            role=person.role,
            start_ms=TURN_MS * number,
            end_ms=TURN_MS * number + 4_000,
            text=text,
            confidence=confidence,
            language=language,
            confidences=confidences,
        )
        for number, (person, text) in enumerate(turns, start=1)
    )
    duration_ms = TURN_MS * (len(turns) + 1)
    given = {"people": tuple(people), "utterances": utterances, **more}
    return LessonReading("les_told", "A lesson", "en", duration_ms, **given)  # type: ignore[arg-type]


def answer(who: Person, number: int, *, correct: bool | None, **more: object) -> Answer:
    fields: dict[str, object] = {
        "event_id": f"a{number}",
        "participant_id": who.participant_id,
        "at_ms": TURN_MS * number,
        "assessment_id": None,
        "item_id": f"q{number}",
        "attempt": 1,
        "response": None,
        "correct": correct,
        "duration_ms": None,
        "objective_id": None,
        "hints": 0,
    }
    return Answer(**(fields | more))  # type: ignore[arg-type]
