"""Milestones: something worth marking that a learner reached."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Name, Title


class MilestoneReached(EventData):
    """The subject reached something worth marking, such as an objective mastered."""

    type = "milestone.reached"
    needs_subject = True
    after_lesson = True
    example: ClassVar = {
        "milestone_id": "fractions-1",
        "title": "Compares fractions",
        "objective_id": "fractions.compare",
    }

    milestone_id: Name = Field(description="The platform's id of the milestone")
    title: Title = Field(description="What was reached")
    objective_id: Name | None = Field(default=None, description="Objective that it is about")


MILESTONES = Family(
    "milestones",
    "Milestones",
    "What a learner reached, as the platform defines it; for those who teach and for that learner.",
    posted=(MilestoneReached,),
)
