"""How exercises go: answers right and wrong, fast and slow, the same item again, hints."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict, deque
from statistics import median

from features.engagement.catalogue import FEATURES
from features.engagement.columns import Columns, rows_of
from features.engagement.table import Count, Held, LearnerTable, Since
from features.engagement.told import Told
from lessons.events import AssessmentItemAnswered

ANSWERS_KEPT = 50
"""Answers of a learner that streaks are read from."""

TIMES_KEPT = 100
"""Durations of the group's answers that the median is taken of."""

FEWEST_TIMES = 3

RAPID_MS = 3_000
"""Within this an item was hardly read (rapid guessing: Wise and Kong 2005)."""

Answer = tuple[float, int, str, bool | None]
"""When, its number in the ledger, the item, and whether it is right."""


class Exercises:
    """Reads answers to items, in whatever order they come."""

    def __init__(self, table: LearnerTable) -> None:
        self._table = table
        self._answers: defaultdict[int, list[Answer]] = defaultdict(list)
        self._times: deque[float] = deque(maxlen=TIMES_KEPT)

    def answer(self, column: int, told: Told) -> None:
        """Read one answer."""
        data: AssessmentItemAnswered = told.data
        table, at_ms = self._table, told.at_ms
        right = is_right(data)
        table.count(Count.ANSWERS, column, at_ms)
        table.count(Count.HINTS, column, at_ms, data.hints)
        table.mark(Since.ANSWER, column, at_ms)
        if right is not None:
            table.count(Count.GRADED, column, at_ms)
            table.count(Count.CORRECT, column, at_ms, right)
        if right:
            table.mark(Since.CORRECT, column, at_ms)
        if data.duration_ms is not None:
            table.count(Count.RAPID, column, at_ms, data.duration_ms < RAPID_MS)
            table.hold(Held.ANSWER_MS, column, data.duration_ms, at_ms)
            self._times.append(data.duration_ms)
        self._read_streaks(column, (at_ms, told.event.ledgersequence, data.item_id, right))

    def put(self, columns: Columns) -> None:
        """Put how long answers take; where nobody has answered any, nothing is known."""
        if not self._answers:
            columns.miss(_ROWS)
        elif len(self._times) >= FEWEST_TIMES:
            typical_ms = max(1.0, median(self._times))
            columns.put("answer_time_ratio", self._table.held[Held.ANSWER_MS] / typical_ms)

    def _read_streaks(self, column: int, answer: Answer) -> None:
        answers = self._answers[column]
        insort(answers, answer, key=lambda one: one[:2])
        del answers[:-ANSWERS_KEPT]
        rights = [right for *_, right in reversed(answers) if right is not None]
        items = [item for _, _, item, _ in reversed(answers)]
        wrong = next((n for n, right in enumerate(rights) if right), len(rights))
        tries = next((n for n, item in enumerate(items) if item != items[0]), len(items))
        self._table.held[Held.WRONG_STREAK, column] = wrong
        self._table.held[Held.TRIES, column] = tries


def is_right(data: AssessmentItemAnswered) -> bool | None:
    """Tell whether an answer is right; None where nobody says so."""
    if data.correct is not None:
        return data.correct
    if data.score is None or data.max_score is None:
        return None
    return data.score >= data.max_score


_ROWS = rows_of(one.name for one in FEATURES if one.source == "answer")
