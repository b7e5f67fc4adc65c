"""A tenant, a course with objectives and its people in a store, for lessons that a benchmark plays.

Straight through the stores, as the API's handlers and live loops write: no process runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.played_lessons import Played, objectives_taught
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.courses import CourseStore
from lessons.store.curricula import CurriculumStore
from lessons.store.objectives import ObjectiveStore

EVENTS_PER_COMMIT = 100
"""Of a lesson that is written at once: a live one commits its events one by one, or a few."""

LEARNERS = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gita", "Hugo", "Ilya", "Jun")


@dataclass(frozen=True, slots=True)
class LiveLesson:
    """A lesson that goes on, and who is in it: first who teaches."""

    lesson: Lesson
    people: Sequence[Participant]

    @property
    def where(self) -> tuple[str, str]:
        """Ids of its tenant and its own."""
        return self.lesson.tenant_id, self.lesson.id


class TaughtSchool:
    """A school of one course. Make it with `founded`."""

    def __init__(self, database: Database, tenant_id: str, course_id: str) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._course_id = course_id

    @classmethod
    async def founded(cls, database: Database) -> TaughtSchool:
        """Return a new one, with the objectives that played lessons teach."""
        tenant_id = new_id("ten")
        curriculum = await CurriculumStore(database).create(tenant_id, "Played lessons")
        objectives = ObjectiveStore(database)
        for one in objectives_taught():
            await objectives.create(
                tenant_id, curriculum.id, code=one.objective_id, statement=one.title
            )
        course = await CourseStore(database).create(
            tenant_id, title="Played lessons", curriculum_id=curriculum.id
        )
        return cls(database, tenant_id, course.id)

    async def begin_lesson(self, title: str, learners: int) -> LiveLesson:
        """Return a lesson that has begun, with a tutor and so many learners."""
        lessons = LessonStore(self._database)
        made = await lessons.create_lesson(self._tenant_id, title=title, course_id=self._course_id)
        names = [LEARNERS[place % len(LEARNERS)] for place in range(learners)]
        roles = [("Tina", Role.INSTRUCTOR), *((name, Role.LEARNER) for name in names)]
        people = [
            await lessons.add_participant(
                self._tenant_id, made.id, name, role, external_id=f"{name}-{place}"
            )
            for place, (name, role) in enumerate(roles)
        ]
        return LiveLesson(await lessons.start_lesson(self._tenant_id, made.id), people)

    async def write(self, live: LiveLesson, played: Sequence[Played]) -> None:
        """Write all events of a lesson at once, in their order."""
        ledger = Ledger(self._database)
        for start in range(0, len(played), EVENTS_PER_COMMIT):
            drafts = [one.draft for one in played[start : start + EVENTS_PER_COMMIT]]
            await ledger.append(*live.where, drafts)
