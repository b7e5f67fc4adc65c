"""The sample's class, posted to a real gateway as the people of the class."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from fastapi import FastAPI

from lessons.records import Lesson
from serving.jobs.sample_class_playback import SampleClassPlayer
from serving.sample_class import sample_class
from serving.samples import create_sample_lesson
from serving.web.services import Services
from tests.unit.serving.serving_app import serve


def begun_long_ago(lesson: Lesson) -> Lesson:
    """Return the lesson as if all of the class lay behind it, so that nothing is waited for."""
    assert lesson.started_at is not None
    began = lesson.started_at - timedelta(milliseconds=sample_class().duration_ms)
    return lesson.model_copy(update={"started_at": began})


async def test_the_class_tells_all_of_it_as_its_people(
    app: FastAPI, services: Services, tenant_id: str
) -> None:
    lesson = await create_sample_lesson(services.lessons, tenant_id)
    lesson = await services.lessons.start_lesson(tenant_id, lesson.id)
    async with serve(app) as url:
        player = SampleClassPlayer(services.lessons, url, services.settings.signing_secret())
        await player.play(begun_long_ago(lesson))
    people = {
        one.id: one.name for one in await services.lessons.list_participants(tenant_id, lesson.id)
    }
    events = await services.ledger.read(tenant_id, lesson.id, 0, 1_000)
    told = Counter((people[one.subject], one.type) for one in events if one.subject is not None)
    script = Counter(
        (name, event["type"])
        for _, everybody in sample_class().buckets()
        for name, posted in everybody
        for event in posted
    )
    assert told == script


async def test_a_class_whose_lesson_has_ended_tells_nothing(
    services: Services, tenant_id: str
) -> None:
    lesson = await create_sample_lesson(services.lessons, tenant_id)
    lesson = await services.lessons.start_lesson(tenant_id, lesson.id)
    await services.lessons.end_lesson(tenant_id, lesson.id)
    player = SampleClassPlayer(services.lessons, "http://127.0.0.1:9", "a secret of the tests")
    await player.play(begun_long_ago(lesson))
    events = await services.ledger.read(tenant_id, lesson.id, 0, 100)
    assert [one.type for one in events] == ["lesson.started", "lesson.ended"]
