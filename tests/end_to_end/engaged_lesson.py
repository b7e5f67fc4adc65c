"""A live lesson whose ledger tells of engagement as the live loop writes it, on a real gateway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from lessons.events import DATA_TYPES, EventDraft
from tests.contracts.gateway_thread import GatewayThread
from tests.end_to_end.school import client_of

NOW_MS = 300_000
"""Where the lesson clock stands when the newest signals were told."""

STATES = {
    "Ada": "stuck",
    "Ben": "working",
    "Chen": "reading_or_thinking",
    "Dana": "participating",
    "Elif": "struggling_productively",
    "Finn": "drifting",
    "Gita": "tab_hidden",
    "Hugo": "unknown",
}
MODEL = {"model": "participation-rules", "model_version": "1"}

REASONS = {
    "stuck": [
        ("wrong_streak", 4.0, 0.9, "The last four answers were wrong."),
        ("help_phrases", 1.0, 0.6, "You asked how it goes on."),
        ("since_input_s", 3.0, -0.2, "You typed within the last 5 seconds."),
    ],
    "drifting": [
        ("since_input_s", 95.0, 0.7, "No input for a minute and a half while others worked."),
        ("answers", 2.0, -0.4, "Two answers in the last two minutes."),
    ],
}
PLAIN = [("input_30s", 24.0, 0.6, "There was steady input in the last half minute.")]


@dataclass(frozen=True, slots=True)
class EngagedLesson:
    """A live lesson of eight learners and their tutor.

    Attributes:
        people: ids of the participants by name.
    """

    gateway: GatewayThread
    tenant_id: str
    api_key: str
    id: str
    people: dict[str, str]

    @property
    def console_url(self) -> str:
        return f"{self.gateway.url}/#key={self.api_key}"

    def client(self) -> httpx.Client:
        return client_of(self.gateway.url, self.api_key)

    def add(self, name: str, role: str) -> None:
        """Add somebody to the lesson."""
        with self.client() as api:
            person = {"name": name, "role": role}
            answer = api.post(f"/v1/lessons/{self.id}/participants", json=person)
        self.people[name] = answer.raise_for_status().json()["id"]

    def token_of(self, name: str) -> str:
        with self.client() as api:
            path = f"/v1/lessons/{self.id}/participants/{self.people[name]}/token"
            return str(api.post(path, json={}).raise_for_status().json()["token"])

    def tell(self, name: str | None, type_name: str, at_ms: int, **data: Any) -> str:
        """Append one event about somebody, or about nobody in particular; return its id."""
        data_class = DATA_TYPES[type_name]
        subject = None if name is None else self.people[name]
        draft = EventDraft(data_class.model_validate(data), at_ms, subject)
        self.append([draft])
        return draft.id

    def append(self, drafts: Sequence[EventDraft]) -> None:
        ledger = self.gateway.services.ledger
        self.gateway.call(ledger.append(self.tenant_id, self.id, drafts))

    def begin_ago(self, milliseconds: int) -> None:
        """Set the lesson's beginning back, as if it had gone on for so long."""
        begun = datetime.now(UTC) - timedelta(milliseconds=milliseconds)

        async def change() -> None:
            database = self.gateway.services.database
            async with database.transaction(self.tenant_id) as connection:
                await connection.execute(
                    text("UPDATE lessons SET started_at = :begun WHERE id = :id"),
                    {"begun": begun, "id": self.id},
                )

        self.gateway.call(change())

    def signal(self, name: str, state: str, since_ms: int, end_ms: int = NOW_MS) -> str:
        """Tell that a learner is in a state; return the event's id."""
        reasons = REASONS.get(state, PLAIN)
        return self.tell(
            name,
            "engagement.signal",
            end_ms,
            state=state,
            start_ms=end_ms - 5_000,
            end_ms=end_ms,
            since_ms=since_ms,
            confidence=0.78,
            context="individual_work",
            observations=[observation(*reason) for reason in reasons],
            **MODEL,
        )


def observation(name: str, value: float, strength: float, text: str) -> dict[str, Any]:
    return {"name": name, "value": value, "strength": strength, "text": text}


def open_engaged_lesson(gateway: GatewayThread, tenant_id: str) -> EngagedLesson:
    """Make the lesson and tell what was inferred in its first five minutes."""
    _, key = gateway.call(gateway.services.api_keys.create(tenant_id, "the console"))
    with client_of(gateway.url, key) as api:
        lesson_id = api.post("/v1/lessons", json={"title": "Fractions 6b"}).json()["id"]
        api.post(f"/v1/lessons/{lesson_id}/start").raise_for_status()
    lesson = EngagedLesson(gateway, tenant_id, key, lesson_id, {})
    lesson.add("Mr Obi", "instructor")
    for name in STATES:
        lesson.add(name, "learner")
    for name, state in STATES.items():
        lesson.signal(name, state, since_ms=NOW_MS - 140_000)
    _tell_of_the_group(lesson)
    return lesson


def _tell_of_the_group(lesson: EngagedLesson) -> None:
    _nudge(lesson, "ndg_1", "Finn", "drifting", "Little of the task for four minutes.")
    _nudge(lesson, "ndg_2", "Ada", "stuck", "Four wrong answers in a row at one exercise.")
    lesson.tell(
        "Ada",
        "engagement.profile",
        NOW_MS,
        start_ms=0,
        end_ms=NOW_MS,
        contribution={"estimate": 0.4, "low": 0.2, "high": 0.6},
        responsiveness={"estimate": 0.75, "low": 0.5, "high": 0.9},
        practice={"estimate": 0.6, "low": 0.4, "high": 0.85},
        help_seeking=None,
        **MODEL,
    )
    waits = ((60_000, 900, "Dana"), (120_000, 1_400, "Ben"), (180_000, 2_100, "Dana"))
    for asked_ms, wait_ms, answerer in waits:
        lesson.tell(
            "Mr Obi",
            "question.asked",
            asked_ms + wait_ms,
            caption_id=f"cap_{asked_ms}",
            asked_at_ms=asked_ms,
            wait_ms=wait_ms,
            answered_by=lesson.people[answerer],
        )
    lesson.tell(
        None,
        "participation.measured",
        NOW_MS,
        start_ms=0,
        end_ms=NOW_MS,
        tutor_talk_share=0.72,
        talk_ms={lesson.people["Mr Obi"]: 130_000, lesson.people["Dana"]: 50_000},
        not_heard_ms={lesson.people["Hugo"]: 420_000, lesson.people["Chen"]: 310_000},
        wait_time_ms_median=1_400,
        questions=3,
    )


def _nudge(lesson: EngagedLesson, nudge_id: str, name: str, reason: str, text: str) -> None:
    lesson.tell(
        name,
        "engagement.nudge",
        NOW_MS,
        nudge_id=nudge_id,
        reason=reason,
        text=text,
        observations=[observation(*reason) for reason in REASONS[reason]],
        **MODEL,
    )
