"""What learners do with the lesson's tools: board, material, chat, raised hand, exercises begun."""

from __future__ import annotations

from features.engagement.columns import Columns, places_of, rows_of
from features.engagement.table import Count, Held, LearnerTable, Since
from features.engagement.told import Told
from features.languages.asking import asks_for_help, questions_in
from features.languages.language_words import LanguageWords
from lessons.events import (
    AssessmentStarted,
    ChatPosted,
    HandLowered,
    WhiteboardContributed,
    WhiteboardStrokesDrawn,
)

MINUTE_MS = 60_000.0


class Tools:
    """Reads what is done with each tool; of one that nobody in the lesson uses, nothing is known.

    Args:
        table: of the learners.
        words: of the chat's language; None: it is not known how questions sound in it.
    """

    def __init__(self, table: LearnerTable, words: LanguageWords | None) -> None:
        self._table = table
        self._words = words
        self._used: set[str] = set()

    def board(self, column: int, told: Told) -> None:
        """Read what was drawn or written on a board."""
        self._used.add("board")
        data, length = told.data, 0
        if isinstance(data, WhiteboardStrokesDrawn):
            amount, length = data.strokes + data.erased, data.duration_ms or 0
        else:
            amount = data.elements if isinstance(data, WhiteboardContributed) else 1
        start_ms = max(0.0, told.at_ms - length)
        self._table.spread(Count.BOARD, column, start_ms, told.at_ms, amount)
        self._table.mark(Since.BOARD, column, told.at_ms)

    def content(self, column: int, told: Told) -> None:
        """Read that a piece of the material was opened."""
        self._used.add("content")
        self._table.count(Count.CONTENT, column, told.at_ms)
        self._table.mark(Since.CONTENT, column, told.at_ms)

    def chat(self, column: int, told: Told) -> None:
        """Read a message: its length, and where its text is there whether it asks something."""
        self._used.add("chat")
        data: ChatPosted = told.data
        self._table.count(Count.CHAT, column, told.at_ms)
        self._table.count(Count.CHAT_CHARACTERS, column, told.at_ms, data.characters)
        self._table.mark(Since.CHAT, column, told.at_ms)
        if data.text is None or self._words is None:
            return
        self._used.add("text")
        asks = bool(questions_in(data.text, self._words))
        self._table.count(Count.QUESTIONS_WRITTEN, column, told.at_ms, asks)
        helps = asks_for_help(data.text, self._words)
        self._table.count(Count.HELP_WRITTEN, column, told.at_ms, helps)

    def hand(self, column: int, told: Told) -> None:
        """Read that a hand went up or down."""
        self._used.add("hand")
        if isinstance(told.data, HandLowered):
            self._table.hold(Held.HAND_MS, column, float("nan"), told.at_ms)
            return
        self._table.hold(Held.HAND_MS, column, told.at_ms, told.at_ms)
        self._table.count(Count.HANDS, column, told.at_ms)
        self._table.mark(Since.HAND, column, told.at_ms)

    def task(self, column: int, told: Told) -> None:
        """Read that an exercise was begun or handed in."""
        self._used.add("task")
        begun = isinstance(told.data, AssessmentStarted)
        since_ms = told.at_ms if begun else float("nan")
        self._table.hold(Held.TASK_MS, column, since_ms, told.at_ms)

    def put(self, columns: Columns) -> None:
        """Put how much was drawn, and leave missing what tools would tell that nobody uses."""
        rows, places = _BOARD
        strokes = columns.sums[places, Count.BOARD]
        columns.put_rows(rows, strokes * MINUTE_MS / columns.there_ms[places])
        for tool, rows in _ROWS.items():
            if tool not in self._used:
                columns.miss(rows)


_BOARD = (rows_of(("board_30s", "board_120s")), places_of(("board_30s", "board_120s")))

_ROWS = {
    tool: rows_of(names)
    for tool, names in {
        "board": ("board_30s", "board_120s", "since_board_s"),
        "content": ("content_opened_120s", "since_content_s"),
        "chat": ("chat_120s", "chat_characters_120s", "since_chat_s"),
        "text": ("help_written_300s", "questions_written_300s"),
        "hand": ("hand_up", "hand_up_s", "hands_300s"),
        "task": ("task_open_s",),
    }.items()
}
"""Columns by the tool without which they are missing."""
