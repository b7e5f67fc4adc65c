"""Makes learners' records on objectives from all of their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.learning_record import Evidence, KnowledgeRow, Trace
from lessons.store.evidence_rows import evidence_of
from lessons.store.tables import mastery_weeks, objective_evidence, objective_records

Pairs = dict[tuple[str, str], None]
"""Persons and objectives whose evidence has changed."""


async def retrace(connection: AsyncConnection, tenant_id: str, pairs: Pairs, trace: Trace) -> None:
    """Make learners' records on objectives from all of their evidence."""
    if not pairs:
        return
    columns = objective_evidence.c
    rows = await connection.execute(
        select(objective_evidence)
        .where(columns.tenant_id == tenant_id, _among(objective_evidence, pairs))
        .order_by(columns.occurred_at, columns.lesson_id, columns.sequence, columns.response)
    )
    evidence: dict[tuple[str, str], list[Evidence]] = {}
    for row in rows:
        evidence.setdefault((row.person_id, row.objective_id), []).append(evidence_of(row))
    for table in (objective_records, mastery_weeks):
        await connection.execute(
            delete(table).where(table.c.tenant_id == tenant_id, _among(table, pairs))
        )
    records, weeks = [], []
    for (person_id, objective_id), own in evidence.items():
        key = {"tenant_id": tenant_id, "person_id": person_id, "objective_id": objective_id}
        traced = trace(own)
        records.append({**key, **_counts(own), **_knowledge(traced.knowledge)})
        weeks += [
            {**key, "week": week.week, "answers": week.answers, **_knowledge(week.knowledge)}
            for week in traced.weeks
        ]
    if records:
        await connection.execute(insert(objective_records), records)
    if weeks:
        await connection.execute(insert(mastery_weeks), weeks)


def _among(table: Table, pairs: Pairs) -> ColumnElement[bool]:
    return tuple_(table.c.person_id, table.c.objective_id).in_(list(pairs))


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
