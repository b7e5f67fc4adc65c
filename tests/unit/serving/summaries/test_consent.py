"""Summaries follow what people consent to, before and after they are written."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from lessons.errors import Unavailable
from lessons.events import (
    CaptionCorrected,
    SummaryCreated,
    SummaryWithdrawn,
)
from lessons.privacy.consent import Purpose
from lessons.store.commits import CommitLog
from serving.jobs.queue import (
    FOLLOW_CONSENT,
    SUMMARY_QUEUE,
    WRITE_SUMMARY,
    JobQueue,
    job_app,
)
from serving.jobs.summary_worker import FOLLOWER, open_summary_work
from serving.settings import Settings
from serving.summaries.rewriting import ConsentFollower
from tests.unit.serving.summaries.school import School, TokenOf, texts_of


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
    assert "five sixths" in texts_of((await school.get()).json())
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


async def test_the_end_of_a_lesson_and_a_decision_for_all_are_enough_for_a_summary_to_come(
    working: School,
) -> None:
    async with asyncio.timeout(300):
        while (await working.get()).status_code == 404:
            await asyncio.sleep(0.3)
    first = (await working.get()).json()
    assert first["version"] == 1
    assert "five sixths" in texts_of(first)
    ada = working.people["ada"]
    path = f"/v1/people/{ada.person_id}/consents/captions"
    assert (await working.api.delete(path)).status_code == 200
    async with asyncio.timeout(300):
        # Nobody reads it meanwhile.
        while len(await working.events(SummaryCreated.type)) < 2:
            await asyncio.sleep(0.3)
    body = (await working.get()).json()
    assert body["version"] == 2
    assert "five sixths" not in texts_of(body)
