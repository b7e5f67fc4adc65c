"""A school at a host name of its own, on a real gateway: brand, people, a course and its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from lessons.identifiers import new_id
from serving.jobs.learning_record import LearningRecordFollower
from tests.contracts.gateway_thread import GatewayThread

CURRICULUM = """code,statement,prerequisites
fractions.compare,Compare fractions,
fractions.add,Add fractions,fractions.compare
"""
ANSWERS = (True, True, False, False, False, False)
COLOUR = "#7a1f5c"


@dataclass(frozen=True, slots=True)
class School:
    """A tenant with a brand, a key of its own, and a course with one lesson held and one to come.

    Attributes:
        gateway_url: for clients that do not know the school's host name.
        url: the console at the school's own host name.
        learner_id: the person who answered in the lesson that was held.
    """

    tenant_id: str
    gateway_url: str
    url: str
    api_key: str
    learner_id: str
    held_lesson_id: str
    next_lesson_id: str

    @property
    def console_url(self) -> str:
        return f"{self.url}/#key={self.api_key}"

    def client(self) -> httpx.Client:
        return client_of(self.gateway_url, self.api_key)


def client_of(gateway_url: str, api_key: str) -> httpx.Client:
    """Return a client that speaks for a platform."""
    headers = {"Authorization": f"Bearer {api_key}"}
    return httpx.Client(base_url=gateway_url, headers=headers, trust_env=False)


def open_school(gateway: GatewayThread, settings: dict[str, Any] | None = None) -> School:
    """Make a school on a gateway; browsers find `*.localhost` on this machine."""
    tenant_id, services = new_id("ten"), gateway.services
    _, key = gateway.call(services.api_keys.create(tenant_id, "the school's platform"))
    brand = {"name": "Hill School", "primary_colour": COLOUR}
    own = {"brand": brand, **(settings or {})}
    gateway.call(services.tenants.change(tenant_id, tenant_id, name="Hill", settings=own))
    host = f"{tenant_id.replace('_', '-')}.localhost"
    gateway.call(services.domains.claim(tenant_id, host))
    port = gateway.url.rpartition(":")[2]
    with client_of(gateway.url, key) as api:
        lessons = _hold_course(api)
    follower = LearningRecordFollower(services.database, services.learning_record.model)
    gateway.call(follower.catch_up_tenant(tenant_id))
    return School(tenant_id, gateway.url, f"http://{host}:{port}", key, *lessons)


def _made(response: httpx.Response) -> dict[str, Any]:
    made: dict[str, Any] = response.raise_for_status().json()
    return made


def _hold_course(api: httpx.Client) -> tuple[str, str, str]:
    """Make a course, hold a lesson of it; return its learner, the lesson, and the one to come."""
    imported = _made(
        api.post(
            "/v1/curricula/import/csv",
            params={"title": "Fractions"},
            content=CURRICULUM,
            headers={"Content-Type": "text/csv"},
        )
    )
    course = {"title": "Fractions 6b", "curriculum_id": imported["curriculum"]["id"]}
    course_id = _made(api.post("/v1/courses", json=course))["id"]
    ids = []
    for title in ("Comparing fractions", "Adding fractions"):
        lesson_id = _made(api.post("/v1/lessons", json={"title": title}))["id"]
        _made(api.put(f"/v1/lessons/{lesson_id}/course", json={"course_id": course_id}))
        person = {"name": "Ada", "role": "learner", "external_id": "ada"}
        learner = _made(api.post(f"/v1/lessons/{lesson_id}/participants", json=person))
        ids.append((lesson_id, learner))
    (held_id, learner), (next_id, _) = ids
    _made(api.post(f"/v1/lessons/{held_id}/start"))
    posted = _made(api.post(f"/v1/lessons/{held_id}/events", json={"events": _events(learner)}))
    assert {result["status"] for result in posted["results"]} == {201}
    return learner["person_id"], held_id, next_id


def _events(learner: dict[str, Any]) -> list[dict[str, Any]]:
    answers = [
        {
            "id": f"answer-{number}",
            "type": "assessment.item_answered",
            "subject": learner["id"],
            "data": {
                "item_id": f"q{number}",
                "correct": correct,
                "objective_id": "fractions.compare",
            },
        }
        for number, correct in enumerate(ANSWERS)
    ]
    homework = {
        "id": "homework-1",
        "type": "homework.assigned",
        "data": {
            "homework_id": "hw-1",
            "title": "Worksheet 4",
            "objective_ids": ["fractions.compare"],
            "due_at": "2026-01-05T08:00:00Z",
        },
    }
    return [*answers, homework]
