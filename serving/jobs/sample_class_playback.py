"""Plays the class of the sample lesson: every browser's events, posted at real-time pace."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from lessons.errors import Unavailable
from lessons.records import Lesson, Participant
from lessons.store.lessons import LessonStore
from lessons.tokens import mint_participant_token
from serving.sample_class import sample_class

logger = logging.getLogger(__name__)

TOKEN_LIFETIME = timedelta(minutes=30)
REQUEST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SampleClassPlayer:
    """Posts what the class's browsers tell, as each person of it, like any other platform.

    Attributes:
        lessons: the record.
        gateway_url: where events are posted to, without a path.
        token_secret: what signs the participants' tokens.
    """

    lessons: LessonStore
    gateway_url: str
    token_secret: str

    async def play(self, lesson: Lesson) -> None:
        """Tell what happens until the class is over or the lesson ends; lost events stay lost.

        Args:
            lesson: live; people of the class who are not in it tell nothing.
        """
        people = await self.lessons.list_participants(lesson.tenant_id, lesson.id)
        tokens = {one.name: self._token(lesson.tenant_id, one) for one in people}
        subjects = {one.name: one.id for one in people}
        began = lesson.started_at or datetime.now(UTC)
        async with httpx.AsyncClient(
            base_url=self.gateway_url, timeout=REQUEST_SECONDS, trust_env=False
        ) as http:
            for end_ms, told in sample_class().buckets():
                due = began + timedelta(milliseconds=end_ms)
                await asyncio.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
                if await self._is_over(lesson):
                    return
                for name, events in told:
                    if name in subjects:
                        whole = [{**event, "subject": subjects[name]} for event in events]
                        await _post(http, lesson.id, tokens[name], whole)

    async def _is_over(self, lesson: Lesson) -> bool:
        try:
            now = await self.lessons.get_lesson(lesson.tenant_id, lesson.id)
        except Unavailable:
            return False
        return now.status == "ended"

    def _token(self, tenant_id: str, person: Participant) -> str:
        return mint_participant_token(
            self.token_secret,
            tenant_id=tenant_id,
            lesson_id=person.lesson_id,
            participant_id=person.id,
            role=person.role,
            name=person.name,
            lifetime=TOKEN_LIFETIME,
        )


async def _post(
    http: httpx.AsyncClient, lesson_id: str, token: str, events: list[dict[str, Any]]
) -> None:
    try:
        answer = await http.post(
            f"/v1/lessons/{lesson_id}/events",
            headers={"Authorization": f"Bearer {token}"},
            json={"events": events},
        )
        answer.raise_for_status()
    except httpx.HTTPError as error:
        logger.info("events of the sample's class are lost: %s", type(error).__name__)
        return
    refused = [one["problem"] for one in answer.json()["results"] if one["status"] >= 400]
    if refused:
        logger.warning("events of the sample's class were refused: %s", refused)
