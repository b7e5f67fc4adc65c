"""The features of one lesson's learners as it goes on: events in, a window of each learner out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from heapq import heappop, heappush

import numpy as np

from features.engagement.client_clock import ClientClock
from features.engagement.columns import Columns
from features.engagement.equity import measure_participation
from features.engagement.questions import Question
from features.engagement.reading import EventReader
from features.engagement.roster import Roster
from features.engagement.table import LearnerTable
from features.engagement.told import Told
from features.engagement.windows import WINDOW_MS, FeatureEvents, LearnerWindow
from lessons.events import (
    PLATFORM_TYPES,
    ActivityCounted,
    CameraObserved,
    CaptionFinal,
    LearningEvent,
    ParticipationMeasured,
)
from lessons.privacy.consent import Purpose
from lessons.roles import Role


class LessonFeatures:
    """Follows one lesson. Pure: the only clock is the lesson's, as events and calls tell it.

    Within a window the order in which events are taken does not matter. What comes late goes into
    the window it belongs to, five minutes back at most, and shows in what looks back on it; windows
    that were closed are never given again. Give every event once.

    Args:
        lesson_id: of the lesson; other lessons' events are refused.
        roles: of its participants, as far as they are known; joins and role changes add to them.
        chat_language: ISO 639-1 code of what is written in the chat.
    """

    def __init__(
        self,
        lesson_id: str,
        roles: Mapping[str, Role] | None = None,
        *,
        chat_language: str = "en",
    ) -> None:
        self.lesson_id = lesson_id
        self._table = LearnerTable()
        self._roster = Roster(self._table, roles or {})
        self._reader = EventReader(self._table, self._roster, chat_language)
        self._clocks: defaultdict[str, ClientClock] = defaultdict(ClientClock)
        self._waiting: list[tuple[float, int, Told]] = []
        self._taken = 0
        self._settled: list[Question] = []

    def take(self, event: LearningEvent, arrived_ms: float | None = None) -> None:
        """Take an event of the lesson.

        Args:
            arrived_ms: when it arrived here, on the lesson clock; with it, a client's clock that is
                wrong is put right.

        Raises:
            ValueError: it is of another lesson.
        """
        if event.lessonid != self.lesson_id:
            raise ValueError(f"{event.id} is an event of the lesson {event.lessonid}")
        if not self._reader.reads(event.type):
            return
        shift_ms, known_ms = 0.0, _known_ms(event)
        if event.subject is not None and event.type in PLATFORM_TYPES:
            shift_ms = self._clocks[event.subject].shift_ms(known_ms, arrived_ms)
        told = Told(event, max(0.0, event.lessontimems + shift_ms), shift_ms)
        self._taken += 1
        heappush(self._waiting, (known_ms + shift_ms, self._taken, told))

    def know(self, participant_id: str, role: Role) -> None:
        """Take note of a participant's role, where no event tells it."""
        self._roster.know(participant_id, role)

    def forget(self, participant_id: str) -> None:
        """Forget who does not consent to signals; nothing is told of them until they do."""
        self._reader.consents.forget(participant_id, Purpose.SIGNALS)

    def take_similarity(self, caption_id: str, similarity: float) -> None:
        """Take how like a learner's caption is to the objective of the moment, -1..1.

        It counts where the caption was said. Of a caption that is not known it changes nothing:
        take the caption first, and close its window.
        """
        self._reader.speech.similarity(caption_id, similarity)

    def close(self, end_ms: int) -> list[LearnerWindow]:
        """Return the window that ends at `end_ms`, of every learner who is in the lesson.

        Who left stays for ten minutes; who took consent to signals back is not among them. Where
        the caller was held up, it may leave windows out.

        Raises:
            ValueError: no window ends there, or one that ends there or later was closed already.
        """
        window, rest = divmod(end_ms, WINDOW_MS)
        if rest or window <= self._table.next_window:
            raise ValueError(f"no window is left that ends at {end_ms} ms")
        self._table.advance(window - 1)
        self._read_waiting(end_ms)
        self._settled += self._reader.speech.go_on(end_ms)
        windows = self._windows(end_ms)
        self._table.advance(window)
        return windows

    def questions(self) -> list[Question]:
        """Return the questions put to the group whose wait is known since the last call."""
        settled, self._settled = self._settled, []
        return settled

    def participation(
        self, end_ms: int, span_ms: int, left_out: Collection[str] = ()
    ) -> ParticipationMeasured:
        """Return how the last part of the lesson, up to a closed window, went for the group.

        Args:
            span_ms: its length; it is cut where the lesson began.
            left_out: participants who did not consent to signals; who took it back is left out.
        """
        span = (max(0, end_ms - span_ms), end_ms)
        return measure_participation(self._table, self._roster, self._reader.speech, span, left_out)

    def _read_waiting(self, end_ms: int) -> None:
        due = []
        while self._waiting and self._waiting[0][0] < end_ms:
            due.append(heappop(self._waiting)[-1])
        for told in sorted(due, key=lambda told: (told.at_ms, told.event.ledgersequence)):
            self._reader.read(told)

    def _windows(self, end_ms: int) -> list[LearnerWindow]:
        columns, flow = Columns(self._table), self._reader.flow
        poll_is_open = bool(self._reader.polls.open_at(end_ms))
        contexts = flow.contexts(end_ms, poll_is_open=poll_is_open)
        self._reader.put(columns)
        flow.put(columns, contexts)
        values = np.ascontiguousarray(columns.values.T, dtype=np.float32)
        return [
            LearnerWindow(
                self._roster.learners[column],
                end_ms - WINDOW_MS,
                end_ms,
                values[column],
                contexts[column],
                FeatureEvents(self._roster.evidence(column)),
            )
            for column in self._reader.presence.told_of(end_ms)
        ]


def _known_ms(event: LearningEvent) -> float:
    """Return when what the event tells can be known, by the clock of whoever sent it."""
    data = event.data
    if isinstance(data, ActivityCounted | CameraObserved):
        return float(data.end_ms - 1)
    if isinstance(data, CaptionFinal):
        return float(max(data.end_ms, data.finalised_at_ms or 0))
    return float(event.lessontimems)
