"""The briefing of a lesson, for who teaches it."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Action, Resource
from serving.learning.briefing_reader import BriefingReader
from serving.learning.briefing_views import Briefing
from serving.learning.past_summaries import PastSummaries
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}",
    tags=["briefings"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, NotFound, Unavailable),
)


@router.get("/briefing", response_model=Briefing)
async def read_briefing(lesson_id: str, caller: Caller, services: ServicesDependency) -> Briefing:
    """Read, before the lesson: what was covered, what needs reinforcement and why, open homework.

    For the group and for each learner. Every reason carries the events that it rests on. With it
    comes what the last summaries have for this lesson, and where they do not fit together.
    """
    await authorize(services, caller, Action.READ, Resource.BRIEFING, lesson_id=lesson_id)
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    summaries = PastSummaries(services.database)
    reader = BriefingReader(
        services.learning_record, services.courses, services.objectives, summaries
    )
    briefing = await reader.read(lesson, datetime.now(UTC))
    await services.disclosures.record(
        caller,
        "briefing",
        lesson_id=lesson_id,
        person_ids=[each.learner.id for each in briefing.learners],
    )
    return briefing
