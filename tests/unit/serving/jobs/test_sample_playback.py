"""The sample lesson where the endpoint has no room for it yet."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from lessons.errors import Conflict
from lessons.store import Database, LessonStore, TrackStore
from serving.jobs.sample_playback import SamplePlayer
from serving.samples import create_sample_lesson

REFUSED_AT_FIRST = 2


class FullEndpoint:
    """A WHIP endpoint that has no room for its first callers, and then another answer."""

    def __init__(self) -> None:
        self.offers = 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.offers += 1
        if self.offers <= REFUSED_AT_FIRST:
            return web.json_response({}, status=503, headers={"Retry-After": "1"})
        return web.json_response({}, status=409)


@pytest.fixture
async def endpoint() -> AsyncIterator[FullEndpoint]:
    full = FullEndpoint()
    app = web.Application()
    app.router.add_post("/v1/lessons/{lesson}/whip", full.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    full.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield full
    await runner.cleanup()


async def test_a_sample_that_finds_no_room_is_tried_again(
    database: Database, tenant_id: str, endpoint: FullEndpoint
) -> None:
    lessons = LessonStore(database)
    lesson = await create_sample_lesson(lessons, tenant_id)
    player = SamplePlayer(lessons, TrackStore(database), endpoint.url, "a secret of the tests")
    with pytest.raises(Conflict):
        await player.play(tenant_id, lesson.id, interrupted=False)
    assert endpoint.offers > REFUSED_AT_FIRST
    assert (await lessons.get_lesson(tenant_id, lesson.id)).status == "ended"
