"""Writes the learner's record: each lesson's findings once, however often its events are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, delete, func, select, text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.evidence import Attendance, EvidenceDraft, Finding, HomeworkDone, HomeworkSet
from lessons.learning_record import Evidence, KnowledgeRow, Trace
from lessons.records import Participant
from lessons.store.commits import BEGINNING, Cursor
from lessons.store.database import Database
from lessons.store.named_objectives import NamedObjectives
from lessons.store.tables import (
    attendances,
    homework,
    learning_record_cursors,
    learning_record_progress,
    mastery_weeks,
    objective_evidence,
    objective_records,
    participants,
    people,
)
from lessons.store.tables import lessons as lesson_table

# Two lessons of one learner must not be written at the same time: each would trace the other's
# evidence without seeing it.
_ONE_WRITER = text("SELECT pg_advisory_xact_lock(hashtextextended('record of ' || :tenant, 0))")

_KEPT_TEXT = 500
"""Characters kept of a title; the event has all of it."""

_TRACED_AT_ONCE = 500
"""Records traced anew in one transaction."""


@dataclass(frozen=True, slots=True)
class LessonPlace:
    """How far a lesson's events have been read; a stale lesson is read from the first one on."""

    sequence: int
    stale: bool
    course_id: str | None
    participants: Mapping[str, Participant]
    present: frozenset[str]


class LearningRecordWriter:
    """The writing side of the learner's record.

    Args:
        trace: makes knowledge of a learner's evidence on an objective.
    """

    def __init__(self, database: Database, trace: Trace) -> None:
        self._database = database
        self._trace = trace

    async def cursor(self, tenant_id: str) -> Cursor:
        """Return how far the tenant's commits have been followed."""
        cursors = learning_record_cursors.c
        query = select(cursors.cursor).where(cursors.tenant_id == tenant_id)
        async with self._database.transaction(tenant_id) as connection:
            found = await connection.scalar(query)
        return BEGINNING if found is None else Cursor.parse(found)

    async def move_cursor(self, tenant_id: str, cursor: Cursor) -> None:
        """Remember how far the tenant's commits have been followed."""
        async with self._database.transaction(tenant_id) as connection:
            await _set_cursor(connection, tenant_id, cursor=str(cursor))

    async def trace_anew(self, tenant_id: str, model_version: str) -> None:
        """Trace all of a tenant's evidence again if that was done by another model's parameters."""
        while not await self._trace_some_anew(tenant_id, model_version):
            pass

    async def _trace_some_anew(self, tenant_id: str, model_version: str) -> bool:
        """Trace some records anew; return whether that was the rest of them."""
        cursors, records = learning_record_cursors.c, objective_records.c
        async with self._database.transaction(tenant_id) as connection:
            await connection.execute(_ONE_WRITER, {"tenant": tenant_id})
            held = await connection.scalar(
                select(cursors.model_version).where(cursors.tenant_id == tenant_id)
            )
            if held == model_version:
                return True
            outdated = await connection.execute(
                select(records.person_id, records.objective_id)
                .where(records.tenant_id == tenant_id, records.model_version != model_version)
                .limit(_TRACED_AT_ONCE)
            )
            pairs = outdated.all()
            for person_id, objective_id in pairs:
                await _retrace(connection, tenant_id, person_id, objective_id, self._trace)
            if len(pairs) < _TRACED_AT_ONCE:
                await _set_cursor(connection, tenant_id, model_version=model_version)
        return len(pairs) < _TRACED_AT_ONCE

    async def stale_lessons(self, tenant_id: str, limit: int = 100) -> list[str]:
        """Return lessons that have to be read anew."""
        progress = learning_record_progress.c
        query = select(progress.lesson_id).where(progress.tenant_id == tenant_id, progress.stale)
        async with self._database.transaction(tenant_id) as connection:
            rows = await connection.scalars(query.order_by(progress.lesson_id).limit(limit))
            return list(rows)

    async def place(self, tenant_id: str, lesson_id: str) -> LessonPlace:
        """Return from where to read a lesson on, and what is known of it by then."""
        async with self._database.transaction(tenant_id) as connection:
            sequence, stale = await _progress(connection, tenant_id, lesson_id)
            course_id = await connection.scalar(
                select(lesson_table.c.course_id).where(
                    lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id
                )
            )
            rows = await connection.execute(
                select(participants).where(
                    participants.c.tenant_id == tenant_id, participants.c.lesson_id == lesson_id
                )
            )
            everybody = {row.id: Participant.model_validate(row) for row in rows}
            seen = await connection.scalars(
                select(attendances.c.person_id).where(
                    attendances.c.tenant_id == tenant_id, attendances.c.lesson_id == lesson_id
                )
            )
            present = set(seen)
        return LessonPlace(
            0 if stale else sequence,
            stale,
            course_id,
            everybody,
            frozenset()
            if stale
            else frozenset(each.id for each in everybody.values() if each.person_id in present),
        )

    async def write(
        self,
        tenant_id: str,
        lesson_id: str,
        place: LessonPlace,
        findings: Iterable[Finding],
        sequence: int,
    ) -> bool:
        """Store what was found in the events after `place` up to `sequence`.

        Returns:
            Whether it was stored; if not, somebody else has read on: ask for the place again.
        """
        async with self._database.transaction(tenant_id) as connection:
            await connection.execute(_ONE_WRITER, {"tenant": tenant_id})
            now = await _progress(connection, tenant_id, lesson_id)
            if now != (place.sequence, False) and not (place.stale and now[1]):
                return False
            touched = await _forget_lesson(connection, tenant_id, lesson_id) if place.stale else {}
            there = await _not_erased(connection, tenant_id, place.participants.values())
            batch = _Batch(connection, tenant_id, lesson_id, place)
            touched |= await batch.write(
                [each for each in findings if each.participant_id in there]
            )
            for person_id, objective_id in sorted(touched):
                await _retrace(connection, tenant_id, person_id, objective_id, self._trace)
            await _advance(connection, tenant_id, lesson_id, sequence)
        return True


