"""A summary reaches the learner's record and the next briefing, and so does its correction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from lessons.events import EventDraft, SummaryWithdrawn
from lessons.learning_record import Evidence
from lessons.records import Lesson, Participant
from lessons.summary import SummaryDocument, mention
from serving.jobs.learning_record import LearningRecordFollower
from serving.mail import Mailer
from serving.recaps.delivery import RecapDelivery
from serving.recaps.keeping import RecapKeeping
from serving.web.services import Services
from tests.unit.operations.recaps.summaries import claim, moment, objective
from tests.unit.serving.recaps.lesson_with_summary import write_summary

CURRICULUM = "code,statement\nadd,Add fractions\ncompare,Compare fractions\n"


@dataclass
class Course:
    """Three lessons of a course with the same two learners."""

    api: httpx.AsyncClient
    services: Services
    tenant_id: str
    objectives: dict[str, str]
    lessons: list[Lesson]
    places: list[dict[str, Participant]]

    def document(self, number: int, **changes: Any) -> SummaryDocument:
        add = self.objectives["add"]
        ada = self.places[number]["Ada"].id
        answered = claim(
            "r-1", "response", f"{mention(ada)} gave a reason.", subject=ada, objective_id=add
        )
        given = {
            "summary_id": f"sum_{number}",
            "lesson_id": self.lessons[number].id,
            "version": 1,
            "objectives": [objective(add, "Add fractions")],
            "learners": [
                {"participant_id": ada, "observed": True, "claims": [answered]},
                {"participant_id": self.places[number]["Ben"].id, "observed": False},
            ],
            "writer": "extractive",
            "writer_version": "1",
        }
        return SummaryDocument.model_validate({**given, **changes})

    def about(self, number: int, claim_id: str, kind: str, code: str) -> dict[str, Any]:
        ada = self.places[number]["Ada"].id
        text = f"{mention(ada)} and this."
        return claim(claim_id, kind, text, subject=ada, objective_id=self.objectives[code])

    async def summarise(self, number: int, **changes: Any) -> None:
        document = self.document(number, **changes)
        await write_summary(self.services, self.lessons[number], document)

    async def tell(self, number: int, data: Any) -> None:
        where = (self.tenant_id, self.lessons[number].id)
        await self.services.ledger.append(*where, [EventDraft(data, None)])

    async def correct(self, number: int, claim_id: str, **how: Any) -> None:
        """Put a sentence of a summary right over the API, or take it out."""
        path = f"/v1/lessons/{self.lessons[number].id}/summary/corrections"
        answer = await self.api.post(path, json={"claim_id": claim_id, **how})
        assert answer.status_code == 201, answer.text

    async def recap_of(self, number: int, name: str) -> dict[str, Any]:
        """Return the recap about a learner as it stands once recaps were seen to."""
        database, jobs = self.services.database, self.services.jobs
        delivery = RecapDelivery(database, Mailer(None, "a@b.example"), "https://s.example")
        keeping = RecapKeeping(database, delivery, jobs)
        await keeping.see_to(self.tenant_id, self.lessons[number].id)
        listed = await self.api.get(f"/v1/lessons/{self.lessons[number].id}/recaps")
        found: list[dict[str, Any]] = listed.json()["recaps"]
        return next(one for one in found if one["child"] == name)

    async def evidence(self, name: str, code: str = "add") -> list[Evidence]:
        model = self.services.learning_record.model
        await LearningRecordFollower(self.services.database, model).catch_up_tenant(self.tenant_id)
        person = self.places[0][name].person_id
        reader = self.services.learning_record.reader
        found = await reader.evidence(self.tenant_id, person, self.objectives[code], limit=100)
        return sorted(found, key=lambda one: one.response)

    async def briefing(self) -> dict[str, Any]:
        answer = await self.api.get(f"/v1/lessons/{self.lessons[-1].id}/briefing")
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read


@pytest.fixture
async def course(api: httpx.AsyncClient, services: Services, tenant_id: str) -> Course:
    headers = {"Content-Type": "text/csv"}
    imported = await api.post(
        "/v1/curricula/import/csv", params={"title": "F"}, content=CURRICULUM, headers=headers
    )
    curriculum_id = imported.json()["curriculum"]["id"]
    listed = (await api.get(f"/v1/curricula/{curriculum_id}/objectives")).json()["objectives"]
    body = {"title": "6b", "curriculum_id": curriculum_id}
    course_id = (await api.post("/v1/courses", json=body)).json()["id"]
    lessons, places = [], []
    for title in ("First", "Second", "Third"):
        made = (await api.post("/v1/lessons", json={"title": title})).json()
        where = f"/v1/lessons/{made['id']}"
        await api.put(f"{where}/course", json={"course_id": course_id})
        there = {}
        for name in ("Ada", "Ben"):
            person = {"name": name, "role": "learner", "external_id": name}
            added = (await api.post(f"{where}/participants", json=person)).json()
            there[name] = Participant.model_validate(added)
        if title != "Third":
            await api.post(f"{where}/start")
            await api.post(f"{where}/end")
        lessons.append(await services.lessons.get_lesson(tenant_id, made["id"]))
        places.append(there)
    ids = {one["code"]: one["id"] for one in listed}
    return Course(api, services, tenant_id, ids, lessons, places)


async def test_a_summary_adds_what_was_covered_and_practised_and_never_an_outcome(
    course: Course,
) -> None:
    await course.summarise(0)
    found = await course.evidence("Ada")
    assert [(one.kind, one.outcome) for one in found] == [("covered", None), ("practice", None)]
    assert await course.evidence("Ben") == []


async def test_a_correction_is_read_into_the_record_and_a_withdrawal_too(course: Course) -> None:
    await course.summarise(0)
    assert len(await course.evidence("Ada")) == 2
    await course.correct(0, "r-1", removed=True)
    assert [one.kind for one in await course.evidence("Ada")] == ["covered"]
    await course.tell(
        0, SummaryWithdrawn(summary_id="sum_0", summary_version=1, reason="consent_revoked")
    )
    assert await course.evidence("Ada") == []


async def test_a_new_version_takes_the_place_of_the_old_one(course: Course) -> None:
    await course.summarise(0)
    assert len(await course.evidence("Ada")) == 2
    compare = objective(course.objectives["compare"], "Compare fractions")
    await course.summarise(0, version=2, replaces=1, objectives=[compare], learners=[])
    assert await course.evidence("Ada") == []
    ada = course.places[0]["Ada"].id
    tried = moment(ada, "hedge", course.objectives["compare"])
    learner = {"participant_id": ada, "observed": True, "moments": [tried]}
    await course.summarise(0, version=3, replaces=2, objectives=[compare], learners=[learner])
    found = await course.evidence("Ada", "compare")
    assert [one.kind for one in found] == ["covered", "practice"]


async def test_the_briefing_has_the_last_summary_with_its_corrections(course: Course) -> None:
    need = course.about(1, "need", "needs_reinforcement", "add")
    asked = claim("asked", "open_question", "Why is it so?")
    await course.summarise(1, reinforcement=[need], open_questions=[asked])
    (newest, earlier) = (await course.briefing())["last_lessons"]
    assert earlier["summary"] is None
    (sentence,) = newest["summary"]["needs"]
    assert sentence["text"] == "Ada and this."
    assert sentence["learner"]["name"] == "Ada"
    assert sentence["objective"]["code"] == "add"
    assert sentence["caption_ids"] == ["cap-1"]
    assert [one["text"] for one in newest["summary"]["open_questions"]] == ["Why is it so?"]
    await course.correct(1, "need", text="Put right.")
    newest = (await course.briefing())["last_lessons"][0]
    assert [one["text"] for one in newest["summary"]["needs"]] == ["Put right."]
    await course.correct(1, "need", removed=True)
    newest = (await course.briefing())["last_lessons"][0]
    assert newest["summary"]["needs"] == []


async def test_a_correction_reaches_a_recap_that_nobody_has_approved_yet(course: Course) -> None:
    need = course.about(1, "need", "needs_reinforcement", "compare")
    strong = course.about(1, "strong", "strong_moment", "add")
    compare = objective(course.objectives["compare"], "Compare fractions")
    await course.summarise(1, reinforcement=[need], strong_moments=[strong], objectives=[compare])
    recap = await course.recap_of(1, "Ada")
    assert [one["claim_ids"] for one in recap["content"]["practise"]] == [["need"]]
    await course.correct(1, "strong", text="It was done without help.")
    await course.correct(1, "need", removed=True)
    again = await course.recap_of(1, "Ada")
    assert (again["version"], again["status"]) == (2, "draft")
    assert again["content"]["practise"] == []
    assert [one["text"] for one in again["content"]["went_well"]] == ["It was done without help."]


async def test_the_briefing_says_nothing_of_whoever_took_consent_back(course: Course) -> None:
    need = course.about(1, "need", "needs_reinforcement", "add")
    await course.summarise(1, reinforcement=[need])
    ada = course.places[1]["Ada"].person_id
    await course.api.delete(f"/v1/people/{ada}/consents/signals")
    newest = (await course.briefing())["last_lessons"][0]
    assert newest["summary"]["needs"] == []


async def test_what_does_not_fit_together_is_shown_with_both_sides(course: Course) -> None:
    strong = course.about(0, "strong", "strong_moment", "add")
    plan = claim("plan", "next_step", "Compare.", objective_id=course.objectives["compare"])
    await course.summarise(0, strong_moments=[strong], next_plan=[plan])
    need = course.about(1, "need", "needs_reinforcement", "add")
    await course.summarise(1, reinforcement=[need])
    found = {one["kind"]: one for one in (await course.briefing())["contradictions"]}
    assert set(found) == {"planned_not_taught", "went_well_before"}
    missed, fell = found["planned_not_taught"], found["went_well_before"]
    assert (missed["objective"]["code"], missed["earlier"]["claim_id"]) == ("compare", "plan")
    assert fell["learner"]["name"] == "Ada"
    assert (fell["earlier"]["claim_id"], fell["later"]["claim_id"]) == ("strong", "need")
    for place in (missed["earlier"], fell["earlier"], fell["later"]):
        assert (place["caption_ids"], place["lesson_time_ms"]) == (["cap-1"], 61_000)
    await course.correct(0, "strong", removed=True)
    after = [one["kind"] for one in (await course.briefing())["contradictions"]]
    assert after == ["planned_not_taught"]


async def test_a_summary_that_speaks_against_many_right_answers_is_shown(course: Course) -> None:
    where = f"/v1/lessons/{course.lessons[0].id}/events"
    for number in range(25):
        event = {
            "id": f"a-{number}",
            "type": "assessment.item_answered",
            "subject": course.places[0]["Ada"].id,
            "data": {"item_id": f"q{number}", "correct": True, "objective_id": "add"},
        }
        await course.api.post(where, json=event)
    need = course.about(1, "need", "needs_reinforcement", "add")
    await course.summarise(1, reinforcement=[need])
    await course.evidence("Ada")
    found = (await course.briefing())["contradictions"]
    assert [one["kind"] for one in found] == ["record_says_mastered"]


async def test_lessons_that_agree_have_no_contradictions(course: Course) -> None:
    plan = claim("plan", "next_step", "Add.", objective_id=course.objectives["add"])
    await course.summarise(0, next_plan=[plan])
    await course.summarise(1)
    assert (await course.briefing())["contradictions"] == []
