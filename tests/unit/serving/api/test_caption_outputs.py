"""A lesson's captions for Zoom over HTTP: who may name a meeting, and what is told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from sqlalchemy import select

from lessons.events import EventDraft
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.tables import caption_outputs
from serving.jobs.zoom_worker import open_zoom_work
from serving.settings import Settings
from serving.web.services import Services
from tests.unit.integrations.captions.spoken import final
from tests.unit.integrations.captions.zoom_meeting import SIGNATURE, Meeting, running_meeting


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_allowed_networks": ["127.0.0.1/32"]})


@pytest.fixture
async def meeting() -> AsyncIterator[Meeting]:
    async with running_meeting() as running:
        yield running


@pytest.fixture
def path(lesson: Lesson) -> str:
    return f"/v1/lessons/{lesson.id}/caption-outputs/zoom"


async def test_a_meeting_is_named_followed_and_forgotten(
    api: httpx.AsyncClient,
    services: Services,
    settings: Settings,
    served_database: str,
    lesson: Lesson,
    learner: Participant,
    meeting: Meeting,
    path: str,
) -> None:
    assert (await api.get(path)).status_code == 404
    named = await api.put(path, json={"url": meeting.url, "language": "en-GB"})
    assert named.status_code == 200, named.text
    assert named.json()["host"] == "127.0.0.1"
    assert named.json()["sent"] == 0
    data = final("three quarters", 0, 900, caption_id="cap_1", participant_id=learner.id)
    where = (lesson.tenant_id, lesson.id)
    await services.ledger.append(*where, [EventDraft(data, 0, learner.id, id="cap_1")])
    async with open_zoom_work(
        settings, served_database, services.database, services.feed, pace_seconds=0
    ) as work:
        await work.captions.send(*where)
    told = (await api.get(path)).json()
    assert (told["status"], told["sent"], told["last_error"]) == ("active", 1, None)
    assert told["last_sent_at"]
    assert meeting.lines == ["Ada: three quarters\n"]
    assert (await api.delete(path)).status_code == 204
    assert (await api.delete(path)).status_code == 404


async def test_the_url_is_a_secret_that_nothing_shows(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, meeting: Meeting, path: str
) -> None:
    answers = [await api.put(path, json={"url": meeting.url}), await api.get(path)]
    answers.append(await api.get("/v1/audit"))
    assert "send captions to zoom" in answers[-1].text
    async with services.database.transaction(lesson.tenant_id) as connection:
        rows = (await connection.execute(select(caption_outputs))).all()
    assert len(rows) == 1
    for text in (*(answer.text for answer in answers), str(rows)):
        assert SIGNATURE not in text


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://127.0.0.2/closedcaption?id=1", "internal address"),
        ("https://[::1]/closedcaption?id=1", "internal address"),
        ("https://127.0.0.1/j/12345", "caption URL"),
        ("ftp://127.0.0.1/closedcaption?id=1", "http(s)"),
    ],
)
async def test_addresses_that_captions_may_not_go_to_are_refused(
    api: httpx.AsyncClient, path: str, url: str, reason: str
) -> None:
    answer = await api.put(path, json={"url": url})
    assert (answer.status_code, answer.json()["field"]) == (422, "url")
    assert reason in answer.json()["detail"]


async def test_only_whoever_teaches_the_lesson_names_a_meeting(
    api: httpx.AsyncClient,
    services: Services,
    lesson: Lesson,
    learner: Participant,
    meeting: Meeting,
    path: str,
    token_of: Callable[..., str],
) -> None:
    body = {"url": meeting.url}
    headers = {"Authorization": f"Bearer {token_of(learner)}"}
    assert (await api.put(path, json=body, headers=headers)).status_code == 403
    assert (await api.get(path, headers=headers)).status_code == 403
    teacher = await services.lessons.add_participant(
        lesson.tenant_id, lesson.id, "Ines", Role.INSTRUCTOR
    )
    headers = {"Authorization": f"Bearer {token_of(teacher)}"}
    assert (await api.put(path, json=body, headers=headers)).status_code == 200
