"""What a lesson is doing at a moment: silence means different things in each."""

from __future__ import annotations

from enum import StrEnum


class LessonContext(StrEnum):
    """What is going on, as the lesson's plan says or as its events show."""

    EXPLAINING = "explaining"
    QUESTION_OPEN = "question_open"
    INDIVIDUAL_WORK = "individual_work"
    GROUP_WORK = "group_work"
    BREAK = "break"
    UNKNOWN = "unknown"
