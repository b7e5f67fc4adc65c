"""A lesson that is over and has a summary, with a child, another child, a tutor and guardians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lessons.events import (
    EventDraft,
    SummaryCorrected,
    SummaryCreated,
    SummaryPartWritten,
    SummaryWithdrawn,
)
from lessons.privacy.consent import Basis, Purpose
from lessons.records import Lesson, Participant, Person
from lessons.roles import Role
from lessons.store.consent_changes import ConsentChange
from lessons.summary import SummaryDocument, mention, parted
from serving.web.services import Services
from tests.unit.operations.recaps.summaries import claim, objective

OBJECTIVE = "fractions.add"


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is, and what may happen to it."""

    services: Services
    lesson: Lesson
    ada: Participant
    ben: Participant
    tutor: Participant
    mother: Person
    father: Person

    @property
    def where(self) -> tuple[str, str]:
        return self.lesson.tenant_id, self.lesson.id

    def document(self, version: int = 1, **changes: Any) -> SummaryDocument:
        """Return a summary about both children."""
        ada, ben = self.ada.id, self.ben.id
        given = {
            "summary_id": "sum_1",
            "lesson_id": self.lesson.id,
            "version": version,
            "replaces": version - 1 or None,
            "objectives": [objective(OBJECTIVE, "Add unlike fractions")],
            "learners": [
                {"participant_id": ada, "observed": True, "talk_ms": 61_000, "answers_right": 2},
                {"participant_id": ben, "observed": True, "talk_ms": 9_000},
            ],
            "strong_moments": [
                claim("strong", "strong_moment", f"{mention(ada)} found it alone.", subject=ada)
            ],
            "reinforcement": [
                claim(
                    "need",
                    "needs_reinforcement",
                    f"{mention(ada)} needs it again.",
                    subject=ada,
                    objective_id=OBJECTIVE,
                )
            ],
            "writer": "extractive",
            "writer_version": "1",
        }
        return SummaryDocument.model_validate({**given, **changes})

    async def summarise(self, document: SummaryDocument | None = None) -> None:
        """Write a summary into the ledger, as it is parted."""
        await write_summary(self.services, self.lesson, document or self.document())

    async def correct(self, claim_id: str, text: str | None = None) -> None:
        """Put a sentence right, or take it out."""
        data = SummaryCorrected(
            summary_id="sum_1",
            claim_id=claim_id,
            text=text,
            removed=text is None,
            corrected_by=self.tutor.id,
        )
        await self.services.ledger.append(*self.where, [EventDraft(data, None)])

    async def withdraw(self) -> None:
        """Withdraw the summary."""
        data = SummaryWithdrawn(summary_id="sum_1", summary_version=1, reason="consent_revoked")
        await self.services.ledger.append(*self.where, [EventDraft(data, None)])

    async def decide_consent(self, *, granted: bool) -> None:
        """Give consent to signals about Ada, or take it back, for this lesson."""
        change = ConsentChange(
            person_id=self.ada.person_id,
            lesson_id=self.lesson.id,
            purposes=[Purpose.SIGNALS],
            granted=granted,
            basis=Basis.GUARDIAN if granted else None,
            decided_by=self.mother.id,
        )
        await self.services.consent_changes.decide(self.lesson.tenant_id, change)

    async def told(self, event_type: str) -> list[Any]:
        """Return the data of the lesson's events of a type, in their order."""
        events = await self.services.ledger.read_all(*self.where, [event_type])
        return [event.data for event in events]


async def set_scene(services: Services, tenant_id: str) -> Scene:
    """Hold a lesson with two children, one of whom has two guardians."""
    lesson = await services.lessons.create_lesson(tenant_id, title="Fractions")
    add, make = services.lessons.add_participant, services.people.create
    ada = await add(tenant_id, lesson.id, "Ada", Role.LEARNER)
    ben = await add(tenant_id, lesson.id, "Ben", Role.LEARNER)
    tutor = await add(tenant_id, lesson.id, "Ms Hill", Role.INSTRUCTOR)
    mother = await make(tenant_id, "Mara", email="mara@home.example")
    father = await make(tenant_id, "Finn")
    for guardian in (mother, father):
        await services.people.add_guardian(tenant_id, guardian.id, ada.person_id)
        await services.people.assign(tenant_id, guardian.id, Role.GUARDIAN)
    await services.lessons.start_lesson(tenant_id, lesson.id)
    lesson = await services.lessons.end_lesson(tenant_id, lesson.id)
    return Scene(services, lesson, ada, ben, tutor, mother, father)


async def write_summary(services: Services, lesson: Lesson, document: SummaryDocument) -> None:
    """Write a summary into a lesson's ledger, as it is parted."""
    rest, parts = parted(document)
    drafts = [
        EventDraft(
            SummaryPartWritten(
                summary_id=document.summary_id, summary_version=document.version, part=part
            ),
            None,
            about=part.participant_id,
        )
        for part in parts
    ]
    ids = [part.participant_id for part in parts]
    created = EventDraft(SummaryCreated(summary=rest, participant_ids=ids), None)
    await services.ledger.append(lesson.tenant_id, lesson.id, [*drafts, created])