Pairs = dict[tuple[str, str], None]
"""Persons and objectives whose evidence has changed."""


class _Batch:
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


async def _set_cursor(connection: AsyncConnection, tenant_id: str, **values: str) -> None:
    statement = insert(learning_record_cursors).values(
        {"tenant_id": tenant_id, "cursor": str(BEGINNING), "model_version": "", **values}
    )
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values)
    )


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


async def _progress(
    connection: AsyncConnection, tenant_id: str, lesson_id: str
) -> tuple[int, bool]:
    progress = learning_record_progress.c
    row = await connection.execute(
        select(progress.sequence, progress.stale).where(
            progress.tenant_id == tenant_id, progress.lesson_id == lesson_id
        )
    )
    found = row.one_or_none()
    return (0, False) if found is None else (found.sequence, found.stale)


async def _not_erased(
    connection: AsyncConnection, tenant_id: str, everybody: Iterable[Participant]
) -> set[str]:
    """Return the participants whose persons are not erased, and keep it so until commit."""
    in_lesson = {each.id: each.person_id for each in everybody}
    rows = await connection.scalars(
        select(people.c.id)
        .where(
            people.c.tenant_id == tenant_id,
            people.c.id.in_(set(in_lesson.values())),
            people.c.erased_at.is_(None),
        )
        .order_by(people.c.id)
        .with_for_update(read=True, key_share=True)
    )
    there = set(rows)
    return {each for each, person_id in in_lesson.items() if person_id in there}


async def _advance(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, sequence: int
) -> None:
    statement = insert(learning_record_progress).values(
        tenant_id=tenant_id, lesson_id=lesson_id, sequence=sequence, stale=False
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "lesson_id"],
            set_={"sequence": statement.excluded.sequence, "stale": False},
        )
    )


async def _forget_lesson(connection: AsyncConnection, tenant_id: str, lesson_id: str) -> Pairs:
    """Remove what was found in a lesson before; homework stays, its key is the platform's."""
    await connection.execute(
        delete(attendances).where(
            attendances.c.tenant_id == tenant_id, attendances.c.lesson_id == lesson_id
        )
    )
    evidence = objective_evidence.c
    rows = await connection.execute(
        delete(objective_evidence)
        .where(evidence.tenant_id == tenant_id, evidence.lesson_id == lesson_id)
        .returning(evidence.person_id, evidence.objective_id)
    )
    return {(row.person_id, row.objective_id): None for row in rows}


async def _retrace(
    connection: AsyncConnection, tenant_id: str, person_id: str, objective_id: str, trace: Trace
) -> None:
    """Make a learner's record on an objective from all of its evidence."""
    columns = objective_evidence.c
    mine = (
        columns.tenant_id == tenant_id,
        columns.person_id == person_id,
        columns.objective_id == objective_id,
    )
    rows = await connection.execute(
        select(objective_evidence)
        .where(*mine)
        .order_by(columns.occurred_at, columns.lesson_id, columns.sequence, columns.response)
    )
    evidence = [Evidence.model_validate(row) for row in rows]
    key = {"tenant_id": tenant_id, "person_id": person_id, "objective_id": objective_id}
    for table in (objective_records, mastery_weeks):
        await connection.execute(
            delete(table).where(*(table.c[name] == value for name, value in key.items()))
        )
    if not evidence:
        return
    traced = trace(evidence)
    await connection.execute(
        insert(objective_records).values(**key, **_counts(evidence), **_knowledge(traced.knowledge))
    )
    if traced.weeks:
        await connection.execute(
            insert(mastery_weeks),
            [
                {**key, "week": week.week, "answers": week.answers, **_knowledge(week.knowledge)}
                for week in traced.weeks
            ],
        )


def _knowledge(knowledge: KnowledgeRow) -> dict[str, Any]:
    return {
        "known": list(knowledge.known),
        "weights": list(knowledge.weights),
        "known_at": knowledge.known_at,
        "model_version": knowledge.model_version,
    }


def _counts(evidence: Sequence[Evidence]) -> dict[str, Any]:
    covered = [each for each in evidence if each.kind == "covered"]
    practised = [each for each in evidence if each.kind in ("answer", "practice")]
    outcomes = [each.outcome for each in evidence if each.outcome is not None]
    return {
        "covered": len({each.lesson_id for each in covered}),
        "covered_at": covered[-1].occurred_at if covered else None,
        "practised": len(practised),
        "practised_at": practised[-1].occurred_at if practised else None,
        "evidence_for": sum(outcome >= 0.5 for outcome in outcomes),
        "evidence_against": sum(outcome < 0.5 for outcome in outcomes),
    }
