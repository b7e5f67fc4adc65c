"""Findings of a lesson's events on their way into the tables: attendance, evidence, homework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.evidence import Attendance, EvidenceDraft, Finding, HomeworkDone, HomeworkSet
from lessons.records import Participant
from lessons.store.learning_record_tracing import Pairs
from lessons.store.named_objectives import NamedObjectives
from lessons.store.tables import attendances, homework, objective_evidence

_KEPT_TEXT = 500
"""Characters kept of a title; the event has all of it."""


@dataclass(frozen=True, slots=True)
class LessonPlace:
    """How far a lesson's events have been read; a stale lesson is read from the first one on."""

    sequence: int
    stale: bool
    course_id: str | None
    participants: Mapping[str, Participant]
    present: frozenset[str]


class FindingsBatch:
    """The findings of some events of one lesson, on their way into the tables."""

    def __init__(
        self, connection: AsyncConnection, tenant_id: str, lesson_id: str, place: LessonPlace
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._lesson_id = lesson_id
        self._place = place
        self._attended: list[dict[str, Any]] = []
        self._proved: list[dict[str, Any]] = []

    async def write(self, findings: Sequence[Finding]) -> Pairs:
        """Write all of them in their order; return what has to be traced again."""
        names = {f.objective for f in findings if isinstance(f, EvidenceDraft)}
        names |= {name for f in findings if isinstance(f, HomeworkSet) for name in f.objectives}
        objectives = await NamedObjectives.find(
            self._connection, self._tenant_id, names, self._place.course_id
        )
        for finding in findings:
            if isinstance(finding, Attendance):
                self._attended.append(self._attendance(finding))
            elif isinstance(finding, HomeworkSet):
                await self._set_homework(finding, objectives)
            elif isinstance(finding, HomeworkDone):
                await self._do_homework(finding)
            else:
                self._prove(finding, objectives.id_of(finding.objective))
        if self._attended:
            await self._connection.execute(
                insert(attendances).on_conflict_do_nothing(), self._attended
            )
        if self._proved:
            await self._connection.execute(_prove_or_mark(), self._proved)
        return {(row["person_id"], row["objective_id"]): None for row in self._proved}

    def _person(self, participant_id: str) -> str:
        return self._place.participants[participant_id].person_id

    def _attendance(self, finding: Attendance) -> dict[str, Any]:
        return {
            "tenant_id": self._tenant_id,
            "lesson_id": self._lesson_id,
            "person_id": self._person(finding.participant_id),
            "first_seen_at": finding.event.time,
        }

    def _prove(self, draft: EvidenceDraft, objective_id: str | None) -> None:
        """Take a piece of evidence; on an objective that nobody knows there is none."""
        if objective_id is None:
            return
        self._proved.append(
            {
                "tenant_id": self._tenant_id,
                "person_id": self._person(draft.participant_id),
                "objective_id": objective_id,
                "lesson_id": self._lesson_id,
                "response": draft.response,
                "kind": draft.kind,
                "outcome": draft.outcome,
                "detail": draft.detail and draft.detail[:_KEPT_TEXT],
                "event_id": draft.event.id,
                "sequence": draft.event.ledgersequence,
                "occurred_at": draft.event.time,
                "lesson_time_ms": draft.event.lessontimems,
            }
        )

    async def _set_homework(self, finding: HomeworkSet, objectives: NamedObjectives) -> None:
        ids = (objectives.id_of(name) for name in finding.objectives)
        values = {
            "course_id": self._place.course_id,
            "lesson_id": self._lesson_id,
            "title": finding.title,
            "objective_ids": list(dict.fromkeys(each for each in ids if each is not None)),
            "assigned_at": finding.event.time,
            "due_at": finding.due_at,
            "assigned_event_id": finding.event.id,
        }
        await self._upsert_homework(finding.participant_id, finding.homework_id, values, values)

    async def _do_homework(self, finding: HomeworkDone) -> None:
        values = {"completed_at": finding.event.time, "completed_event_id": finding.event.id}
        unknown: dict[str, Any] = {
            "course_id": self._place.course_id,
            "lesson_id": self._lesson_id,
            "objective_ids": [],
        }
        objective_ids = await self._upsert_homework(
            finding.participant_id, finding.homework_id, values | unknown, values
        )
        # One mark for several objectives says nothing of any single one.
        proves = finding.outcome is not None and len(objective_ids) == 1
        for objective_id in objective_ids:
            draft = EvidenceDraft(
                finding.participant_id,
                objective_id,
                "answer" if proves else "practice",
                f"homework/{finding.homework_id}",
                finding.event,
                finding.outcome if proves else None,
                "homework",
            )
            self._prove(draft, objective_id)

    async def _upsert_homework(
        self,
        participant_id: str,
        homework_id: str,
        values: Mapping[str, Any],
        changes: Mapping[str, Any],
    ) -> list[str]:
        """Store homework or what is new of it; return the ids of its objectives."""
        statement = insert(homework).values(
            tenant_id=self._tenant_id,
            person_id=self._person(participant_id),
            homework_id=homework_id,
            **values,
        )
        ids: list[str] | None = await self._connection.scalar(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "person_id", "homework_id"],
                set_={name: statement.excluded[name] for name in changes},
            ).returning(homework.c.objective_ids)
        )
        return ids or []


def _prove_or_mark() -> Insert:
    """Return the statement that stores evidence, or what is new of it.

    Help that was taken is not undone by a mark, and an answer keeps the time of its giving.
    """
    statement = insert(objective_evidence)
    old, new = objective_evidence.c, statement.excluded
    helped = old.kind == "practice"
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "person_id", "objective_id", "lesson_id", "response"],
        set_={
            "kind": case((helped, old.kind), else_=new.kind),
            "outcome": case((helped, old.outcome), else_=new.outcome),
            "event_id": new.event_id,
            "sequence": new.sequence,
            "occurred_at": func.least(old.occurred_at, new.occurred_at),
        },
    )
