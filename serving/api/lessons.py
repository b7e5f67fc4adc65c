"""Lessons: create, list, read, start, end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.policy import Action, Condition, Resource
from lessons.records import UNDETERMINED, Lesson, Participant, Track
from lessons.tenants import language_of
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

MAX_PAGE_LESSONS = 200
EXAMPLE_LESSON: JsonDict = {
    "id": "les_01kb9x5t7v0000000000000000",
    "tenant_id": "ten_default",
    "title": "Fractions, part 2",
    "status": "live",
    "created_at": "2026-11-22T10:00:00Z",
    "started_at": "2026-11-22T10:01:12Z",
    "ended_at": None,
    "language": "en",
    "vocabulary": ["numerator", "denominator"],
    "consent_basis": "school agreement 2026-17",
    "sample": False,
    "course_id": "crs_01kb9x5t7v0000000000000000",
}

router = APIRouter(
    prefix="/v1/lessons",
    tags=["lessons"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, Unavailable),
)


class NewLesson(RequestModel):
    """A lesson to create. `vocabulary` are words that the captions should know, dearest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Fractions, part 2",
                    "language": "en",
                    "vocabulary": ["numerator", "denominator"],
                    "consent_basis": "school agreement 2026-17",
                }
            ]
        }
    )

    title: str = Field(min_length=1, max_length=300)
    language: str | None = Field(
        default=None,
        pattern=r"^([a-z]{2,3}|auto)$",
        description="ISO 639 code; none: the tenant's first. `auto`, which is kept as `und`: each "
        "track is captioned in the language that is heard on it, if the engine knows several.",
    )
    vocabulary: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list, max_length=500
    )
    consent_basis: str | None = Field(default=None, max_length=1000)
    course_id: str | None = Field(default=None, min_length=1, max_length=100)


class LessonView(Lesson):
    """One live teaching session, or a recording of one."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_LESSON]})


class LessonDetail(LessonView):
    """A lesson with the people in it and their tracks."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                EXAMPLE_LESSON
                | {
                    "participants": [
                        {
                            "id": "par_01kb9x5t7v0000000000000000",
                            "lesson_id": EXAMPLE_LESSON["id"],
                            "person_id": "per_01kb9x5t7v0000000000000000",
                            "name": "Ada",
                            "role": "learner",
                            "external_id": "platform-user-17",
                        }
                    ],
                    "tracks": [
                        {
                            "id": "trk_01kb9x5t7v0000000000000000",
                            "lesson_id": EXAMPLE_LESSON["id"],
                            "participant_id": "par_01kb9x5t7v0000000000000000",
                            "kind": "audio",
                            "source": "live",
                            "worker_id": "wrk_01kb9x5t7v0000000000000000",
                            "muted": False,
                            "published_at_ms": 1250,
                            "ended_at_ms": None,
                        }
                    ],
                }
            ]
        }
    )

    participants: list[Participant]
    tracks: list[Track]


class LessonPage(BaseModel):
    """Lessons, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"lessons": [EXAMPLE_LESSON], "next": EXAMPLE_LESSON["id"]}]
        }
    )

    lessons: list[LessonView]
    next: str | None


@router.post("", status_code=201, response_model=LessonView)
async def create_lesson(body: NewLesson, caller: Caller, services: ServicesDependency) -> Lesson:
    """Create a lesson. It starts with its first publisher, or by `POST .../start`."""
    await authorize(services, caller, Action.CREATE, Resource.LESSON, course_id=body.course_id)
    tenant = await services.tenants.settings(caller.tenant_id)
    language = UNDETERMINED if body.language == "auto" else body.language
    return await services.lessons.create_lesson(
        caller.tenant_id,
        title=body.title,
        language=language_of(tenant, language, services.settings.caption_language),
        vocabulary=body.vocabulary,
        consent_basis=body.consent_basis,
        course_id=body.course_id,
    )


@router.get("", response_model=LessonPage, responses=documented(NotFound))
async def list_lessons(
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_LESSONS)] = 50,
    before: Annotated[str | None, Query(description="`next` of the page before")] = None,
    person_id: Annotated[
        str | None, Query(max_length=100, description="Only those in which this person takes part")
    ] = None,
) -> dict[str, object]:
    """List the tenant's lessons, newest first.

    A learner who signed in lists their own by `person_id`, a guardian those of their child.
    """
    await authorize(services, caller, Action.LIST, Resource.LESSON, person_id=person_id)
    lessons = await services.lessons.list_lessons(caller.tenant_id, limit, before, person_id)
    return {"lessons": lessons, "next": lessons[-1].id if len(lessons) == limit else None}


@router.get("/{lesson_id}", response_model=LessonDetail, responses=documented(NotFound))
async def get_lesson(
    lesson_id: str, caller: Caller, services: ServicesDependency
) -> dict[str, object]:
    """Read a lesson with its participants and tracks."""
    access = await authorize(services, caller, Action.READ, Resource.LESSON, lesson_id=lesson_id)
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    people = await services.lessons.list_participants(caller.tenant_id, lesson_id)
    if access.condition is Condition.OWN_LESSON:
        # The platform's own names for people are between it and those who teach.
        people = [person.model_copy(update={"external_id": None}) for person in people]
    tracks = await services.tracks.list_tracks(caller.tenant_id, lesson_id)
    return lesson.model_dump() | {
        "participants": [person for person in people if access.covers(person.id)],
        "tracks": [track for track in tracks if access.covers(track.participant_id)],
    }


@router.post(
    "/{lesson_id}/start", response_model=LessonView, responses=documented(NotFound, Conflict)
)
async def start_lesson(lesson_id: str, caller: Caller, services: ServicesDependency) -> Lesson:
    """Start the lesson's clock. Starting a live lesson changes nothing; an ended one is refused."""
    await authorize(services, caller, Action.START, Resource.LESSON, lesson_id=lesson_id)
    return await services.lessons.start_lesson(caller.tenant_id, lesson_id)


@router.post("/{lesson_id}/end", response_model=LessonView, responses=documented(NotFound))
async def end_lesson(lesson_id: str, caller: Caller, services: ServicesDependency) -> Lesson:
    """End the lesson: publishers are let go, last captions become final. It may be repeated."""
    await authorize(services, caller, Action.END, Resource.LESSON, lesson_id=lesson_id)
    return await services.lessons.end_lesson(caller.tenant_id, lesson_id)
