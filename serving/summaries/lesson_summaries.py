"""Writes the summary of a lesson that ended: whatever version of it its ledger lacks.

Nothing is kept of what is to do but the ledger itself. A version is one append, of people's parts
and the document, under ids of its own, so a job that runs twice writes nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from features.reading.material import LessonMaterial, Material
from features.reading.parts import Objective
from lessons.errors import Conflict
from lessons.events import (
    EventDraft,
    LearningEvent,
    SummaryCreated,
    SummaryPartWritten,
    SummaryProgressed,
    SummaryWithdrawn,
)
from lessons.events.summaries import SummaryStage
from lessons.privacy.consent import ParticipantConsent, Purpose
from lessons.records import Lesson, Participant
from lessons.store import Database, Ledger, LessonStore
from lessons.store.consents import ConsentStore
from lessons.store.course_history import CourseHistory
from lessons.store.courses import CourseStore
from lessons.store.objectives import ObjectiveStore
from lessons.store.tenants import TenantStore
from lessons.summary import Reflection, SummaryDocument, parted
from lessons.summary.lineage import carried
from lessons.summary.standing import STANDING_TYPES, newest_version, standing_summary
from models.summaries.writing import SummaryName
from serving.jobs.clock import Clock, now_utc
from serving.summaries.objectives import objectives_of
from serving.summaries.standing import READ_TYPES, DueSummary, due_summary
from serving.summaries.writing_room import WritingRoom

PAST_LESSONS = 5
"""Earlier lessons of the course that a tutor's reflection looks back on."""

MOST_OBJECTIVES = 500

LATEST_FIRST = timedelta(days=7)
"""After its end a lesson gets a first summary this long: else an installation that is updated would
write of its whole past."""

Where = tuple[str, str]
"""Ids of a tenant and a lesson."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Ids of the participants who do not consent to signals, and to captions."""

    signals: list[str]
    captions: list[str]


def summary_id_of(lesson_id: str) -> str:
    """Return the id of a lesson's summary, the same in all versions."""
    return f"sum_{lesson_id.rpartition('_')[2]}"


