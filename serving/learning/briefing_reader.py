"""Reads what a briefing is put together from, for one lesson and a bounded number of people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lessons.courses import Objective
from lessons.records import Lesson
from lessons.store.courses import CourseStore
from lessons.store.objectives import ObjectiveStore
from serving.learning.briefing import BriefingFacts, briefing_of
from serving.learning.briefing_views import Briefing
from serving.learning.continuity import Summarised
from serving.learning.estimates import LearningRecord
from serving.learning.past_summaries import PastSummaries
from serving.learning.views import MasteryModelView

MAX_LEARNERS = 200
"""Learners of one briefing; a larger lesson is no lesson that a tutor prepares by name."""

MAX_HOMEWORK = 500
PAST_LESSONS = 3
_PAGE_OBJECTIVES = 1000


class BriefingReader:
    """Puts a lesson's briefing together.

    Args:
        record: the learner's record and the model.
        courses, objectives: what the lesson belongs to, and what is to be learnt in it.
        summaries: those of its past lessons.
    """

    def __init__(
        self,
        record: LearningRecord,
        courses: CourseStore,
        objectives: ObjectiveStore,
        summaries: PastSummaries,
    ) -> None:
        self._record = record
        self._courses = courses
        self._objectives = objectives
        self._summaries = summaries

    async def read(self, lesson: Lesson, now: datetime) -> Briefing:
        """Return the briefing; without a course it tells of the learners alone."""
        tenant_id, reader, history = lesson.tenant_id, self._record.reader, self._record.history
        course = await self._courses.get(tenant_id, lesson.course_id) if lesson.course_id else None
        learners = await history.learners_of(lesson, MAX_LEARNERS)
        people = [person.id for person in learners]
        curriculum_id = course.curriculum_id if course else None
        estimates = await self._record.estimates(
            tenant_id, people, now, curriculum_id=curriculum_id
        )
        past = await history.lessons_before(lesson, PAST_LESSONS) if course else []
        coverage = await history.coverage(tenant_id, [each.lesson.id for each in past])
        summarised = await self._summaries.read([each.lesson for each in past])
        homework = await reader.homework(
            tenant_id, people, is_open=True, course_id=lesson.course_id, limit=MAX_HOMEWORK
        )
        curriculum = await self._curriculum(tenant_id, curriculum_id)
        named = {each.record.objective_id for each in estimates}
        named |= {each.objective_id for each in coverage}
        named |= {objective for each in homework for objective in each.objective_ids}
        named |= _named_in(summarised.values())
        missing = named - {each.id for each in curriculum}
        others = await self._objectives.get_many(tenant_id, missing) if missing else []
        return briefing_of(
            BriefingFacts(
                lesson=lesson,
                course=course,
                now=now,
                is_current=await reader.is_current(lesson),
                past=past,
                coverage=coverage,
                learners=learners,
                estimates=estimates,
                homework=homework,
                curriculum=[each for each in curriculum if each.retired_at is None],
                objectives={each.id: each for each in (*curriculum, *others)},
                summarised=summarised,
                model=MasteryModelView.of(self._record.model.parameters),
            )
        )

    async def _curriculum(self, tenant_id: str, curriculum_id: str | None) -> list[Objective]:
        """Return all objectives of the curriculum, in its order."""
        found: list[Objective] = []
        while curriculum_id is not None:
            page = await self._objectives.list_objectives(
                tenant_id, curriculum_id, _PAGE_OBJECTIVES, found[-1].id if found else None
            )
            found += page
            if len(page) < _PAGE_OBJECTIVES:
                break
        return found


def _named_in(summarised: Iterable[Summarised]) -> set[str]:
    """Return the objectives that the sentences of summaries are about."""
    claims = (claim for each in summarised for claim in each.document.claims())
    return {claim.objective_id for claim in claims if claim.objective_id is not None}
