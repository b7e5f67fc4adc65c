"""A live lesson on a real gateway, of which notes are taken as the jobs process takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from eval.labelled_lessons import labelled_lessons
from lessons.events import EventDraft
from lessons.privacy.consent import Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.consent_changes import ConsentChange
from lessons.tokens import mint_participant_token
from serving.jobs.notes_worker import note_models
from serving.notes.noted_lesson import NotedLesson, NoteTools
from serving.observability.notes_metrics import NotesMetrics
from serving.observability.scraping import new_registry
from serving.reading.models import InProcessModels
from tests.contracts.gateway_thread import GatewayThread
from tests.unit.integrations.captions.spoken import final

LOOK_SECONDS = 120.0
"""For one look at the lesson; the first one loads the models."""

PEOPLE = {"tina": Role.INSTRUCTOR, "ada": Role.LEARNER, "ben": Role.LEARNER}


class LessonClock:
    """The time as whoever takes the notes has it: so long after the lesson's beginning."""

    def __init__(self, started_at: datetime) -> None:
        self.started_at = started_at
        self.now_ms = 0

    def __call__(self) -> datetime:
        return self.started_at + timedelta(milliseconds=self.now_ms)


@dataclass(slots=True)
class TaughtLesson:
    """A lesson on fractions by Tina, with Ada and Ben, whose words are written."""

    gateway: GatewayThread
    lesson: Lesson
    people: dict[str, Participant]
    clock: LessonClock
    tools: NoteTools
    noted: NotedLesson

    @property
    def where(self) -> tuple[str, str]:
        return self.lesson.tenant_id, self.lesson.id

    def teach(self, first: int, last: int) -> None:
        """Let captions of the written lesson come, and take notes of them."""
        (written, *_) = labelled_lessons("tuning")
        drafts = []
        for said in written.reading.utterances[first:last]:
            who = self.people[said.participant_id.removeprefix("par_")]
            data = final(
                said.text,
                said.start_ms,
                said.end_ms,
                caption_id=f"cap_{said.caption_id}",
                participant_id=who.id,
                participant_name=who.name,
                role=who.role,
            )
            drafts.append(EventDraft(data, said.end_ms, who.id, id=data.caption_id))
            self.clock.now_ms = said.end_ms + 20_000
        self.append(drafts)
        self.take_notes()

    def take_notes(self) -> None:
        """Look at the lesson once, as the jobs process does every two seconds."""
        looking = asyncio.run_coroutine_threadsafe(self.noted.advance(), self.gateway.loop)
        looking.result(LOOK_SECONDS)

    def restart(self) -> None:
        """Have another process take the notes from here on; it reads what the ledger has."""
        self.noted = NotedLesson(self.lesson, self.tools)

    def append(self, drafts: Sequence[EventDraft]) -> None:
        self.gateway.call(self.gateway.services.ledger.append(*self.where, drafts))

    def add_learners(self, names: Sequence[str]) -> list[Participant]:
        """Add learners to the lesson."""
        lessons = self.gateway.services.lessons

        async def add() -> list[Participant]:
            role = Role.LEARNER
            return [await lessons.add_participant(*self.where, name, role) for name in names]

        added: list[Participant] = self.gateway.call(add())
        return added

    def refuse(self, name: str, purpose: Purpose) -> None:
        """Take back somebody's consent for this lesson."""
        change = ConsentChange(
            self.people[name].person_id,
            self.lesson.id,
            [purpose],
            granted=False,
            basis=None,
            decided_by="key",
        )
        services = self.gateway.services
        self.gateway.call(services.consent_changes.decide(self.lesson.tenant_id, change))

    def end(self) -> None:
        """End the lesson, and take what notes are left."""
        self.gateway.call(self.gateway.services.lessons.end_lesson(*self.where))
        self.take_notes()

    def token(self, name: str) -> str:
        return token_of(self.gateway, self.lesson, self.people[name])


def token_of(gateway: GatewayThread, lesson: Lesson, who: Participant) -> str:
    """Return a token with which somebody speaks as themself in a lesson."""
    return mint_participant_token(
        gateway.services.token_secret,
        tenant_id=lesson.tenant_id,
        lesson_id=lesson.id,
        participant_id=who.id,
        role=who.role,
        name=who.name,
        lifetime=timedelta(minutes=10),
    )


def open_taught_lesson(gateway: GatewayThread, tenant_id: str) -> TaughtLesson:
    """Begin a lesson in which nobody has said anything yet."""
    services = gateway.services
    made = gateway.call(services.lessons.create_lesson(tenant_id, title="Unlike fractions"))
    people = {
        name: gateway.call(services.lessons.add_participant(tenant_id, made.id, name.title(), role))
        for name, role in PEOPLE.items()
    }
    lesson = gateway.call(services.lessons.start_lesson(tenant_id, made.id))
    clock = LessonClock(lesson.started_at or datetime.now(UTC))
    tools = NoteTools(
        services.ledger,
        services.lessons,
        services.consents,
        services.tenants,
        partial(note_models, InProcessModels()),
        asyncio.Semaphore(1),
        NotesMetrics(new_registry()),
        clock,
    )
    return TaughtLesson(gateway, lesson, people, clock, tools, NotedLesson(lesson, tools))
