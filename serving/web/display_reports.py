"""What viewers' pages report of when words stood on their screens, put together by lesson.

A class may have hundreds of viewers, so their reports are added up for a while and stored as one
event without any of them in it. What a gateway holds when it dies is lost: half a minute of counts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from lessons.accessibility.histogram import BUCKETS, added
from lessons.errors import LecternError
from lessons.events import CaptionsDisplayed, EventDraft
from lessons.store import Ledger

logger = logging.getLogger(__name__)

GATHERING_SECONDS = 30.0


@dataclass(slots=True)
class _Gathered:
    start_ms: int
    end_ms: int
    word_to_screen: list[int] = field(default_factory=lambda: [0] * BUCKETS)
    reports: int = 0
    clock_uncertainty_ms: int = 0


class DisplayReports:
    """Adds reports up and writes them down.

    Args:
        ledger: where they go.
        gathering_seconds: for how long those of one lesson are added up.
    """

    def __init__(self, ledger: Ledger, gathering_seconds: float = GATHERING_SECONDS) -> None:
        self._ledger = ledger
        self._gathering_seconds = gathering_seconds
        self._gathered: dict[tuple[str, str], _Gathered] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await self.write_all()

    def add(
        self,
        tenant_id: str,
        lesson_id: str,
        span_ms: tuple[int, int],
        word_to_screen: Sequence[int],
        clock_uncertainty_ms: int,
    ) -> None:
        """Take one page's report; one without any words says nothing."""
        if not sum(word_to_screen):
            return
        lesson = (tenant_id, lesson_id)
        gathered = self._gathered.get(lesson)
        if gathered is None:
            gathered = self._gathered[lesson] = _Gathered(*span_ms)
            task = asyncio.create_task(self._write_later(lesson))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        gathered.start_ms = min(gathered.start_ms, span_ms[0])
        gathered.end_ms = max(gathered.end_ms, span_ms[1])
        gathered.word_to_screen = added(gathered.word_to_screen, word_to_screen)
        gathered.reports += 1
        gathered.clock_uncertainty_ms = max(gathered.clock_uncertainty_ms, clock_uncertainty_ms)

    async def write_all(self) -> None:
        """Write down what was gathered so far."""
        for lesson in list(self._gathered):
            await self._write(lesson)

    async def _write_later(self, lesson: tuple[str, str]) -> None:
        await asyncio.sleep(self._gathering_seconds)
        await self._write(lesson)

    async def _write(self, lesson: tuple[str, str]) -> None:
        gathered = self._gathered.pop(lesson, None)
        if gathered is None:
            return
        data = CaptionsDisplayed(
            start_ms=gathered.start_ms,
            end_ms=gathered.end_ms,
            word_to_screen=gathered.word_to_screen,
            reports=gathered.reports,
            clock_uncertainty_ms=gathered.clock_uncertainty_ms,
        )
        try:
            await self._ledger.append(*lesson, [EventDraft(data, gathered.end_ms)])
        except LecternError as lost:
            logger.warning("lesson %s: what its viewers saw is not recorded: %s", lesson[1], lost)
