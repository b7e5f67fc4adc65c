"""The lessons that one ingest worker holds: from their first publication here to their last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from lessons.records import Lesson
from serving.live.live_lesson import LiveLesson
from serving.live.live_vocabulary import LiveVocabulary
from serving.live.worker_stores import Stores

Work = Coroutine[Any, Any, None]


class HeldLessons:
    """Makes a lesson live for its first publication, and closes it after its last.

    Args:
        stores: the record.
        on_ended: what is to be done when a lesson has ended, by its id.
        on_decided: what is to be done when a lesson's participant has another role or has given
            or taken back a consent, by the ids of both.
    """

    def __init__(
        self,
        stores: Stores,
        on_ended: Callable[[str], Work],
        on_decided: Callable[[str, str], Work],
    ) -> None:
        self._stores = stores
        self._on_ended = on_ended
        self._on_decided = on_decided
        self._lessons: dict[str, LiveLesson] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._lessons)

    def __contains__(self, lesson_id: str) -> bool:
        return lesson_id in self._lessons

    @property
    def waiting_events(self) -> int:
        """Finals of all lessons that are not in the ledger yet."""
        return sum(live.waiting_events for live in self._lessons.values())

    def enter(self, lesson: Lesson) -> LiveLesson:
        """Return a lesson for one more publication, which has to `leave` it."""
        live = self._lessons.get(lesson.id)
        if live is None:
            live = LiveLesson(
                lesson,
                self._stores.ledger,
                self._stores.feed,
                LiveVocabulary(lesson, self._stores.vocabulary),
                on_ended=lambda: self._run(self._on_ended(lesson.id)),
                on_decided=lambda person: self._run(self._on_decided(lesson.id, person)),
            )
            self._lessons[lesson.id] = live
        live.publications += 1
        return live

    def leave(self, live: LiveLesson) -> None:
        """Take one publication off a lesson; with the last one it is closed."""
        live.publications -= 1
        if live.publications == 0:
            self._close(live)

    async def close(self) -> None:
        """Close every lesson, and wait until what was said is written out."""
        for live in list(self._lessons.values()):
            self._close(live)
        await asyncio.gather(*self._tasks)

    def _close(self, live: LiveLesson) -> None:
        if self._lessons.pop(live.lesson.id, None) is not None:
            self._run(live.close())

    def _run(self, work: Work) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
