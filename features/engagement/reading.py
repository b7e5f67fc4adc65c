"""Which reader takes which type of event, and what kind of evidence the event is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from features.engagement.browser import Browser
from features.engagement.cameras import Cameras
from features.engagement.columns import Columns
from features.engagement.consents import Consents
from features.engagement.context import LessonFlow
from features.engagement.exercises import Exercises
from features.engagement.polls import Polls
from features.engagement.presence import Presence
from features.engagement.roster import Roster
from features.engagement.speech import Speech
from features.engagement.table import LearnerTable
from features.engagement.told import Told
from features.engagement.tools import Tools
from features.languages.language_words import words_if_known

Reader: TypeAlias = Callable[[Told], int | None]
"""Reads an event; returns the column of the learner whom it is evidence on, or None."""

_Own: TypeAlias = Callable[[int, Told], None]


class EventReader:
    """Hands each event to who reads it, and keeps its id as evidence.

    Args:
        table: of the learners.
        roster: who is who.
        chat_language: code of what is written in the chat.
    """

    def __init__(self, table: LearnerTable, roster: Roster, chat_language: str) -> None:
        self._roster = roster
        self._browser = Browser(table)
        self._tools = Tools(table, words_if_known(chat_language))
        self._exercises = Exercises(table)
        self._cameras = Cameras(table)
        self.polls = Polls(table)
        self.presence = Presence(table, roster)
        self.speech = Speech(table, roster)
        self.consents = Consents(table, roster, self._browser)
        self.flow = LessonFlow(table, roster, self.presence, self.speech)
        self._readers = {**self._of_lesson(), **self._of_learners()}

    def reads(self, event_type: str) -> bool:
        """Tell whether events of a type say anything about taking part."""
        return event_type in self._readers

    def read(self, told: Told) -> None:
        """Read one event."""
        source, reader = self._readers[told.event.type]
        column = reader(told)
        if column is not None:
            self._roster.note(column, source, told.event.id)

    def put(self, columns: Columns) -> None:
        """Put every feature of the learners themselves."""
        self._browser.put(columns)
        self._tools.put(columns)
        self._exercises.put(columns)
        self._cameras.put(columns)
        self.polls.put(columns)
        self.speech.put(columns)
        self.presence.put(columns)

    def _of_lesson(self) -> dict[str, tuple[str, Reader]]:
        presence, speech = self.presence, self.speech
        return {
            "participant.joined": ("presence", presence.joined),
            "participant.left": ("presence", presence.left),
            "role.changed": ("presence", presence.role),
            "breakout.entered": ("presence", presence.room),
            "breakout.left": ("presence", presence.room),
            "breakout.closed": ("presence", presence.room_closed),
            "consent.granted": ("presence", self.consents.read),
            "consent.revoked": ("presence", self.consents.read),
            "lesson_plan.item_started": ("context", self.flow.item_started),
            "lesson_plan.item_completed": ("context", self.flow.item_completed),
            "poll.opened": ("context", self.polls.opened),
            "poll.closed": ("context", self.polls.closed),
            "speaking.started": ("talk", speech.speaking),
            "speaking.stopped": ("talk", speech.speaking),
            "caption.final": ("talk", speech.caption),
            "track.published": ("talk", speech.microphone),
            "track.ended": ("talk", speech.microphone),
            "track.muted": ("talk", speech.microphone),
        }

    def _of_learners(self) -> dict[str, tuple[str, Reader]]:
        browser, tools = self._browser, self._tools
        own: dict[str, tuple[str, _Own]] = {
            "activity.counted": ("activity", browser.activity),
            "attention.focused": ("attention", browser.attention.read),
            "attention.blurred": ("attention", browser.attention.read),
            "attention.idle": ("activity", browser.idle),
            "attention.active": ("activity", browser.active),
            "whiteboard.contributed": ("board", tools.board),
            "whiteboard.strokes_drawn": ("board", tools.board),
            "whiteboard.object_changed": ("board", tools.board),
            "whiteboard.page_changed": ("board", tools.board),
            "content.opened": ("content", tools.content),
            "chat.posted": ("chat", self._answering(tools.chat)),
            "hand.raised": ("hand", self._answering(tools.hand)),
            "hand.lowered": ("hand", tools.hand),
            "assessment.started": ("task", tools.task),
            "assessment.submitted": ("task", tools.task),
            "assessment.item_answered": ("answer", self._exercises.answer),
            "poll.answered": ("poll", self._answering(self.polls.answered)),
            "presence.changed": ("presence", self.presence.changed),
            "camera.observed": ("camera", self._cameras.read),
        }
        return {
            name: (source, partial(self._read_own, reader))
            for name, (source, reader) in own.items()
        }

    def _answering(self, reader: _Own) -> _Own:
        """Return a reader that takes the event for an answer to a question, too."""

        def read(column: int, told: Told) -> None:
            reader(column, told)
            self.speech.questions.take_answer(self._roster.learners[column], told.at_ms)
            self._roster.note(column, "response", told.event.id)

        return read

    def _read_own(self, reader: _Own, told: Told) -> int | None:
        """Read what a learner did; what others do so is not looked at."""
        column = self._roster.enter(told.event.subject, told.at_ms)
        if column is not None:
            reader(column, told)
        return column
