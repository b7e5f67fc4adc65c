"""A lesson that a benchmark plays, and its people."""

from __future__ import annotations

from datetime import UTC, datetime

from lessons.records import Lesson, Participant
from lessons.roles import Role

LESSON = Lesson(
    id="les_played",
    tenant_id="ten_played",
    title="Played",
    status="live",
    created_at=datetime(2026, 11, 26, 9, 0, tzinfo=UTC),
    language="en",
)

PEOPLE = tuple(
    Participant(
        id=f"par_{name.lower()}",
        lesson_id=LESSON.id,
        person_id=f"per_{name.lower()}",
        name=name,
        role=Role.INSTRUCTOR if name == "Vera" else Role.LEARNER,
    )
    for name in ("Vera", "Mia", "Noah", "Olga", "Paul")
)
"""First who teaches. Nobody is called as anybody in the lessons that played ones are made of."""
