"""A lesson of one tutor and three learners, taught into a real ledger and summarised from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from lessons.events import (
    DATA_TYPES,
    EventDraft,
    LearningEvent,
)
from lessons.identifiers import new_id
from lessons.privacy.consent import Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.consent_changes import ConsentChange
from lessons.summary import SummaryDocument
from serving.summaries.lesson_summaries import LessonSummaries
from serving.web.services import Services
from tests.unit.integrations.captions.spoken import final

TokenOf = Callable[..., str]


SAID = (
    ("tutor", "Good morning. Today we add fractions with different denominators."),
    ("tutor", "To add two fractions we first need a common denominator."),
    ("tutor", "What is one half plus one third?"),
    ("ada", "I think it is two fifths."),
    ("tutor", "Not quite. The denominators are different, so look at sixths."),
    ("ada", "Then it is three sixths and two sixths, so five sixths."),
    ("tutor", "Exactly, well done. You add the numerators and keep the denominator."),
    ("tutor", "For homework, please do questions one to four on page twelve."),
)


@dataclass
class School:
    """A lesson of one tutor and three learners, of whom Cleo never says or does anything."""

    services: Services
    api: httpx.AsyncClient
    lesson: Lesson
    people: dict[str, Participant]
    summaries: LessonSummaries
    captions: list[str] = field(default_factory=list)

    @property
    def where(self) -> tuple[str, str]:
        return self.lesson.tenant_id, self.lesson.id

    async def tell(self, name: str, at_ms: int | None, who: str | None = None, **data: Any) -> None:
        made = DATA_TYPES[name].model_validate(data)
        subject = None if who is None else self.people[who].id
        await self.services.ledger.append(*self.where, [EventDraft(made, at_ms, subject)])

    async def say(self, who: str, text: str, start_ms: int, **caption: Any) -> None:
        """Let somebody say something for four seconds."""
        speaker = self.people[who]
        data = final(
            text,
            start_ms,
            start_ms + 4_000,
            participant_id=speaker.id,
            participant_name=speaker.name,
            role=speaker.role,
            caption_id=new_id("cap"),
            **caption,
        )
        self.captions.append(data.caption_id)
        draft = EventDraft(data, start_ms, speaker.id, id=data.caption_id)
        await self.services.ledger.append(*self.where, [draft])

    async def invite(self, name: str, role: Role) -> Participant:
        self.people[name] = await self.services.lessons.add_participant(
            *self.where, name.title(), role
        )
        return self.people[name]

    async def open_another(self, title: str) -> School:
        """Start another lesson of the same tenant, with a tutor alone."""
        lesson = await self.services.lessons.create_lesson(self.lesson.tenant_id, title=title)
        await self.services.lessons.start_lesson(lesson.tenant_id, lesson.id)
        another = School(self.services, self.api, lesson, {}, self.summaries)
        await another.invite("tutor", Role.INSTRUCTOR)
        return another

    async def end_and_write(self) -> SummaryDocument:
        await self.services.lessons.end_lesson(*self.where)
        document = await self.write()
        assert document is not None
        return document

    async def teach(self) -> None:
        await self.services.lessons.start_lesson(*self.where)
        await self.tell(
            "lesson_plan.item_started",
            0,
            item_id="p1",
            title="Adding unlike fractions",
            objective_ids=["fractions.add"],
        )
        for number, (who, text) in enumerate(SAID):
            await self.say(who, text, number * 6_000)
        for attempt in (1, 2):
            await self.tell(
                "assessment.item_answered",
                50_000 + attempt,
                "ben",
                item_id="q1",
                attempt=attempt,
                response="2/5",
                correct=False,
                objective_id="fractions.add",
            )
        await self.services.lessons.end_lesson(*self.where)

    async def write(self) -> SummaryDocument | None:
        return await self.summaries.write(*self.where)

    async def events(self, *types: str) -> list[LearningEvent]:
        return await self.services.ledger.read_all(*self.where, types)

    async def get(self, token: str | None = None) -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return await self.api.get(f"/v1/lessons/{self.lesson.id}/summary", headers=headers)

    async def progress(self, token: str | None = None) -> dict[str, Any]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        path = f"/v1/lessons/{self.lesson.id}/summary/progress"
        told: dict[str, Any] = (await self.api.get(path, headers=headers)).json()
        return told

    async def revoke(self, who: str, lesson_id: str | None, *purposes: Purpose) -> None:
        change = ConsentChange(
            person_id=self.people[who].person_id,
            lesson_id=lesson_id,
            purposes=purposes,
            granted=False,
            basis=None,
            decided_by="key",
        )
        await self.services.consent_changes.decide(self.lesson.tenant_id, change)


def learners(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["participant_id"]: one for one in body["learners"]}


def texts_of(body: dict[str, Any]) -> str:
    return " ".join(claim.text for claim in SummaryDocument.model_validate(body).claims())
