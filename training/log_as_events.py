"""A log of spells as the learning events that a lesson's browsers would have sent.

So the features of the product read real logs by the code that reads live lessons. The log tells
less than a browser: which window was the lesson's is part of the label, so that a change of window
is told as another window that came to the front and went again at once, and nobody is ever hidden.
Distance moved is told as movements of the pointer, `PIXELS_A_MOVEMENT` each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import numpy as np

from features.engagement import COLUMNS, LessonFeatures
from lessons.events import DATA_TYPES, EVENT_TYPES, LearningEvent, lesson_source
from lessons.events.attention import BUCKET_MS
from lessons.events.values import LARGEST_COUNT
from lessons.roles import Role
from training.activity_log import COUNTED, ActivityLog, Floats, Integers
from training.activity_minutes import MINUTE_S, Minutes, Pieces
from training.spell_features import PIXELS_A_MOVEMENT, SEED, Counts, drawn_counts

LESSON = "les_log"
_DAY_S = 86_400
_UNITS = np.array([1, 1, 1, 1, 1, PIXELS_A_MOVEMENT], np.float64)
"""What each count but idle time is told in, in the order of `COUNTED`."""


def window_values(log: ActivityLog, minutes: Minutes, pieces: Pieces, counts: Counts) -> Floats:
    """Return the product's features at every minute's end, shape (minutes, features).

    Learners of a laboratory session on one day make up one lesson.
    """
    values = np.full((len(minutes.end_s), len(COLUMNS)), np.nan)
    drawn = drawn_counts(log, pieces)
    lesson = log.session * 1_000_000 + (log.start_s // _DAY_S).astype(np.int64)
    lesson = lesson[log.begins][log.attendance]
    for each in np.unique(lesson):
        chosen = np.flatnonzero(lesson[pieces.spell] == each)
        events = _LessonEvents(log, minutes, pieces, drawn, counts)
        _read_lesson(minutes, np.unique(pieces.minute[chosen]), events.of(chosen), values)
    return values


def _read_lesson(
    minutes: Minutes, rows: Integers, events: Sequence[LearningEvent], values: Floats
) -> None:
    """Play one lesson and write down what is known at the end of each of its minutes."""
    features = LessonFeatures(LESSON)
    ends_s = minutes.end_s[rows]
    began_s = float(ends_s.min() - MINUTE_S)
    row_of = {
        (end_s, str(learner)): row
        for end_s, learner, row in zip(ends_s, minutes.learner[rows], rows, strict=True)
    }
    taken = 0
    for end_s in np.unique(ends_s):
        end_ms = round((end_s - began_s) * 1_000)
        while taken < len(events) and events[taken].lessontimems <= end_ms:
            features.take(events[taken])
            taken += 1
        for window in features.close(end_ms):
            row = row_of.get((end_s, window.participant_id))
            if row is not None:
                values[row] = window.values


class _LessonEvents:
    """Makes events of a lesson's pieces, in the form in which a ledger gives them back."""

    def __init__(
        self, log: ActivityLog, minutes: Minutes, pieces: Pieces, drawn: Floats, counts: Counts
    ) -> None:
        self._log, self._minutes, self._pieces = log, minutes, pieces
        self._drawn, self._counts = drawn, counts
        self._sequences = count(1)
        self._generator = np.random.default_rng(SEED)
        self._began_s = 0.0

    def of(self, chosen: Integers) -> list[LearningEvent]:
        """Return the events of some pieces in the order in which they are told."""
        self._began_s = float(self._minutes.end_s[self._pieces.minute[chosen]].min() - MINUTE_S)
        events = [event for piece in chosen for event in self._of_piece(piece)]
        return sorted(events, key=lambda event: event.lessontimems)

    def _of_piece(self, piece: int) -> Iterator[LearningEvent]:
        log, spell = self._log, self._pieces.spell[piece]
        who = str(log.learner[spell])
        begins = self._pieces.first[piece] == piece
        if begins and log.begins[spell]:
            role = Role.LEARNER
            yield self._event(
                "participant.joined", log.start_s[spell], participant_id=who, name=who, role=role
            )
        if begins:
            for type_ in ("attention.blurred", "attention.focused"):
                yield self._event(type_, log.start_s[spell], who, surface="window")
        until_s = min(log.end_s[spell], self._minutes.end_s[self._pieces.minute[piece]])
        told_s = log.end_s[spell] if self._counts is Counts.OVER else until_s
        start_s = until_s - self._pieces.seconds[piece]
        yield self._event("activity.counted", told_s, who, **self._counted(piece, start_s))

    def _counted(self, piece: int, start_s: float) -> dict[str, Any]:
        length_ms = round(self._pieces.seconds[piece] * 1_000)
        number = max(1, round(length_ms / BUCKET_MS))
        dealt = self._dealt(piece, start_s, number)
        clicks = COUNTED.index("mouse_click_left"), COUNTED.index("mouse_click_right")
        kinds = {
            "key_presses": dealt[COUNTED.index("keystroke")],
            "clicks": dealt[list(clicks)].sum(axis=0),
            "scrolls": dealt[COUNTED.index("mouse_wheel")],
            "pointer_moves": dealt[COUNTED.index("mouse_movement")],
        }
        return {
            "start_ms": round((start_s - self._began_s) * 1_000),
            "bucket_ms": length_ms // number,
            "buckets": [
                {name: min(int(parts[place]), LARGEST_COUNT) for name, parts in kinds.items()}
                for place in range(number)
            ],
        }

    def _dealt(self, piece: int, start_s: float, number: int) -> Floats:
        """Return whole counts of each kind in each bucket of a piece, shape (6, buckets).

        As drawn where they are told as they come; else evenly, since the whole is known by then.
        """
        if self._counts is Counts.DRAWN:
            shares = np.full(number, 1 / number)
            amounts = np.round(self._drawn[piece] / _UNITS).astype(np.int64)
            return np.array(
                [self._generator.multinomial(amount, shares) for amount in amounts], np.float64
            )
        log, spell = self._log, self._pieces.spell[piece]
        from_s = start_s - log.start_s[spell]
        edges = np.linspace(from_s, from_s + self._pieces.seconds[piece], number + 1)
        share = edges / (log.end_s[spell] - log.start_s[spell])
        whole = log.counts[spell, : len(_UNITS)] / _UNITS
        return np.diff(np.round(whole[:, None] * share))

    def _event(
        self, type_: str, at_s: float, subject: str | None = None, /, **data: Any
    ) -> LearningEvent:
        sequence = next(self._sequences)
        at_ms = round((at_s - self._began_s) * 1_000)
        return EVENT_TYPES[type_](
            id=f"evt_{sequence}",
            source=lesson_source(LESSON),
            type=type_,
            subject=subject,
            time=datetime.fromtimestamp(self._began_s, UTC) + timedelta(milliseconds=at_ms),
            dataschema=DATA_TYPES[type_].data_schema(),
            tenantid="ten_log",
            lessonid=LESSON,
            lessontimems=at_ms,
            ledgersequence=sequence,
            data=DATA_TYPES[type_](**data),
        )
