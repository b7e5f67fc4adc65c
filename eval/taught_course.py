"""A course with a past: objectives, learners, lessons with answers, by the public API alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

OBJECTIVES = 20
LEARNERS = 8
LESSONS = 10
ANSWERS_PER_LESSON = 100
CHANCE_RIGHT = 0.7


@dataclass(frozen=True, slots=True)
class TaughtCourse:
    """What pages are asked about.

    Attributes:
        lesson_id: the newest lesson, with as many answers as the others.
        participant_id, person_id: a learner, there and across lessons.
    """

    course_id: str
    lesson_id: str
    participant_id: str
    person_id: str

    @classmethod
    async def over_api(cls, api: httpx.AsyncClient) -> TaughtCourse:
        """Teach it. The learner's record follows when the jobs process has read the events."""
        chance = random.Random(0)
        rows = [f"objective-{number},Objective {number}" for number in range(OBJECTIVES)]
        imported = await api.post(
            "/v1/curricula/import/csv",
            params={"title": "Benchmark"},
            content="\n".join(["code,statement", *rows]),
            headers={"Content-Type": "text/csv"},
        )
        curriculum_id = imported.raise_for_status().json()["curriculum"]["id"]
        course = {"title": "Benchmark", "curriculum_id": curriculum_id}
        course_id = (await _post(api, "/v1/courses", course))["id"]
        for number in range(LESSONS):
            lesson_id, people = await _lesson(api, course_id, number, chance)
        return cls(course_id, lesson_id, people[0]["id"], people[0]["person_id"])


async def _lesson(
    api: httpx.AsyncClient, course_id: str, number: int, chance: random.Random
) -> tuple[str, list[dict[str, Any]]]:
    lesson = {"title": f"Lesson {number}", "course_id": course_id}
    lesson_id = (await _post(api, "/v1/lessons", lesson))["id"]
    path = f"/v1/lessons/{lesson_id}"
    await _post(api, f"{path}/start", {})
    people = [
        await _post(
            api,
            f"{path}/participants",
            {"name": f"Learner {who}", "role": "learner", "external_id": f"learner-{who}"},
        )
        for who in range(LEARNERS)
    ]
    await _post(api, f"{path}/events", {"events": _answers(people, chance)})
    return lesson_id, people


def _answers(people: Sequence[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "id": f"answer-{number}",
            "type": "assessment.item_answered",
            "subject": people[number % LEARNERS]["id"],
            "data": {
                "item_id": f"item-{number}",
                "objective_id": f"objective-{chance.randrange(OBJECTIVES)}",
                "correct": chance.random() < CHANCE_RIGHT,
            },
        }
        for number in range(ANSWERS_PER_LESSON)
    ]


async def _post(api: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = await api.post(path, json=body)
    answer: dict[str, Any] = response.raise_for_status().json()
    return answer
