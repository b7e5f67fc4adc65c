"""The sample lesson: set up a fresh one, and play it through a real WebRTC connection."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

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
from serving.api.lessons import LessonView
from serving.samples import create_sample_lesson
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

router = APIRouter(
    prefix="/v1",
    tags=["samples"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, Unavailable),
)


class Playing(BaseModel):
    """The sample is about to be published; follow the lesson's events."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lesson_id": "les_01kb9x5t7v0000000000000000"}]}
    )

    lesson_id: str


@router.post("/samples", status_code=201, response_model=LessonView)
async def create_sample(caller: Caller, services: ServicesDependency) -> Lesson:
    """Set up a fresh sample lesson with its tutor, its learners and what their browsers tell."""
    await authorize(services, caller, Action.CREATE, Resource.SAMPLE)
    return await create_sample_lesson(services.lessons, caller.tenant_id)


@router.post("/lessons/{lesson_id}/play", status_code=202, responses=documented(NotFound, Conflict))
async def play_sample(lesson_id: str, caller: Caller, services: ServicesDependency) -> Playing:
    """Play the sample into its lesson at real-time pace; it ends the lesson when it is done."""
    await authorize(services, caller, Action.START, Resource.SAMPLE, lesson_id=lesson_id)
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    if not lesson.sample:
        raise Conflict(
            "Only a sample lesson can be played.",
            field="lesson_id",
            fix="Set one up at POST /v1/samples.",
        )
    if lesson.status == "ended":
        raise Conflict(
            "This sample has been played.",
            field="lesson_id",
            fix="Set up a fresh one at POST /v1/samples.",
        )
    await services.jobs.enqueue_sample_playback(caller.tenant_id, lesson_id)
    return Playing(lesson_id=lesson_id)
