"""The lesson's plan: its items as they are taken up, and the objectives that were covered."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Milliseconds, Name, Title
from lessons.lesson_context import LessonContext

MAX_OBJECTIVES = 100
MAX_PEOPLE = 1_000

ItemMode = Literal[
    LessonContext.EXPLAINING,
    LessonContext.QUESTION_OPEN,
    LessonContext.INDIVIDUAL_WORK,
    LessonContext.GROUP_WORK,
    LessonContext.BREAK,
]


class LessonPlanItemStarted(EventData):
    """An item of the lesson's plan was taken up."""

    type = "lesson_plan.item_started"
    shared = True
    by_teachers = True
    example: ClassVar = {
        "item_id": "plan-3/2",
        "title": "Adding unlike fractions",
        "objective_ids": ["fractions.add"],
        "planned_ms": 900000,
        "mode": "individual_work",
        "expected_quiet_ms": 240000,
    }

    item_id: Name = Field(description="The platform's id of the item")
    title: Title = Field(description="What is to be done in it")
    objective_ids: list[Name] = Field(
        default_factory=list, max_length=MAX_OBJECTIVES, description="Objectives that it is about"
    )
    planned_ms: Milliseconds | None = Field(default=None, description="Time planned for it")
    mode: ItemMode | None = Field(
        default=None,
        description="How it is worked on, which tells what silence means; null: as events show",
    )
    expected_quiet_ms: Milliseconds | None = Field(
        default=None,
        description="For how long from here learners may be quiet, as in reading or a long task",
    )


class LessonPlanItemCompleted(EventData):
    """An item of the lesson's plan was left behind: done, skipped or put off."""

    type = "lesson_plan.item_completed"
    shared = True
    by_teachers = True
    example: ClassVar = {"item_id": "plan-3/2", "outcome": "done", "duration_ms": 1020000}

    item_id: Name = Field(description="The item that was left behind")
    outcome: Literal["done", "skipped", "postponed"] = Field(
        default="done", description="What became of it"
    )
    duration_ms: Milliseconds | None = Field(default=None, description="Time spent on it")


class ObjectiveCovered(EventData):
    """Somebody who teaches marked an objective as covered in this lesson."""

    type = "objective.covered"
    by_teachers = True
    after_lesson = True
    example: ClassVar = {
        "objective_id": "fractions.add",
        "how": "introduced",
        "participant_ids": None,
    }

    objective_id: Name = Field(description="The objective")
    how: Literal["introduced", "practised", "reviewed"] = Field(
        default="introduced", description="How far it went"
    )
    participant_ids: list[Name] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_PEOPLE,
        description="Learners it was covered with; null: every learner of the lesson",
    )
    note: str | None = Field(default=None, max_length=2_000, description="A remark for next time")


LESSON_PLAN = Family(
    "lesson_plan",
    "Lesson plan and objectives",
    "What was planned, what was done of it, and which objectives it covered.",
    posted=(LessonPlanItemStarted, LessonPlanItemCompleted, ObjectiveCovered),
)
