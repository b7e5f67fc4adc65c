"""Polls: which are open, and who has answered them."""

from __future__ import annotations

from collections import defaultdict

from features.engagement.columns import Columns
from features.engagement.table import Held, LearnerTable, Since
from features.engagement.told import Told
from lessons.events import PollAnswered

_NEVER = float("inf")


class Polls:
    """Reads polls of a lesson, in whatever order they are told of."""

    def __init__(self, table: LearnerTable) -> None:
        self._table = table
        self._opened: dict[str, float] = {}
        self._closed: dict[str, float] = {}
        self._answered: defaultdict[int, set[str]] = defaultdict(set)

    def opened(self, told: Told) -> None:
        """Read that a poll was opened."""
        self._opened.setdefault(told.data.poll_id, told.at_ms)

    def closed(self, told: Told) -> None:
        """Read that a poll takes no more answers."""
        self._closed.setdefault(told.data.poll_id, told.at_ms)

    def answered(self, column: int, told: Told) -> None:
        """Read a learner's answer."""
        data: PollAnswered = told.data
        at_ms = told.at_ms
        self._answered[column].add(data.poll_id)
        self._table.mark(Since.POLL, column, at_ms)
        latency_ms: float | None = data.response_time_ms
        if latency_ms is None and data.poll_id in self._opened:
            latency_ms = max(0.0, at_ms - self._opened[data.poll_id])
        if latency_ms is not None:
            self._table.hold(Held.POLL_LATENCY_MS, column, latency_ms, at_ms)

    def open_at(self, end_ms: float) -> dict[str, float]:
        """Return the polls that are open at a moment, with when they were opened."""
        return {
            poll_id: at_ms
            for poll_id, at_ms in self._opened.items()
            if at_ms < end_ms <= self._closed.get(poll_id, _NEVER)
        }

    def put(self, columns: Columns) -> None:
        """Put what each learner answered; without polls, nothing is known."""
        if not self._opened:
            return
        came = self._table.held[Held.JOINED_MS].tolist()
        now = self.open_at(columns.end_ms)
        polls = [poll for poll in self._opened.items() if poll[1] < columns.end_ms]
        pending, shares = [], []
        for column, came_ms in enumerate(came):
            answered = self._answered[column]
            open_ms = [at_ms for poll_id, at_ms in now.items() if poll_id not in answered]
            since = max(min(open_ms), came_ms) if open_ms else columns.end_ms
            pending.append((columns.end_ms - since) / 1_000)
            asked = [poll_id for poll_id, at_ms in polls if at_ms >= came_ms or poll_id in now]
            given = sum(poll_id in answered for poll_id in asked)
            shares.append(given / len(asked) if asked else float("nan"))
        columns.put("poll_pending_s", pending)
        columns.put("polls_answered_share", shares)
