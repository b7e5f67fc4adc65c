"""The people of a lesson that a benchmark plays."""

from __future__ import annotations

from lessons.records import Participant
from lessons.roles import Role

PEOPLE = tuple(
    Participant(
        id=f"par_{name.lower()}",
        lesson_id="les_played",
        person_id=f"per_{name.lower()}",
        name=name,
        role=Role.INSTRUCTOR if name == "Vera" else Role.LEARNER,
    )
    for name in ("Vera", "Mia", "Noah", "Olga", "Paul")
)
"""First who teaches. Nobody is called as anybody in the lessons that played ones are made of."""