class LessonSummaries:
    """Writes one lesson at a time; the queue sees to it that nobody else does meanwhile."""

    def __init__(self, database: Database, room: WritingRoom, clock: Clock = now_utc) -> None:
        self._database = database
        self._lessons = LessonStore(database)
        self._ledger = Ledger(database)
        self._consents = ConsentStore(database)
        self._tenants = TenantStore(database)
        self._courses = CourseStore(database)
        self._objectives = ObjectiveStore(database)
        self._history = CourseHistory(database)
        self._room = room
        self._clock = clock

    async def write(self, tenant_id: str, lesson_id: str) -> SummaryDocument | None:
        """Write the version that is due; None where none is.

        Raises:
            NotFound: the tenant has no such lesson.
            Conflict: somebody was erased meanwhile, or another process was faster: repeat.
            Unavailable: the database or a model is away; no version was written: repeat.
        """
        where = (tenant_id, lesson_id)
        lesson = await self._lessons.get_lesson(*where)
        settings = await self._tenants.settings(tenant_id)
        if lesson.status != "ended" or not settings.features.summaries:
            return None
        roll = await self._roll(where)
        consents = await self._consents.of_participants(*where, [one.id for one in roll])
        events = await self._ledger.read_all(*where, READ_TYPES)
        refused = _refused(consents)
        due = due_summary(events, refused.signals, refused.captions)
        if due is None or (due.replaces is None and self._is_past(lesson)):
            return None
        if due.withdraws:
            await self._withdraw(lesson, due)
        material = _material(events, roll, consents)
        return await self._write(lesson, due, events, material, refused)

    def _is_past(self, lesson: Lesson) -> bool:
        return lesson.ended_at is not None and self._clock() >= lesson.ended_at + LATEST_FIRST

    async def _write(
        self,
        lesson: Lesson,
        due: DueSummary,
        events: Sequence[LearningEvent],
        material: Material,
        refused: Refused,
    ) -> SummaryDocument:
        # Before anything is told: an outage of the models leaves no trace in the ledger.
        await asyncio.to_thread(self._room.prepare)
        await self._tell(lesson, due, "reading", 0.0)
        objectives = await self._objectives_of(lesson, material)
        past = await self._past(lesson)
        reading = await asyncio.to_thread(self._room.read, lesson, material, objectives, past)
        await self._tell(lesson, due, "writing", 0.6)
        name = SummaryName(summary_id_of(lesson.id), due.version, due.replaces)
        document = await asyncio.to_thread(self._room.write, reading, name)
        before = newest_version(events)
        if before is not None:
            document = carried(document, before)
        read_up_to = events[-1].ledgersequence if events else 0
        try:
            drafts = _drafts(document, read_up_to, refused)
            await self._ledger.append(lesson.tenant_id, lesson.id, drafts)
        except Conflict:
            await self._tell(lesson, due, "failed", 0.9)
            raise
        await self._tell(lesson, due, "done", 1.0)
        return document

    async def _withdraw(self, lesson: Lesson, due: DueSummary) -> None:
        summary_id, version = summary_id_of(lesson.id), due.version - 1
        data = SummaryWithdrawn(
            summary_id=summary_id, summary_version=version, reason="consent_revoked"
        )
        draft = EventDraft(data, None, id=f"{summary_id}:{version}:withdrawn")
        await self._ledger.append(lesson.tenant_id, lesson.id, [draft])

    async def _tell(
        self, lesson: Lesson, due: DueSummary, stage: SummaryStage, share: float
    ) -> None:
        data = SummaryProgressed(
            summary_id=summary_id_of(lesson.id),
            summary_version=due.version,
            stage=stage,
            share=share,
        )
        await self._ledger.append(lesson.tenant_id, lesson.id, [EventDraft(data, None)])

    async def _roll(self, where: Where) -> list[Participant]:
        """Return who is in the lesson, without those whose record was erased."""
        roll = await self._lessons.list_participants(*where)
        ids = [one.id for one in roll]
        async with self._database.transaction(where[0]) as connection:
            keys = await self._database.keyring.of_participants(connection, where[0], ids)
        return [one for one in roll if keys.get(one.id) is not None]

    async def _objectives_of(self, lesson: Lesson, material: Material) -> Sequence[Objective]:
        if lesson.course_id is None:
            return objectives_of((), material)
        course = await self._courses.get(lesson.tenant_id, lesson.course_id)
        if course.curriculum_id is None:
            return objectives_of((), material)
        listed = await self._objectives.list_objectives(
            lesson.tenant_id, course.curriculum_id, MOST_OBJECTIVES
        )
        return objectives_of(listed, material)

    async def _past(self, lesson: Lesson) -> list[Reflection]:
        """Return how the course's last lessons were taught, by the tutors' ids in this one."""
        if lesson.course_id is None:
            return []
        found: list[Reflection] = []
        own = await self._people(lesson)
        for attended in await self._history.lessons_before(lesson, PAST_LESSONS):
            earlier = attended.lesson
            events = await self._ledger.read_all(earlier.tenant_id, earlier.id, STANDING_TYPES)
            document = standing_summary(events)
            people = {who: person for person, who in (await self._people(earlier)).items()}
            for one in document.reflections if document is not None else ():
                here = own.get(people.get(one.participant_id, ""))
                if here is not None:
                    found.append(one.model_copy(update={"participant_id": here}))
        return found

    async def _people(self, lesson: Lesson) -> dict[str, str]:
        roll = await self._lessons.list_participants(lesson.tenant_id, lesson.id)
        return {one.person_id: one.id for one in roll}


def _refused(consents: Mapping[str, ParticipantConsent]) -> Refused:
    def refusing(purpose: Purpose) -> list[str]:
        return sorted(who for who, one in consents.items() if not one.permits(purpose))

    return Refused(refusing(Purpose.SIGNALS), refusing(Purpose.CAPTIONS))


def _material(
    events: Sequence[LearningEvent],
    roll: Sequence[Participant],
    consents: Mapping[str, ParticipantConsent],
) -> Material:
    taking = LessonMaterial(roll, consents)
    for event in events:
        taking.take(event)
    return taking.material()


def _drafts(document: SummaryDocument, read_up_to: int, refused: Refused) -> list[EventDraft]:
    """Return a version as events: each person's part under that person's key, then the rest."""
    lesson, parts = parted(document)
    where = f"{document.summary_id}:{document.version}"
    drafts = [
        EventDraft(
            SummaryPartWritten(
                summary_id=document.summary_id, summary_version=document.version, part=part
            ),
            None,
            id=f"{where}:{part.participant_id}",
            about=part.participant_id,
        )
        for part in parts
    ]
    people = [part.participant_id for part in parts]
    created = SummaryCreated(
        summary=lesson,
        participant_ids=people,
        read_up_to=read_up_to,
        refused_signals=refused.signals,
        refused_captions=refused.captions,
    )
    return [*drafts, EventDraft(created, None, id=where)]
