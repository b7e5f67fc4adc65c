"""HLS subtitles of a lesson over HTTP: who gets them, and when they are asked for again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import m3u8
import pytest
from sqlalchemy import update

from lessons.events import EventDraft
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.tables import lessons as lesson_table
from serving.web.services import Services
from tests.row_counting import counting_rows
from tests.unit.integrations.captions.spoken import final


@pytest.fixture
async def spoken(services: Services, lesson: Lesson, learner: Participant) -> str:
    """A lesson that began a minute ago and has one caption over a segment's boundary; its path."""
    began = datetime.now(UTC) - timedelta(minutes=1)
    async with services.database.transaction(lesson.tenant_id) as connection:
        await connection.execute(
            update(lesson_table)
            .where(lesson_table.c.tenant_id == lesson.tenant_id, lesson_table.c.id == lesson.id)
            .values(started_at=began, status="live")
        )
    data = final("three quarters", 5_000, 7_000, participant_id=learner.id, caption_id="cap_1")
    await services.ledger.append(
        lesson.tenant_id, lesson.id, [EventDraft(data, data.start_ms, learner.id, id="cap_1")]
    )
    return f"/v1/lessons/{lesson.id}/captions/hls"


async def test_a_player_follows_the_playlist_with_nothing_but_its_address(
    api: httpx.AsyncClient, spoken: str, learner: Participant, token_of: Callable[..., str]
) -> None:
    api.headers.pop("Authorization")
    where = f"{spoken}/playlist.m3u8?mpegts=126000&access_token={token_of(learner)}"
    answer = await api.get(where)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    read = m3u8.loads(answer.text, uri=f"http://gateway{where}")
    assert not read.is_endlist
    assert 6 <= len(read.segments) <= 7, "of 60 s, but for the last 18"
    texts = [(await api.get(one.absolute_uri)).text for one in read.segments]
    assert all("X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:126000" in text for text in texts)
    assert ["three quarters" in text for text in texts[:3]] == [True, True, False]


async def test_a_segment_is_sent_again_only_when_it_was_corrected(
    api: httpx.AsyncClient, spoken: str
) -> None:
    first = await api.get(f"{spoken}/segment-0.vtt")
    assert first.headers["cache-control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["etag"]}
    again = await api.get(f"{spoken}/segment-0.vtt", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    corrections = f"{spoken.removesuffix('/hls')}/cap_1/corrections"
    assert (await api.post(corrections, json={"text": "three thirds"})).status_code == 201
    corrected = await api.get(f"{spoken}/segment-0.vtt", headers=known)
    assert corrected.status_code == 200
    assert "three thirds" in corrected.text
    other = await api.get(f"{spoken}/segment-2.vtt", headers=known)
    assert "three thirds" not in other.text


async def test_what_is_not_published_yet_is_not_there(api: httpx.AsyncClient, spoken: str) -> None:
    answer = await api.get(f"{spoken}/segment-9.vtt")
    assert (answer.status_code, answer.json()["field"]) == (404, "number")
    bad = await api.get(f"{spoken}/playlist.m3u8", params={"mpegts": 2**33})
    assert (bad.status_code, bad.json()["field"]) == (422, "mpegts")


async def test_the_playlist_ends_with_the_lesson(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, spoken: str
) -> None:
    ended = datetime.now(UTC) - timedelta(seconds=20)
    await services.lessons.end_lesson(lesson.tenant_id, lesson.id)
    async with services.database.transaction(lesson.tenant_id) as connection:
        await connection.execute(
            update(lesson_table)
            .where(lesson_table.c.tenant_id == lesson.tenant_id, lesson_table.c.id == lesson.id)
            .values(ended_at=ended)
        )
    read = m3u8.loads((await api.get(f"{spoken}/playlist.m3u8")).text)
    assert read.is_endlist
    assert sum(one.duration for one in read.segments) == pytest.approx(40, abs=1)


async def test_who_reads_a_segment_is_in_the_disclosure_log(
    api: httpx.AsyncClient, services: Services, spoken: str, tenant_id: str, learner: Participant
) -> None:
    for number in (0, 3):
        await api.get(f"{spoken}/segment-{number}.vtt", headers={"Lectern-Purpose": "subtitles"})
    found = await services.disclosures.list_disclosures(tenant_id, learner.person_id)
    assert [(one.what, one.purpose) for one in found] == [("captions", "subtitles")]


async def test_a_guest_of_another_lesson_gets_nothing(
    api: httpx.AsyncClient,
    services: Services,
    spoken: str,
    tenant_id: str,
    token_of: Callable[..., str],
) -> None:
    other = await services.lessons.create_lesson(tenant_id, title="Poems")
    guest = await services.lessons.add_participant(tenant_id, other.id, "Bo", Role.LEARNER)
    token = token_of(guest, lesson_id=other.id)
    headers = {"Authorization": f"Bearer {token}"}
    assert (await api.get(f"{spoken}/playlist.m3u8", headers=headers)).status_code == 403
    assert (await api.get(f"{spoken}/segment-0.vtt", headers=headers)).status_code == 403


async def test_players_the_record_and_files_read_each_caption_once(
    api: httpx.AsyncClient, services: Services, lesson: Lesson, learner: Participant, spoken: str
) -> None:
    finals = [
        final("three", at_ms, at_ms + 900, participant_id=learner.id)
        for at_ms in range(10_000, 40_000, 1_000)
    ]
    drafts = [EventDraft(one, one.start_ms, learner.id, id=one.caption_id) for one in finals]
    await services.ledger.append(lesson.tenant_id, lesson.id, drafts)
    of_lesson = spoken.removesuffix("/captions/hls")
    asked = [
        f"{spoken}/playlist.m3u8",
        *(f"{spoken}/segment-{number}.vtt" for number in range(6)),
        f"{of_lesson}/captions.vtt",
        f"{of_lesson}/accessibility",
    ]
    with counting_rows(services.database) as rows:
        for path in asked:
            assert (await api.get(path)).status_code == 200
    assert sum(rows) == len(finals) + 1, "nine times as many where each of the nine reads all"
