"""Finds live lessons and follows those that it can claim, each on its own: none holds up others."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from prometheus_client import Gauge

from lessons.errors import LecternError
from lessons.records import Lesson
from lessons.store.lesson_claims import LessonClaims
from lessons.store.live_lessons import LessonKey, LiveLessons
from lessons.store.regions import WrongRegion

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often to look for lessons that began, or that lost the process that followed them."""

MOST_LESSONS = 500
"""Lessons that one process follows; others are left to other processes."""

MOST_CANDIDATES = 10_000
REST_SECONDS = 30.0
"""How long a lesson is left alone in which something broke, and one that is to be left alone."""


Follow = Callable[[Lesson], Coroutine[Any, Any, None]]
"""Follows one lesson for as long as it is live and its tenant wants that."""


@dataclass(frozen=True, slots=True)
class _Followed:
    tenant_id: str
    task: asyncio.Task[None]


class LessonFollower:
    """Follows live lessons of all tenants.

    Several processes share the lessons between them: each is followed by whoever claims it first,
    and by another one within seconds when that one dies.

    Args:
        claims: of one kind of work; followers of another kind have claims of their own.
        follow: does that work for one lesson.
        followed: shows how many lessons this process follows.
    """

    def __init__(
        self, live: LiveLessons, claims: LessonClaims, follow: Follow, followed: Gauge
    ) -> None:
        self._live = live
        self._claims = claims
        self._follow_one = follow
        self._followed = followed
        self._mark = 0
        self._candidates: dict[str, str] = {}
        self._resting: dict[str, float] = {}
        self._following: dict[str, _Followed] = {}

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow while the block runs."""
        task = asyncio.create_task(self._run(), name="lesson-follower")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.leave()

    async def look(self) -> None:
        """Look once: take up what began, put down what ended.

        Raises:
            Unavailable: the database does not answer; all claims are lost.
        """
        await self._put_down()
        await self._claims.check()
        news = await self._live.news(self._mark)
        self._mark = news.mark
        self._add(news.lessons)
        await self._take_up()
        self._followed.set(len(self._following))

    @property
    def lessons(self) -> list[str]:
        """Ids of the lessons that are followed now."""
        return list(self._following)

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except LecternError as error:
                logger.warning("lessons are left to others: %s", error)
                await self.leave()
            await asyncio.sleep(LOOK_SECONDS)

    def _add(self, lessons: Iterable[LessonKey]) -> None:
        for tenant_id, lesson_id in lessons:
            if lesson_id not in self._following:
                self._candidates[lesson_id] = tenant_id
        while len(self._candidates) > MOST_CANDIDATES:
            self._candidates.pop(next(iter(self._candidates)))

    async def _take_up(self) -> None:
        now = time.monotonic()
        self._resting = {one: until for one, until in self._resting.items() if until > now}
        room = MOST_LESSONS - len(self._following)
        wanted = [one for one in self._candidates if one not in self._resting][: max(0, room)]
        for lesson_id in wanted:  # Whoever is not claimed now goes to the end of the line.
            self._candidates[lesson_id] = self._candidates.pop(lesson_id)
        claimed = await self._claims.claim(wanted) if wanted else []
        by_tenant: defaultdict[str, list[str]] = defaultdict(list)
        for lesson_id in claimed:
            by_tenant[self._candidates.pop(lesson_id)].append(lesson_id)
        for tenant_id, lesson_ids in by_tenant.items():
            live = {lesson.id: lesson for lesson in await self._of(tenant_id, lesson_ids)}
            for lesson_id in lesson_ids:
                if lesson_id in live:
                    self._follow(live[lesson_id])
                else:
                    await self._claims.release(lesson_id)

    async def _of(self, tenant_id: str, lesson_ids: list[str]) -> list[Lesson]:
        """Return the live ones; none of a tenant that belongs to another region."""
        try:
            return await self._live.live(tenant_id, lesson_ids)
        except WrongRegion as error:
            logger.info("lessons of %s are not followed: %s", tenant_id, error)
            return []

    def _follow(self, lesson: Lesson) -> None:
        task = asyncio.create_task(self._follow_one(lesson), name=f"lesson-{lesson.id}")
        self._following[lesson.id] = _Followed(lesson.tenant_id, task)

    async def _put_down(self) -> None:
        """Give back lessons that are over; one in which something broke is tried again later."""
        for lesson_id, followed in list(self._following.items()):
            task = followed.task
            if not task.done():
                continue
            del self._following[lesson_id]
            self._resting[lesson_id] = time.monotonic() + REST_SECONDS
            broken = None if task.cancelled() else task.exception()
            if broken is not None:
                logger.error("lesson %s is left alone for a while", lesson_id, exc_info=broken)
                self._candidates[lesson_id] = followed.tenant_id
            await self._claims.release(lesson_id)

    async def leave(self) -> None:
        """Stop following: the claims are gone, or soon will be."""
        tasks = [followed.task for followed in self._following.values()]
        self._following = {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._mark = 0
        await self._claims.close()
