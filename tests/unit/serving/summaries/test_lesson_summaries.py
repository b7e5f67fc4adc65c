"""From a lesson in a real PostgreSQL to its summary over the API: by the job that writes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text as sql

from lessons.errors import Unavailable
from lessons.events import (
    DATA_TYPES,
    CaptionCorrected,
    EventDraft,
    LearningEvent,
    SummaryCreated,
    SummaryPartWritten,
    SummaryProgressed,
    SummaryWithdrawn,
)
from lessons.identifiers import new_id
from lessons.privacy.consent import Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.commits import CommitLog
from lessons.store.consent_changes import ConsentChange
from lessons.summary import SummaryDocument
from serving.jobs.queue import (
    DEFAULT_QUEUE,
    FOLLOW_CONSENT,
    SUMMARY_QUEUE,
    WRITE_SUMMARY,
    JobQueue,
    job_app,
)
from serving.jobs.queue_workers import working_on
from serving.jobs.summary_worker import FOLLOWER, open_summary_work
from serving.settings import Settings
from serving.summaries.lesson_summaries import LATEST_FIRST, LessonSummaries
from serving.summaries.rewriting import ConsentFollower
from serving.summaries.writing_room import WritingRoom
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


@pytest.fixture(scope="session")
def room() -> WritingRoom:
    return WritingRoom()


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
            start_ms, speaker = number * 6_000, self.people[who]
            data = final(
                text,
                start_ms,
                start_ms + 4_000,
                participant_id=speaker.id,
                participant_name=speaker.name,
                role=speaker.role,
                caption_id=new_id("cap"),
            )
            self.captions.append(data.caption_id)
            draft = EventDraft(data, start_ms, speaker.id, id=data.caption_id)
            await self.services.ledger.append(*self.where, [draft])
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


@pytest.fixture
async def school(
    services: Services, api: httpx.AsyncClient, lesson: Lesson, room: WritingRoom
) -> School:
    roles = {"tutor": Role.INSTRUCTOR, "ada": Role.LEARNER, "ben": Role.LEARNER}
    people = {
        name: await services.lessons.add_participant(
            lesson.tenant_id, lesson.id, name.title(), role
        )
        for name, role in {**roles, "cleo": Role.LEARNER}.items()
    }
    made = School(services, api, lesson, people, LessonSummaries(services.database, room))
    await made.teach()
    return made


def learners(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["participant_id"]: one for one in body["learners"]}


async def test_a_lesson_that_ended_has_a_summary_whose_every_sentence_cites_its_record(
    school: School,
) -> None:
    assert (await school.get()).status_code == 404
    assert (await school.progress())["state"] == "waiting"
    await school.write()
    assert await school.progress() == {
        "state": "written",
        "version": 1,
        "stage": "done",
        "share": 1.0,
    }
    body = (await school.get()).json()
    document = SummaryDocument.model_validate(body)
    known = {event.id for event in await school.events(*DATA_TYPES)} | set(school.captions)
    assert document.claims()
    for claim in document.claims():
        for citation in claim.citations:
            assert {*citation.caption_ids, *citation.event_ids} <= known
    assert [one.objective_id for one in document.objectives] == ["fractions.add"]
    assert document.machine_made
    ada, cleo = (learners(body)[school.people[name].id] for name in ("ada", "cleo"))
    (moment,) = (one for one in ada["moments"] if one["reason"] == "contradicted_answer")
    assert moment["misconception"] == "Adds the tops and the bottoms of fractions, each for itself."
    assert (cleo["observed"], cleo["claims"], cleo["moments"]) == (False, [], [])
    ben = learners(body)[school.people["ben"].id]
    assert (ben["answers_wrong"], ben["moments"][0]["reason"]) == (2, "repeated_error")
    assert "page twelve" in str(body["homework"])
    assert not [one for one in school.people.values() if one.id in _texts(body)]
    told = await school.events(SummaryProgressed.type)
    assert [one.to_wire()["data"]["stage"] for one in told] == ["reading", "writing", "done"]


def _texts(body: dict[str, Any]) -> str:
    return " ".join(claim.text for claim in SummaryDocument.model_validate(body).claims())


async def test_nothing_is_written_twice_nor_before_the_end(
    school: School, services: Services
) -> None:
    first = await school.write()
    assert first is not None
    assert await school.write() is None
    assert len(await school.events(SummaryCreated.type)) == 1
    live = await services.lessons.create_lesson(school.lesson.tenant_id, title="Next")
    await services.lessons.start_lesson(live.tenant_id, live.id)
    assert await school.summaries.write(live.tenant_id, live.id) is None


async def test_what_is_about_a_learner_is_sealed_under_that_learners_key(school: School) -> None:
    await school.write()
    async with school.services.database.transaction(school.lesson.tenant_id) as connection:
        rows = await connection.execute(
            sql(
                "SELECT person_id, data FROM learning_events"
                " WHERE lesson_id = :lesson AND type LIKE 'summary.%'"
            ),
            {"lesson": school.lesson.id},
        )
        stored = rows.all()
    ada = school.people["ada"].person_id
    assert [row for row in stored if row.person_id == ada]
    open_rows = str([row.data for row in stored if row.person_id is None])
    assert "two fifths" not in open_rows
    assert "repeated_error" not in open_rows


async def test_each_reader_sees_what_is_theirs(
    school: School, token_of: TokenOf, services: Services
) -> None:
    await school.write()
    ada, tutor = school.people["ada"], school.people["tutor"]
    assistant = await services.lessons.add_participant(
        *school.where, "Tess", Role.TEACHING_ASSISTANT
    )
    observer = await services.lessons.add_participant(*school.where, "Otto", Role.OBSERVER)
    taught = (await school.get(token_of(tutor))).json()
    (reflection,) = taught["reflections"]
    assert reflection["participant_id"] == tutor.id
    assert reflection["moves"]["pressing_for_accuracy"] == 1
    assert "talk-move-rules" in taught["models"]
    helped = (await school.get(token_of(assistant))).json()
    assert (len(helped["learners"]), helped["reflections"]) == (3, [])
    own = (await school.get(token_of(ada))).json()
    assert (list(learners(own)), own["reflections"]) == ([ada.id], [])
    assert "common denominator" in str(own["segments"])
    assert "page twelve" in str(own["homework"])
    assert school.people["ben"].id not in str({**own, "participant_ids": None})
    assert (await school.get(token_of(observer))).status_code == 403


async def test_who_may_read_a_summary_is_told_how_far_it_is(
    school: School, token_of: TokenOf, services: Services
) -> None:
    ada = token_of(school.people["ada"])
    for stage, share, state in (("reading", 0.0, "writing"), ("failed", 0.9, "failed")):
        await school.tell(
            "summary.progressed",
            None,
            stage=stage,
            share=share,
            summary_id="sum_1",
            summary_version=1,
        )
        told = await school.progress(ada)
        assert (told["state"], told["stage"], told["share"]) == (state, stage, share)
    observer = await services.lessons.add_participant(*school.where, "Otto", Role.OBSERVER)
    assert (await school.progress(token_of(observer)))["status"] == 403
    live = await services.lessons.create_lesson(school.lesson.tenant_id, title="Next")
    path = f"/v1/lessons/{live.id}/summary/progress"
    assert (await school.api.get(path)).json()["state"] == "lesson_not_ended"


async def test_consent_that_is_taken_back_withdraws_the_summary_and_has_it_written_without_them(
    school: School,
) -> None:
    await school.write()
    ada = school.people["ada"].id
    await school.revoke("ada", school.lesson.id, Purpose.SIGNALS)
    at_once = (await school.get()).json()
    assert ada not in str(at_once["learners"])
    second = await school.write()
    assert second is not None
    assert (second.version, second.replaces) == (2, 1)
    (withdrawn,) = await school.events(SummaryWithdrawn.type)
    assert withdrawn.to_wire()["data"]["summary_version"] == 1
    body = (await school.get()).json()
    assert ada not in str(body)
    assert "two fifths" not in str(body)
    assert await school.write() is None


async def test_a_decision_for_all_lessons_reaches_a_summary_that_was_written(
    school: School, served_database: str
) -> None:
    await school.write()
    ben = school.people["ben"].id
    await school.revoke("ben", None, Purpose.SIGNALS)
    assert ben not in str((await school.get()).json()["learners"])
    app = job_app(served_database)
    async with app.open_async():
        jobs = await app.job_manager.list_jobs_async(queue=SUMMARY_QUEUE, status="todo")
    assert school.lesson.id in [job.task_kwargs["lesson_id"] for job in jobs]
    second = await school.write()
    assert second is not None
    assert ben not in second.model_dump_json()


@pytest.mark.parametrize(("purpose", "for_all"), [("signals", False), ("captions", True)])
async def test_consent_that_is_given_again_has_the_summary_written_with_them_again(
    school: School, purpose: str, for_all: bool
) -> None:
    ada = school.people["ada"]
    place = f"/v1/lessons/{school.lesson.id}/participants/{ada.id}/consents"
    path = f"/v1/people/{ada.person_id}/consents" if for_all else place
    await school.write()
    assert (await school.api.delete(f"{path}/{purpose}")).status_code == 200
    without = await school.write()
    assert without is not None
    assert "five sixths" not in without.model_dump_json()
    given = {"purposes": [purpose], "basis": "guardian"}
    assert (await school.api.post(path, json=given)).status_code == 201
    again = await school.write()
    assert again is not None
    assert (again.version, again.replaces) == (3, 2)
    assert "five sixths" in _texts((await school.get()).json())
    assert len(await school.events(SummaryWithdrawn.type)) == 1
    assert (await school.api.post(path, json=given)).status_code == 201
    assert await school.write() is None


async def test_a_decision_for_all_lessons_is_followed_though_the_service_stops_right_after_it(
    school: School, served_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await school.write()
    follow, ada = JobQueue.follow_consent, school.people["ada"]

    async def stops(queue: JobQueue, tenant_id: str, person_id: str, *delay: timedelta) -> None:
        if not delay:
            raise Unavailable("The service stops.")
        await follow(queue, tenant_id, person_id, *delay)

    monkeypatch.setattr(JobQueue, "follow_consent", stops)
    path = f"/v1/people/{ada.person_id}/consents/captions"
    assert (await school.api.delete(path)).status_code == 503
    assert await jobs_about(ada.person_id, served_database) == [FOLLOW_CONSENT]
    services = school.services
    follower = ConsentFollower(services.database, services.jobs)
    await follower.follow(school.lesson.tenant_id, ada.person_id)
    assert WRITE_SUMMARY in await jobs_about(school.lesson.id, served_database)


async def test_who_writes_is_woken_by_news_and_never_by_what_it_wrote_itself(
    school: School, served_database: str, settings: Settings, token_of: TokenOf
) -> None:
    database, commits = school.services.database, CommitLog(school.services.database)
    tenant_id, lesson_id = school.where

    async def has_news(types: tuple[str, ...] | None) -> bool:
        return lesson_id in await commits.lessons_with_news(FOLLOWER, tenant_id, types)

    async with open_summary_work(settings, served_database, database, school.services.feed) as work:
        async with asyncio.timeout(30):
            while await has_news(None):
                news = await commits.news(FOLLOWER)
                await commits.acknowledge(FOLLOWER, news.horizon)
        document = await school.write()
        assert document is not None
        path = f"/v1/lessons/{lesson_id}/summary/corrections"
        removed = {"claim_id": document.claims()[0].claim_id, "removed": True}
        tutor = {"Authorization": f"Bearer {token_of(school.people['tutor'])}"}
        assert (await school.api.post(path, json=removed, headers=tutor)).status_code == 201
        async with asyncio.timeout(30):
            while not await has_news(None):
                await asyncio.sleep(0.05)
        await work.relay.relay(tenant_id)
        assert await jobs_about(lesson_id, served_database) == []
        await school.tell(
            "caption.corrected",
            60_000,
            caption_id=school.captions[0],
            revision=9,
            text="Hello.",
            corrected_by="key",
        )
        async with asyncio.timeout(30):
            while not await has_news((CaptionCorrected.type,)):
                await asyncio.sleep(0.05)
        await work.relay.relay(tenant_id)
        assert await jobs_about(lesson_id, served_database) == [WRITE_SUMMARY]


async def jobs_about(whom: str, database_url: str) -> list[str]:
    """Return the tasks of the jobs that wait for a lesson or a person."""
    app = job_app(database_url)
    async with app.open_async():
        jobs = await app.job_manager.list_jobs_async(status="todo")
    return [job.task_name for job in jobs if whom in job.task_kwargs.values()]


async def test_who_was_erased_is_not_in_a_summary_any_more(school: School) -> None:
    await school.write()
    ada = school.people["ada"]
    await school.services.erasures.erase(school.lesson.tenant_id, ada.person_id, "key")
    parts = [one.data for one in await school.events(SummaryPartWritten.type)]
    told = {one.part.participant_id for one in parts if isinstance(one, SummaryPartWritten)}
    assert ada.id not in told
    assert school.people["ben"].id in told
    body = (await school.get()).json()
    assert ada.id not in str(body["learners"])
    assert "two fifths" not in str(body)


async def test_a_tutors_words_are_sealed_under_the_tutors_key_and_go_with_the_tutor(
    school: School, token_of: TokenOf
) -> None:
    await school.write()
    tutor, own = school.people["tutor"], token_of(school.people["ada"])
    async with school.services.database.transaction(school.lesson.tenant_id) as connection:
        rows = await connection.execute(
            sql(
                "SELECT data FROM learning_events WHERE lesson_id = :lesson"
                " AND type LIKE 'summary.%' AND person_id IS NULL"
            ),
            {"lesson": school.lesson.id},
        )
        in_the_open = str(rows.all())
    assert "“" not in in_the_open.replace("“fractions.add”", "").replace(
        "“Adding unlike fractions”", ""
    )
    assert "page twelve" in str((await school.get(own)).json())
    await school.services.erasures.erase(school.lesson.tenant_id, tutor.person_id, "key")
    body = (await school.get(own)).json()
    assert "five sixths" in _texts(body)
    for words in ("page twelve", "common denominator"):
        assert words not in _texts(body)


async def test_what_was_put_right_in_a_sentence_holds_though_its_captions_are_put_right_too(
    school: School, token_of: TokenOf
) -> None:
    document = await school.write()
    assert document is not None
    (objective,), (homework,) = document.objective_claims, document.homework
    cited = {one for each in objective.citations for one in each.caption_ids}
    assert cited
    tutor = {"Authorization": f"Bearer {token_of(school.people['tutor'])}"}
    path = f"/v1/lessons/{school.lesson.id}/summary/corrections"
    for claim in (objective, homework):
        body = {"claim_id": claim.claim_id, "text": f"Right: {claim.kind}."}
        assert (await school.api.post(path, json=body, headers=tutor)).status_code == 201
    said = "For homework, please do questions one to six on page fourteen."
    for caption_id, text in ((min(cited), "Let us open the window."), (school.captions[-1], said)):
        await school.tell(
            "caption.corrected",
            60_000,
            caption_id=caption_id,
            revision=9,
            text=text,
            corrected_by="key",
        )
    second = await school.write()
    assert second is not None
    assert cited != {
        one for each in second.objective_claims[0].citations for one in each.caption_ids
    }
    assert "page fourteen" in second.homework[0].text
    body = (await school.get()).json()
    texts = {one["claim_id"]: one["text"] for one in [*body["objective_claims"], *body["homework"]]}
    assert texts[objective.claim_id] == "Right: objective_covered."
    assert texts[homework.claim_id] == "Right: homework."


async def test_a_correction_quotes_nobody_where_the_sentence_is_nobodys(
    school: School, token_of: TokenOf
) -> None:
    document = await school.write()
    assert document is not None
    (objective,) = document.objective_claims
    headers = {"Authorization": f"Bearer {token_of(school.people['tutor'])}"}
    path = f"/v1/lessons/{school.lesson.id}/summary/corrections"
    quoted = {"claim_id": objective.claim_id, "text": "Ada said “five sixths” in the end."}
    refused = await school.api.post(path, json=quoted, headers=headers)
    assert (refused.status_code, refused.json()["field"]) == (422, "text")
    titled = {"claim_id": objective.claim_id, "text": f"“{objective.title}” took all the time."}
    assert (await school.api.post(path, json=titled, headers=headers)).status_code == 201


async def test_a_correction_holds_at_once_and_in_the_next_version(
    school: School, token_of: TokenOf
) -> None:
    document = await school.write()
    assert document is not None
    kept, gone = document.homework[0], document.segments[0].claims[0]
    path = f"/v1/lessons/{school.lesson.id}/summary/corrections"
    tutor = {"Authorization": f"Bearer {token_of(school.people['tutor'])}"}
    learner = {"Authorization": f"Bearer {token_of(school.people['ada'])}"}
    said = "All were confused; questions one to six."
    right = {"claim_id": kept.claim_id, "text": said, "remark": "Six."}
    assert (await school.api.post(path, json=right, headers=learner)).status_code == 403
    assert (await school.api.post(path, json=right, headers=tutor)).status_code == 201
    removed = {"claim_id": gone.claim_id, "removed": True}
    assert (await school.api.post(path, json=removed, headers=tutor)).status_code == 201
    unknown = await school.api.post(path, json={"claim_id": "x", "removed": True}, headers=tutor)
    assert (unknown.status_code, unknown.json()["field"]) == (404, "claim_id")
    both = {"claim_id": kept.claim_id, "removed": True, "text": "No."}
    assert (await school.api.post(path, json=both, headers=tutor)).status_code == 422
    await school.tell(
        "caption.corrected",
        60_000,
        caption_id=school.captions[0],
        revision=9,
        text="Good morning, class. Today we add fractions.",
        corrected_by="key",
    )
    assert (await school.write()) is not None
    body = (await school.get()).json()
    assert body["version"] == 2
    told = [*body["homework"], *(one for each in body["segments"] for one in each["claims"])]
    by_id = {claim["claim_id"]: claim for claim in told}
    assert by_id[kept.claim_id]["text"] == said
    assert by_id[kept.claim_id]["corrected_by"] == school.people["tutor"].id
    assert gone.claim_id not in by_id


async def test_a_lesson_of_long_ago_gets_no_summary_by_itself(school: School) -> None:
    later = datetime.now(UTC) + LATEST_FIRST
    old = LessonSummaries(school.services.database, WritingRoom(), lambda: later)
    assert await old.write(*school.where) is None
    assert await school.events(SummaryCreated.type) == []


async def test_a_tenant_may_switch_summaries_off(school: School) -> None:
    await school.services.tenants.change(
        school.lesson.tenant_id,
        school.lesson.tenant_id,
        settings={"features": {"summaries": False}},
    )
    assert await school.write() is None
    refused = (await school.get()).json()
    assert "features.summaries" in refused["fix"]
    assert (await school.progress())["state"] == "switched_off"


async def test_a_lesson_in_which_nothing_happened_has_an_empty_summary(
    services: Services, school: School
) -> None:
    lesson = await services.lessons.create_lesson(school.lesson.tenant_id, title="Empty")
    await services.lessons.start_lesson(lesson.tenant_id, lesson.id)
    await services.lessons.end_lesson(lesson.tenant_id, lesson.id)
    document = await school.summaries.write(lesson.tenant_id, lesson.id)
    assert document is not None
    assert (document.objectives, document.learners, document.segments) == ([], [], [])


@pytest.fixture
async def working(
    school: School, served_database: str, settings: Settings
) -> AsyncIterator[School]:
    """The school while a jobs process works on summaries."""
    app = job_app(served_database)
    feed, database = school.services.feed, school.services.database
    async with open_summary_work(settings, served_database, database, feed) as work:
        work.register(app)
        async with (
            app.open_async(),
            working_on(app, DEFAULT_QUEUE, concurrency=1),
            working_on(app, SUMMARY_QUEUE, concurrency=1),
        ):
            # All tenants of other tests have news as well: only this one is looked at.
            await work.relay.relay(school.lesson.tenant_id)
            yield school


async def test_the_end_of_a_lesson_and_a_decision_for_all_are_enough_for_a_summary_to_come(
    working: School,
) -> None:
    async with asyncio.timeout(300):
        while (await working.get()).status_code == 404:
            await asyncio.sleep(0.3)
    first = (await working.get()).json()
    assert first["version"] == 1
    assert "five sixths" in _texts(first)
    ada = working.people["ada"]
    path = f"/v1/people/{ada.person_id}/consents/captions"
    assert (await working.api.delete(path)).status_code == 200
    async with asyncio.timeout(300):
        # Nobody reads it meanwhile.
        while len(await working.events(SummaryCreated.type)) < 2:
            await asyncio.sleep(0.3)
    body = (await working.get()).json()
    assert body["version"] == 2
    assert "five sixths" not in _texts(body)
