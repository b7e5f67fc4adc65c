"""Reads learners' records and puts the estimates of this moment to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from lessons.learning_record import ObjectiveRecord, Traced, WeekRow
from lessons.store.course_history import CourseHistory
from lessons.store.learning_record_reading import LearningRecordReader
from models.mastery.reinforcement import Estimate
from models.mastery.tracing import MasteryModel

TRACED_EVIDENCE = 2000
"""Latest pieces of evidence that are traced while somebody waits."""


@dataclass(frozen=True, slots=True)
class LearningRecord:
    """The learner's record as operations read it: the store's rows and the model over them."""

    reader: LearningRecordReader
    history: CourseHistory
    model: MasteryModel

    async def estimates(
        self,
        tenant_id: str,
        person_ids: Collection[str],
        now: datetime,
        *,
        curriculum_id: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Estimate]:
        """Return learners' records with what is believed now, in the order of the objectives.

        Raises:
            NotFound: there is no objective `after`.
        """
        records = await self.reader.records(
            tenant_id, person_ids, curriculum_id=curriculum_id, after=after, limit=limit
        )
        evidence = await self.reader.latest_evidence(
            tenant_id, person_ids, {record.objective_id for record in records}
        )
        current = [await self._current(tenant_id, record) for record in records]
        knowledge = [record.knowledge for record in current]
        return [
            Estimate(
                record, mastery, then, evidence.get((record.person_id, record.objective_id), [])
            )
            for record, mastery, then in zip(
                current,
                self.model.masteries(knowledge, [now] * len(knowledge)),
                self.model.masteries(knowledge),
                strict=True,
            )
        ]

    async def weeks(
        self,
        tenant_id: str,
        person_id: str,
        objective_ids: Collection[str],
        first: date,
        last: date,
    ) -> dict[str, Sequence[WeekRow]]:
        """Return the weeks in which something was practised, and the last one before `first`."""
        found = await self.reader.weeks(tenant_id, person_id, objective_ids, first, last)
        return {
            objective_id: weeks
            if all(self.model.made(week.knowledge) for week in weeks)
            else (await self._traced(tenant_id, person_id, objective_id)).weeks
            for objective_id, weeks in found.items()
        }

    async def _current(self, tenant_id: str, record: ObjectiveRecord) -> ObjectiveRecord:
        """Return the record as it is; one that waits to be traced anew is traced here and now."""
        if self.model.made(record.knowledge):
            return record
        traced = await self._traced(tenant_id, record.person_id, record.objective_id)
        return replace(record, knowledge=traced.knowledge)

    async def _traced(self, tenant_id: str, person_id: str, objective_id: str) -> Traced:
        evidence = await self.reader.evidence(tenant_id, person_id, objective_id, TRACED_EVIDENCE)
        return self.model.trace(evidence[::-1])
