"""Courses: lessons of the same learners on the same objectives, over weeks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.courses import Course
from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.policy import Action, Resource
from lessons.records import Lesson
from serving.api.lessons import MAX_PAGE_LESSONS, LessonPage, LessonView
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

MAX_PAGE_COURSES = 200
EXAMPLE_COURSE: JsonDict = {
    "id": "crs_01kb9x5t7v0000000000000000",
    "tenant_id": "ten_default",
    "title": "Fractions 6b",
    "curriculum_id": "cur_01kb9x5t7v0000000000000000",
    "external_id": "course-6b-2026",
    "created_at": "2026-09-01T08:00:00Z",
    "archived_at": None,
}

router = APIRouter(
    prefix="/v1",
    tags=["courses"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, NotFound, Unavailable),
)


class NewCourse(RequestModel):
    """A course to create; `external_id` is the platform's own name for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Fractions 6b",
                    "curriculum_id": "cur_01kb9x5t7v0000000000000000",
                    "external_id": "course-6b-2026",
                }
            ]
        }
    )

    title: str = Field(min_length=1, max_length=300)
    curriculum_id: str | None = Field(default=None, min_length=1, max_length=100)
    external_id: str | None = Field(default=None, min_length=1, max_length=300)


class CourseChange(RequestModel):
    """What to change of a course; what is left out stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"curriculum_id": "cur_01kb9x5t7v0000000000000000"}]}
    )

    title: str | None = Field(default=None, min_length=1, max_length=300)
    curriculum_id: str | None = Field(default=None, min_length=1, max_length=100)
    archived: bool | None = None


class LessonPlace(RequestModel):
    """The course that a lesson belongs to; null: to none."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"course_id": "crs_01kb9x5t7v0000000000000000"}]}
    )

    course_id: str | None = Field(min_length=1, max_length=100)


class CourseView(Course):
    """Lessons of the same learners on the same objectives, over weeks."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_COURSE]})


class CoursePage(BaseModel):
    """Courses, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"courses": [EXAMPLE_COURSE], "next": EXAMPLE_COURSE["id"]}]
        }
    )

    courses: list[CourseView]
    next: str | None


@router.post("/courses", status_code=201, response_model=CourseView, responses=documented(Conflict))
async def create_course(body: NewCourse, caller: Caller, services: ServicesDependency) -> Course:
    """Create a course. Lessons join it when they are created, or by `PUT .../course`."""
    await authorize(services, caller, Action.CREATE, Resource.COURSE)
    return await services.courses.create(
        caller.tenant_id,
        title=body.title,
        curriculum_id=body.curriculum_id,
        external_id=body.external_id,
    )


@router.get("/courses", response_model=CoursePage)
async def list_courses(
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_COURSES)] = 50,
    before: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> dict[str, object]:
    """List the tenant's courses, newest first."""
    await authorize(services, caller, Action.LIST, Resource.COURSE)
    courses = await services.courses.list_courses(caller.tenant_id, limit, before)
    return {"courses": courses, "next": courses[-1].id if len(courses) == limit else None}


@router.get("/courses/{course_id}", response_model=CourseView)
async def get_course(course_id: str, caller: Caller, services: ServicesDependency) -> Course:
    """Read a course."""
    await authorize(services, caller, Action.READ, Resource.COURSE, course_id=course_id)
    return await services.courses.get(caller.tenant_id, course_id)


@router.patch("/courses/{course_id}", response_model=CourseView)
async def change_course(
    course_id: str, body: CourseChange, caller: Caller, services: ServicesDependency
) -> Course:
    """Change a course. Another curriculum has the record of its lessons made anew."""
    await authorize(services, caller, Action.UPDATE, Resource.COURSE, course_id=course_id)
    changes = body.model_dump(exclude_unset=True, exclude={"archived"})
    if changes.get("title", "") is None:
        raise InvalidInput("A course needs a title.", field="title", fix="Leave it out.")
    if body.archived is not None:
        changes["archived_at"] = datetime.now(UTC) if body.archived else None
    course = await services.courses.change(caller.tenant_id, course_id, changes)
    if "curriculum_id" in changes:
        await services.jobs.enqueue_learning_record(caller.tenant_id)
    return course


@router.get("/courses/{course_id}/lessons", response_model=LessonPage)
async def list_course_lessons(
    course_id: str,
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_LESSONS)] = 50,
    before: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> dict[str, object]:
    """List a course's lessons, newest first."""
    await authorize(services, caller, Action.LIST, Resource.LESSON, course_id=course_id)
    lessons = await services.courses.list_lessons(caller.tenant_id, course_id, limit, before)
    return {"lessons": lessons, "next": lessons[-1].id if len(lessons) == limit else None}


@router.put("/lessons/{lesson_id}/course", response_model=LessonView)
async def place_lesson(
    lesson_id: str, body: LessonPlace, caller: Caller, services: ServicesDependency
) -> Lesson:
    """Put a lesson into a course, or out of it; its part in the learners' record is made anew."""
    await authorize(services, caller, Action.UPDATE, Resource.LESSON, lesson_id=lesson_id)
    if body.course_id is not None:
        await authorize(services, caller, Action.UPDATE, Resource.COURSE, course_id=body.course_id)
    lesson = await services.courses.place_lesson(caller.tenant_id, lesson_id, body.course_id)
    await services.jobs.enqueue_learning_record(caller.tenant_id)
    return lesson
