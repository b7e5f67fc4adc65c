"""Logs of what learners did at their computers, in the shape that EPM was published in.

EPM (Educational Process Mining: Vahdat et al. 2015, UCI Machine Learning Repository) has one row
for each spell that a window was in front, with what was counted in it. It is for research alone:
nothing of it, and no weights fitted on it, belongs into the project.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lessons.errors import InvalidInput, NotFound

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

COUNTED = (
    "keystroke",
    "mouse_click_left",
    "mouse_click_right",
    "mouse_wheel",
    "mouse_wheel_click",
    "mouse_movement",
    "idle_time",
)
"""What a live system could count as well, in the order of `ActivityLog.counts`."""

OFF_TASK = frozenset({"Other", "Blank"})
"""Activities that are mostly off task; the label is made of them and of nothing else."""

_BETWEEN = re.compile(r"[.: ]")
_LONGEST_IDLE_S = 1e7
"""The log adds up the idle time of every second: sums grow past the spell, and some are wild."""


@dataclass(frozen=True, slots=True)
class ActivityLog:
    """Spells of a window in front, ordered by learner, then session, then time.

    Attributes:
        learner: shape (spells,), number of the learner.
        session: shape (spells,), number of the laboratory session.
        start_s: shape (spells,), seconds of the epoch, in the log's local time.
        end_s: shape (spells,), when it was over; never before a second has passed.
        counts: shape (spells, 7), columns as in `COUNTED`; none is negative, idle time in s.
        off_task: shape (spells,), the label. Nothing else here tells of activity or exercise.
    """

    learner: Integers
    session: Integers
    start_s: Floats
    end_s: Floats
    counts: Floats
    off_task: Flags

    @property
    def attendance(self) -> Integers:
        """Shape (spells,): number of the pair of learner and session, from 0."""
        return np.cumsum(self.begins) - 1

    @property
    def begins(self) -> Flags:
        """Shape (spells,): whether it is the first spell of a learner in a session."""
        first = np.ones(len(self.learner), np.bool_)
        first[1:] = (self.learner[1:] != self.learner[:-1]) | (
            self.session[1:] != self.session[:-1]
        )
        return first


def read_activity_log(path: Path) -> ActivityLog:
    """Read a gzipped CSV file of spells.

    Raises:
        NotFound: it is not there.
        InvalidInput: a column is missing, a cell cannot be read, or there are no rows.
    """
    if not path.is_file():
        raise NotFound(
            f"There is no {path}.",
            field="LECTERN_DATA",
            fix="Set it to the folder that holds `epm/epm_events.csv.gz`.",
        )
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return activity_log(csv.DictReader(file))


def activity_log(rows: Iterable[Mapping[str, str]]) -> ActivityLog:
    """Make a log of rows with EPM's columns, in any order.

    Raises:
        InvalidInput: a column is missing, a cell cannot be read, or there are no rows.
    """
    table = []
    for number, row in enumerate(rows, start=1):
        try:
            table.append(_cells(row))
        except (KeyError, ValueError, TypeError) as wrong:
            raise InvalidInput(
                f"Row {number} cannot be read: {wrong}.",
                field=f"rows[{number}]",
                fix="It needs EPM's columns; times are like 2.10.2014 11:25:33.",
            ) from wrong
    if not table:
        raise InvalidInput("The log has no rows.", field="rows", fix="Give one with spells in it.")
    cells = np.array(table)
    cells = cells[np.lexsort((cells[:, 3], cells[:, 2], cells[:, 1], cells[:, 0]))]
    counts = np.maximum(cells[:, 5:], 0.0)
    counts[:, -1] = np.minimum(counts[:, -1] / 1_000, _LONGEST_IDLE_S)
    start = cells[:, 2]
    return ActivityLog(
        learner=cells[:, 0].astype(np.int64),
        session=cells[:, 1].astype(np.int64),
        start_s=start,
        # A spell's last second belongs to it, and clocks that were put back end none before then.
        end_s=np.maximum(cells[:, 3], start) + 1.0,
        counts=counts,
        off_task=cells[:, 4] > 0,
    )


def _cells(row: Mapping[str, str]) -> list[float]:
    return [
        int(row["student_id"]),
        int(row["session"]),
        _seconds(row["start_time"]),
        _seconds(row["end_time"]),
        row["activity"] in OFF_TASK,
        *(float(row[name]) for name in COUNTED),
    ]


def _seconds(text: str) -> float:
    # `strptime` would take longer than all the rest of the reading.
    day, month, year, hour, minute, second = map(int, _BETWEEN.split(text))
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
