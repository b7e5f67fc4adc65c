"""Cuts a log of spells into the minutes of the clock, and labels each as on or off task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.activity_log import ActivityLog, Flags, Floats, Integers

MINUTE_S = 60.0
OFF_TASK_SHARE = 0.5
"""A minute is off task where so much of what was seen of it was; half and half counts."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes of the clock in which a learner was seen, ordered by attendance, then time.

    Attributes:
        attendance: shape (minutes,), number of the pair of learner and session.
        learner: shape (minutes,), number of the learner.
        began_s: shape (minutes,), when the attendance began.
        end_s: shape (minutes,), when the minute is over: what comes later is not known in it.
        seen_s: shape (minutes,), seconds of it that the log tells of.
        off_task: shape (minutes,), the label.
    """

    attendance: Integers
    learner: Integers
    began_s: Floats
    end_s: Floats
    seen_s: Floats
    off_task: Flags


@dataclass(frozen=True, slots=True)
class Pieces:
    """Spells, cut where minutes end; in the order of the spells.

    Attributes:
        spell: shape (pieces,), index of the spell.
        minute: shape (pieces,), index of the minute.
        seconds: shape (pieces,), length.
        first: shape (pieces,), index of the spell's first piece.
    """

    spell: Integers
    minute: Integers
    seconds: Floats
    first: Integers

    @property
    def longest(self) -> Integers:
        """Shape (minutes,): index of the longest piece of each minute, the last of those."""
        order = np.lexsort((self.seconds, self.minute))
        minute = self.minute[order]
        is_last = np.append(minute[1:] != minute[:-1], True)
        longest: Integers = order[is_last]
        return longest

    def mean(self, of_pieces: Floats) -> Floats:
        """Return the mean of pieces' values in each minute, by their lengths."""
        total = np.bincount(self.minute, self.seconds * of_pieces)
        return total / np.bincount(self.minute, self.seconds)


def cut_into_minutes(log: ActivityLog) -> tuple[Minutes, Pieces]:
    """Return the minutes that the log tells of, and its spells cut where they end."""
    first = (log.start_s // MINUTE_S).astype(np.int64)
    last = (np.ceil(log.end_s / MINUTE_S) - 1).astype(np.int64)
    pieces_each = last - first + 1
    spell = np.repeat(np.arange(len(first)), pieces_each)
    begins = np.cumsum(pieces_each) - pieces_each
    number = first[spell] + np.arange(len(spell)) - begins[spell]
    until_s = (number + 1) * MINUTE_S
    seconds = np.minimum(log.end_s[spell], until_s) - np.maximum(
        log.start_s[spell], until_s - MINUTE_S
    )
    pairs, minute = np.unique(
        np.stack([log.attendance[spell], number]), axis=1, return_inverse=True
    )
    pieces = Pieces(spell, minute.reshape(-1), seconds, begins[spell])
    attendance = pairs[0]
    starts = np.flatnonzero(log.begins)
    minutes = Minutes(
        attendance=attendance,
        learner=log.learner[starts][attendance],
        began_s=log.start_s[starts][attendance],
        end_s=(pairs[1] + 1) * MINUTE_S,
        seen_s=np.bincount(pieces.minute, seconds).astype(np.float64),
        off_task=pieces.mean(log.off_task[spell].astype(np.float64)) >= OFF_TASK_SHARE,
    )
    return minutes, pieces
