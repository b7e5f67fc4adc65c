"""Fixtures of the summaries' tests: a lesson that was taught, and a jobs process at work on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from lessons.records import Lesson
from lessons.roles import Role
from serving.jobs.queue import (
    DEFAULT_QUEUE,
    SUMMARY_QUEUE,
    job_app,
)
from serving.jobs.queue_workers import working_on
from serving.jobs.summary_worker import open_summary_work
from serving.settings import Settings
from serving.summaries.lesson_summaries import LessonSummaries
from serving.summaries.writing_room import WritingRoom
from serving.web.services import Services
from tests.unit.serving.summaries.school import School


@pytest.fixture(scope="session")
def room() -> WritingRoom:
    return WritingRoom()


@pytest.fixture
async def school(
    services: Services, api: httpx.AsyncClient, lesson: Lesson, room: WritingRoom
) -> School:
    roles = {"tutor": Role.INSTRUCTOR, "ada": Role.LEARNER, "ben": Role.LEARNER}
    people = {
        name: await services.lessons.add_participant(
            lesson.tenant_id, lesson.id, name.title(), role
        )
        for name, role in {**roles, "cleo": Role.LEARNER}.items()
    }
    made = School(services, api, lesson, people, LessonSummaries(services.database, room))
    await made.teach()
    return made


@pytest.fixture
async def working(
    school: School, served_database: str, settings: Settings
) -> AsyncIterator[School]:
    """The school while a jobs process works on summaries."""
    app = job_app(served_database)
    feed, database = school.services.feed, school.services.database
    async with open_summary_work(settings, served_database, database, feed) as work:
        work.register(app)
        async with (
            app.open_async(),
            working_on(app, DEFAULT_QUEUE, concurrency=1),
            working_on(app, SUMMARY_QUEUE, concurrency=1),
        ):
            # All tenants of other tests have news as well: only this one is looked at.
            await work.relay.relay(school.lesson.tenant_id)
            yield school
