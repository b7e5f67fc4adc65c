"""Reads learners' records and puts the estimates of this moment to them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from lessons.learning_record import Evidence, ObjectiveRecord
from lessons.store.learning_record_reading import LearningRecordReader
from models.mastery.reinforcement import Estimate
from models.mastery.tracing import MasteryModel


@dataclass(frozen=True, slots=True)
class LearningRecord:
    """The learner's record as operations read it: the store's rows and the model over them."""

    reader: LearningRecordReader
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
        return [
            self._estimate(record, now, evidence.get((record.person_id, record.objective_id), []))
            for record in records
        ]

    def _estimate(
        self, record: ObjectiveRecord, now: datetime, evidence: list[Evidence]
    ) -> Estimate:
        return Estimate(
            record,
            self.model.mastery(record.knowledge, now),
            self.model.mastery_then(record.knowledge),
            evidence,
        )
