"""What the lesson is doing: as its plan says, else as its events show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.engagement.columns import SPANS, Columns
from features.engagement.presence import Presence
from features.engagement.roster import Roster
from features.engagement.speech import Speech
from features.engagement.table import Count, Held, LearnerTable, Numbers, Since
from features.engagement.told import Told
from lessons.events import LessonPlanItemCompleted, LessonPlanItemStarted
from lessons.lesson_context import LessonContext

EXPLAINS_NOW = 0.5
"""Share of the last 30 s that those who teach speak when they explain."""

EXPLAINS = 0.4
"""The same of the last two minutes, where nothing else is going on."""

WORKED_MS = 120_000
"""Whoever answered an item within this is working through exercises."""

RECENTLY_MS = 30_000
"""Whoever did something within this is active."""

_SHOWN = tuple(context for context in LessonContext if context is not LessonContext.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Item:
    item_id: str
    started_ms: float
    mode: LessonContext | None
    expected_quiet_ms: float


class LessonFlow:
    """Follows the lesson's plan and what its events show, for each learner."""

    def __init__(
        self, table: LearnerTable, roster: Roster, presence: Presence, speech: Speech
    ) -> None:
        self._table = table
        self._roster = roster
        self._presence = presence
        self._speech = speech
        self._item: _Item | None = None
        self._since: list[tuple[LessonContext, float]] = []
        self._last_end_ms = 0.0
        self._taught = (float("nan"), float("nan"))

    def item_started(self, told: Told) -> None:
        """Read that an item of the plan was taken up; an earlier one that comes late is past."""
        data: LessonPlanItemStarted = told.data
        if self._item is None or told.at_ms >= self._item.started_ms:
            quiet_ms = float(data.expected_quiet_ms or 0)
            self._item = _Item(data.item_id, told.at_ms, data.mode, quiet_ms)

    def item_completed(self, told: Told) -> None:
        """Read that the item was left behind."""
        data: LessonPlanItemCompleted = told.data
        if self._item is not None and self._item.item_id == data.item_id:
            self._item = _Item(data.item_id, max(told.at_ms, self._item.started_ms), None, 0.0)

    def contexts(self, end_ms: float, *, poll_is_open: bool) -> list[LessonContext]:
        """Return what the lesson is doing for each learner at the end of a window."""
        asked = poll_is_open or self._speech.questions.is_open(end_ms)
        mode = self._item.mode if self._item else None
        now, lately = self._taught = (
            self._speech.tutor_share(end_ms, SPANS["30s"]),
            self._speech.tutor_share(end_ms, SPANS["120s"]),
        )
        if mode is LessonContext.BREAK:
            return [mode] * self._table.size
        shared = LessonContext.QUESTION_OPEN if asked else mode
        if shared is None and now >= EXPLAINS_NOW:
            shared = LessonContext.EXPLAINING
        otherwise = LessonContext.EXPLAINING if lately >= EXPLAINS else LessonContext.UNKNOWN
        working = self._is_working(end_ms)
        rooms = self._presence.rooms
        return [
            LessonContext.GROUP_WORK
            if one in rooms
            else shared or (LessonContext.INDIVIDUAL_WORK if working[column] else otherwise)
            for column, one in enumerate(self._roster.learners)
        ]

    def put(self, columns: Columns, contexts: list[LessonContext]) -> None:
        """Put the context of each learner, for how long it has been so, and what the group does."""
        end_ms = columns.end_ms
        for context in _SHOWN:
            columns.put(context.value, [float(one is context) for one in contexts])
        columns.put("context_s", self._lasting_s(contexts, end_ms))
        columns.put("quiet_left_s", self._quiet_left_s(end_ms))
        now, lately = self._taught
        columns.put("tutor_talk_30s", now)
        columns.put("tutor_talk_120s", lately)
        columns.put("tutor_there", float(self._presence.is_taught or lately > 0))
        asked_ms = self._speech.questions.last_asked_ms(end_ms)
        since = np.full(self._table.size, np.nan if asked_ms is None else asked_ms)
        columns.put("since_question_s", columns.seconds_since(since))
        columns.put("lesson_s", end_ms / 1_000)
        self._put_group(columns)

    def _put_group(self, columns: Columns) -> None:
        """Put what the other learners do, each without their own doing."""
        here = np.isnan(self._table.held[Held.LEFT_MS])
        last = self._table.last[_DOINGS]
        did = last > columns.end_ms - RECENTLY_MS
        active = (did.any(axis=0) & here).astype(float)
        others = here.sum() - here
        share = (active.sum() - active) / np.where(others > 0, others, np.nan)
        columns.put("others_active_share_30s", share)
        spoken = columns.sum_of("30s", Count.TALK_MS) / columns.span_ms("30s")
        columns.put("others_talk_30s", np.where(others > 0, spoken.sum() - spoken, np.nan))
        columns.put("learners", float(here.sum()))

    def _is_working(self, end_ms: float) -> Numbers:
        task, answered = self._table.held[Held.TASK_MS], self._table.last[Since.ANSWER]
        working: Numbers = ~np.isnan(task) | (answered > end_ms - WORKED_MS)
        return working

    def _lasting_s(self, contexts: list[LessonContext], end_ms: float) -> list[float]:
        before, start_ms = self._since, self._last_end_ms
        self._last_end_ms = end_ms
        self._since = [
            before[n] if n < len(before) and before[n][0] is context else (context, start_ms)
            for n, context in enumerate(contexts)
        ]
        return [(end_ms - since_ms) / 1_000 for _, since_ms in self._since]

    def _quiet_left_s(self, end_ms: float) -> float:
        if self._item is None:
            return 0.0
        left_ms = self._item.started_ms + self._item.expected_quiet_ms - end_ms
        return max(0.0, left_ms) / 1_000


_DOINGS = [Since.INPUT, Since.BOARD, Since.CHAT, Since.HAND, Since.POLL, Since.ANSWER, Since.TALK]
"""What counts as doing something."""
