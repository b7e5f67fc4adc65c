"""From the evidence on an objective to what is believed of it, now and week by week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from lessons.learning_record import Evidence, KnowledgeRow, Traced, WeekRow
from models.mastery.knowledge_tracing import Knowledge, KnowledgeTracer, Mastery
from models.mastery.parameters import (
    TracingParameters,
    load_parameters,
    shipped_parameters,
)

OPPORTUNITIES = ("answer", "practice")
"""Kinds of evidence in which the learner did something; only answers prove something."""


def monday_of(moment: datetime) -> date:
    """Return the Monday of the week of a moment, in UTC."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def mastery_model(path: Path | None) -> MasteryModel:
    """Return the model with the parameters of a file; None means those that come with Lectern.

    Raises:
        InvalidInput: the file is not there, or holds no parameters.
    """
    return MasteryModel(shipped_parameters() if path is None else load_parameters(path))


class MasteryModel:
    """Knowledge tracing between the store's rows and the arithmetic.

    Args:
        parameters: how objectives differ from each other.
    """

    def __init__(self, parameters: TracingParameters) -> None:
        self.parameters = parameters
        self._tracer = KnowledgeTracer(self.parameters)

    def trace(self, evidence: Sequence[Evidence]) -> Traced:
        """Return what a learner's evidence on one objective, oldest first, comes to."""
        knowledge = self._tracer.start()
        weeks: dict[date, WeekRow] = {}
        for each in evidence:
            if each.kind not in OPPORTUNITIES:
                continue
            knowledge = self._after(knowledge, each)
            monday = monday_of(each.occurred_at)
            before = weeks[monday].answers if monday in weeks else 0
            answers = before + (each.outcome is not None)
            weeks[monday] = WeekRow(monday, answers, self._row(knowledge))
        return Traced(self._row(knowledge), list(weeks.values()))

    def mastery(self, row: KnowledgeRow, moment: datetime) -> Mastery:
        """Return the estimate at a moment, what was forgotten since included.

        Args:
            row: made by these parameters, see `made`.
        """
        return self._tracer.mastery(self._knowledge(row), moment)

    def made(self, row: KnowledgeRow) -> bool:
        """Tell whether a stored row was made by these parameters; by others it tells nothing."""
        return row.model_version == self.parameters.version

    def masteries(
        self, rows: Sequence[KnowledgeRow], moments: Sequence[datetime] | None = None
    ) -> list[Mastery]:
        """Return the estimate of each row at its moment; None: right after its last opportunity."""
        if moments is None:
            moments = [row.known_at or datetime.now(UTC) for row in rows]
        return self._tracer.masteries([self._knowledge(row) for row in rows], moments)

    def _after(self, knowledge: Knowledge, each: Evidence) -> Knowledge:
        if each.outcome is None:
            return self._tracer.after_practice(knowledge, each.occurred_at)
        return self._tracer.after_answer(knowledge, each.outcome, each.occurred_at)

    def _row(self, knowledge: Knowledge) -> KnowledgeRow:
        return KnowledgeRow(
            knowledge.known.tolist(),
            knowledge.weights.tolist(),
            knowledge.at,
            self.parameters.version,
        )

    def _knowledge(self, row: KnowledgeRow) -> Knowledge:
        return Knowledge(np.array(row.known), np.array(row.weights), row.known_at)
