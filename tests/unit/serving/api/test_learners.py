"""From posted events to a learner's progress and a lesson's briefing, over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from lessons.identifiers import new_id
from serving.jobs.learning_record import LearningRecordFollower
from serving.web.services import Services

CSV = (
    "code,statement,prerequisites\n"
    "compare,Compare fractions,\n"
    "add,Add unlike fractions,compare\n"
    "multiply,Multiply fractions,compare\n"
    "divide,Divide fractions,multiply\n"
)


@dataclass(frozen=True)
class Classroom:
    """A course with its curriculum, one lesson behind it and one before it."""

    api: httpx.AsyncClient
    tenant_id: str
    follower: LearningRecordFollower
    course_id: str
    objectives: dict[str, str]
    lesson_id: str
    next_lesson_id: str
    people: dict[str, dict[str, Any]]

    async def post(self, *events: dict[str, Any]) -> None:
        posted = [{"id": new_id("evt"), **event} for event in events]
        answer = await self.api.post(
            f"/v1/lessons/{self.lesson_id}/events", json={"events": posted}
        )
        assert {result["status"] for result in answer.json()["results"]} == {201}, answer.text
        await self.follower.catch_up_tenant(self.tenant_id)

    def answered(self, who: str, objective: str, item: str, *, correct: bool) -> dict[str, Any]:
        data = {"item_id": item, "objective_id": objective, "correct": correct}
        return self.event(who, "assessment.item_answered", data)

    def event(self, who: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
        return {"type": name, "subject": self.people[who]["id"], "data": data}

    async def progress(self, who: str) -> dict[str, Any]:
        answer = await self.api.get(f"/v1/learners/{self.people[who]['person_id']}/progress")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def briefing(self) -> dict[str, Any]:
        answer = await self.api.get(f"/v1/lessons/{self.next_lesson_id}/briefing")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
async def classroom(api: httpx.AsyncClient, services: Services, tenant_id: str) -> Classroom:
    imported = await api.post(
        "/v1/curricula/import/csv?title=Fractions",
        content=CSV.encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert imported.status_code == 200, imported.text
    curriculum_id = imported.json()["curriculum"]["id"]
    listed = (await api.get(f"/v1/curricula/{curriculum_id}/objectives")).json()["objectives"]
    course = {"title": "Fractions 6b", "curriculum_id": curriculum_id}
    course_id = (await api.post("/v1/courses", json=course)).json()["id"]
    ids: list[str] = []
    people: dict[str, dict[str, Any]] = {}
    for title in ("Part 1", "Part 2"):
        made = await api.post("/v1/lessons", json={"title": title, "course_id": course_id})
        ids.append(made.json()["id"])
        for name, role in (("Tom", "instructor"), ("Ada", "learner"), ("Bea", "learner")):
            body = {"name": name, "role": role, "external_id": f"{tenant_id}-{name}"}
            added = await api.post(f"/v1/lessons/{ids[-1]}/participants", json=body)
            people.setdefault(name, added.json())
    await api.post(f"/v1/lessons/{ids[0]}/start")
    return Classroom(
        api=api,
        tenant_id=tenant_id,
        follower=LearningRecordFollower(services.database, services.learning_record.model),
        course_id=course_id,
        objectives={each["code"]: each["id"] for each in listed},
        lesson_id=ids[0],
        next_lesson_id=ids[1],
        people=people,
    )


async def test_answers_become_mastery_with_its_uncertainty_and_evidence(
    classroom: Classroom,
) -> None:
    right = [classroom.answered("Ada", "add", f"q{n}", correct=True) for n in range(6)]
    wrong = [classroom.answered("Bea", "add", f"q{n}", correct=False) for n in range(6)]
    await classroom.post(*right, *wrong)
    ada, bea = [await classroom.progress(who) for who in ("Ada", "Bea")]
    (knows,), (does_not,) = ada["objectives"], bea["objectives"]
    assert knows["objective"]["code"] == "add"
    assert (knows["answers"], knows["evidence_for"], knows["evidence_against"]) == (6, 6, 0)
    assert knows["status"] in ("mastered", "developing")
    assert does_not["status"] == "needs_reinforcement"
    assert knows["mastery"]["estimate"] > 0.9 > 0.3 > does_not["mastery"]["estimate"]
    for each in (knows, does_not):
        mastery = each["mastery"]
        assert 0 <= mastery["low"] <= mastery["estimate"] <= mastery["high"] <= 1
    assert {reason["kind"] for reason in does_not["reasons"]} >= {"recent_mistakes"}
    assert all(reason["evidence"] for reason in does_not["reasons"])
    assert [week["answers"] for week in knows["weeks"]] == [6]
    assert ada["lessons_attended"][-1]["lessons"] == 1
    assert ada["model"]["data"]


async def test_few_answers_claim_nothing(classroom: Classroom) -> None:
    await classroom.post(classroom.answered("Ada", "add", "q1", correct=False))
    (only,) = (await classroom.progress("Ada"))["objectives"]
    assert (only["status"], only["reasons"]) == ("not_enough_evidence", [])


async def test_a_briefing_tells_the_group_and_each_learner_what_needs_work_and_why(
    classroom: Classroom,
) -> None:
    await classroom.post(
        classroom.event("Ada", "hand.raised", {}),
        {"type": "objective.covered", "data": {"objective_id": "compare", "how": "reviewed"}},
        *[classroom.answered("Ada", "add", f"q{n}", correct=False) for n in range(4)],
        {
            "type": "homework.assigned",
            "data": {
                "homework_id": f"hw-{classroom.lesson_id}",
                "title": "Worksheet 4",
                "objective_ids": ["add"],
                "due_at": "2026-01-01T08:00:00Z",
            },
        },
    )
    briefing = await classroom.briefing()
    assert briefing["is_current"] is True
    assert briefing["course"]["title"] == "Fractions 6b"
    (past,) = briefing["last_lessons"]
    assert (past["lesson_id"], past["attended"]) == (classroom.lesson_id, 1)
    assert [each["objective"]["code"] for each in past["covered"]] == ["compare"]
    group = briefing["group"]
    by_code = {each["objective"]["code"]: each for each in group["reinforce"]}
    assert [each["name"] for each in by_code["add"]["learners"]] == ["Ada"]
    assert {each["code"] for each in by_code["compare"]["needed_for"]} == {"add", "multiply"}
    assert [each["name"] for each in group["open_homework"][0]["open_for"]] == ["Ada", "Bea"]
    ada, bea = briefing["learners"]
    assert ada["reinforce"][0]["objective"]["code"] == "add"
    assert ada["reinforce"][0]["reasons"][0]["evidence"][0]["lesson_id"] == classroom.lesson_id
    assert ada["open_homework"][0]["overdue"] is True
    assert (bea["missed"], bea["reinforce"]) == ([classroom.lesson_id], [])


async def test_homework_stays_open_until_it_is_done(classroom: Classroom) -> None:
    path = f"/v1/learners/{classroom.people['Ada']['person_id']}/homework"
    for number in range(3):
        data = {"homework_id": f"{classroom.lesson_id}-{number}", "title": "Worksheet"}
        if number:
            data["due_at"] = f"2026-12-0{number}T08:00:00Z"
        await classroom.post({"type": "homework.assigned", "data": data})
    first = (await classroom.api.get(path, params={"is_open": True, "limit": 2})).json()
    rest = (await classroom.api.get(path, params={"limit": 2, "after": first["next"]})).json()
    listed = [each["homework_id"][-1] for each in first["homework"] + rest["homework"]]
    assert listed == ["1", "2", "0"]
    done_now = {"homework_id": f"{classroom.lesson_id}-1", "score": 3, "max_score": 4}
    await classroom.post(classroom.event("Ada", "homework.completed", done_now))
    still = (await classroom.api.get(path, params={"is_open": True})).json()["homework"]
    assert [each["homework_id"][-1] for each in still] == ["2", "0"]
    done = (await classroom.api.get(path, params={"is_open": False})).json()["homework"]
    assert done[0]["completed_at"] is not None


async def test_evidence_is_paged_newest_first(classroom: Classroom) -> None:
    await classroom.post(*[classroom.answered("Ada", "add", f"q{n}", correct=True) for n in "123"])
    person = classroom.people["Ada"]["person_id"]
    path = f"/v1/learners/{person}/objectives/{classroom.objectives['add']}/evidence"
    first = (await classroom.api.get(path, params={"limit": 2})).json()
    rest = (await classroom.api.get(path, params={"limit": 2, "before": first["next"]})).json()
    sequences = [each["sequence"] for each in first["evidence"] + rest["evidence"]]
    assert sequences == sorted(sequences, reverse=True)
    assert len(sequences) == 3
    assert rest["next"] is None
    assert (await classroom.api.get(path, params={"before": "WzFd"})).status_code == 422


async def test_unknown_learners_and_cursors_are_refused(classroom: Classroom) -> None:
    for path in ("per_none/progress", "per_none/homework"):
        assert (await classroom.api.get(f"/v1/learners/{path}")).status_code == 404
    person = classroom.people["Ada"]["person_id"]
    for path in ("progress?after=obj_none", "progress?course_id=crs_none"):
        assert (await classroom.api.get(f"/v1/learners/{person}/{path}")).status_code == 404
    assert (await classroom.api.get(f"/v1/learners/{person}/homework?after=x")).status_code == 422


async def test_who_looked_at_a_learner_is_written_down(
    classroom: Classroom, services: Services
) -> None:
    await classroom.post(classroom.answered("Ada", "add", "q1", correct=True))
    await classroom.progress("Ada")
    await classroom.briefing()
    person = classroom.people["Ada"]["person_id"]
    seen = await services.disclosures.list_disclosures(classroom.tenant_id, person)
    assert {"progress", "briefing"} <= {each.what for each in seen}


async def test_progress_is_taken_along_as_a_pdf(classroom: Classroom) -> None:
    await classroom.post(*[classroom.answered("Ada", "add", f"q{n}", correct=True) for n in "123"])
    path = f"/v1/learners/{classroom.people['Ada']['person_id']}/progress.pdf"
    answer = await classroom.api.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert (await classroom.api.get("/v1/learners/per_none/progress.pdf")).status_code == 404


async def test_a_courses_learners_are_listed_with_their_standing(classroom: Classroom) -> None:
    due = {"homework_id": f"hw-{classroom.lesson_id}", "title": "Worksheet 4"}
    await classroom.post(
        *[classroom.answered("Ada", "add", f"q{n}", correct=False) for n in range(4)],
        {"type": "homework.assigned", "data": due},
    )
    path = f"/v1/courses/{classroom.course_id}/learners"
    first = (await classroom.api.get(path, params={"limit": 1})).json()
    rest = (await classroom.api.get(path, params={"limit": 2, "after": first["next"]})).json()
    listed = {each["learner"]["name"]: each for each in first["learners"] + rest["learners"]}
    assert set(listed) == {"Ada", "Bea"}
    assert listed["Ada"]["statuses"]["needs_reinforcement"] == 1
    assert sum(listed["Bea"]["statuses"].values()) == 0
    assert {each["open_homework"] for each in listed.values()} == {1}
    assert (await classroom.api.get("/v1/courses/crs_none/learners")).status_code == 404
