"""Rows of evidence as they come back from the store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from lessons.learning_record import Evidence


def evidence_of(row: Row[Any]) -> Evidence:
    """Return the evidence of a row of `objective_evidence`."""
    # Our own rows were checked when they were made, and there may be thousands of them.
    return Evidence.model_construct(
        objective_id=row.objective_id,
        lesson_id=row.lesson_id,
        response=row.response,
        event_id=row.event_id,
        sequence=row.sequence,
        kind=row.kind,
        outcome=row.outcome,
        detail=row.detail,
        occurred_at=row.occurred_at,
        lesson_time_ms=row.lesson_time_ms,
    )
