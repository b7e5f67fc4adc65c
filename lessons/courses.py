"""Courses, curricula and their objectives, as the store gives them back."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from lessons.records import Record


class Curriculum(Record):
    """A named set of objectives; `external_id` is what its publisher calls it."""

    id: str
    tenant_id: str
    title: str
    external_id: str | None = None
    created_at: AwareDatetime
    imported_at: AwareDatetime | None = None


class Objective(Record):
    """Something to be learnt. `code` is unique in its curriculum, and events may name it so.

    `prerequisites` are the ids of what should be mastered first; `retired_at` is set when a later
    import no longer had the objective.
    """

    id: str
    curriculum_id: str
    code: str
    statement: str
    external_id: str | None = None
    kind: str | None = None
    parent_id: str | None = None
    position: int
    prerequisites: list[str] = Field(default_factory=list)
    created_at: AwareDatetime
    retired_at: AwareDatetime | None = None


class Course(Record):
    """Lessons of the same learners on the same objectives, over weeks."""

    id: str
    tenant_id: str
    title: str
    curriculum_id: str | None = None
    external_id: str | None = None
    created_at: AwareDatetime
    archived_at: AwareDatetime | None = None


class ImportReport(Record):
    """What an import did: objectives made, changed, left as they were, and retired.

    `passed_over` counts what the file says besides and Lectern does not keep.
    """

    curriculum: Curriculum
    created: int
    changed: int
    unchanged: int
    retired: int
    prerequisites: int
    passed_over: dict[str, int] = Field(default_factory=dict)
