"""The roles that a person or a system can have in a lesson."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Exactly one per participant of a lesson; it decides what they may do and see."""

    INSTRUCTOR = "instructor"
    TEACHING_ASSISTANT = "teaching_assistant"
    LEARNER = "learner"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"
    INSTITUTIONAL_CLIENT = "institutional_client"
    GUARDIAN = "guardian"
