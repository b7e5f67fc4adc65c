"""Alarms about learners: which spells they find, how late, and how many are false.

A spell is what a tutor would want to be told of: drifting, away or stuck for longer than nudges
wait (two minutes and the quiet that the task expects). An alarm is raised where the chance of such
a state, averaged over that time, reaches a threshold; then none about this learner for five
minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.engagement import WINDOW_MS
from models.engagement.interface import Array
from models.engagement.states import AWAY, DRIFTING, STATES, STUCK
from training.engagement_rows import LearnerRows
from training.engagement_scores import Interval, Told, interval

NEEDED = (STATES.index(DRIFTING), STATES.index(AWAY), STATES.index(STUCK))
PATIENCE_MS = 120_000
REARM_WINDOWS = 60
GRACE_WINDOWS = 3
"""An alarm so shortly after a spell's end is still about it."""

THRESHOLDS = np.linspace(0.1, 0.95, 35)
RECALL = 0.8
HOUR_WINDOWS = 3_600_000 / WINDOW_MS


@dataclass(frozen=True, slots=True)
class Alarms:
    """What alarms at one threshold found, with 95 % intervals over learners.

    Attributes:
        recall: share of the spells in which one was raised.
        false_per_hour: alarms about learners who were in no such state, per learner-hour.
    """

    threshold: float
    recall: Interval
    false_per_hour: Interval
    spells: int


def spells_of(truth: NDArray[np.int64], patience: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return first and past-last window of each spell that outlasts the patience it met.

    Args:
        truth: shape (windows,), index in `STATES`.
        patience: shape (windows,), in windows.
    """
    needed = np.concatenate(([False], np.isin(truth, NEEDED), [False]))
    edges = np.flatnonzero(np.diff(needed.astype(np.int8)))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(first, last) for first, last in pairs if last - first > patience[last - 1]]


def patience_of(rows: LearnerRows) -> NDArray[np.int64]:
    """Return how long nudges wait at each window, in windows."""
    waits: NDArray[np.int64] = (PATIENCE_MS + rows.expected_quiet_ms) // WINDOW_MS
    return waits


def trailing_mean(score: NDArray[np.float64], lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean over so many windows up to each; 0 before there are that many."""
    total = np.concatenate(([0.0], np.cumsum(score)))
    ends = np.arange(1, len(score) + 1)
    starts = ends - lengths
    means = (total[ends] - total[np.maximum(starts, 0)]) / lengths
    return np.where(starts >= 0, means, 0.0)


def _raised(means: NDArray[np.float64], threshold: float) -> Iterator[int]:
    free = 0
    for window in np.flatnonzero(means >= threshold).tolist():
        if window >= free:
            free = window + REARM_WINDOWS
            yield window


def _scores(chances: Array) -> NDArray[np.float64]:
    return np.asarray(chances[:, list(NEEDED)].sum(axis=1), np.float64)


def alarms_at(threshold: float, rows: Sequence[LearnerRows], told: Told) -> Alarms:
    """Return what alarms at one threshold find."""
    counts = np.array(
        [
            _counted(threshold, each, chances)
            for each, chances in zip(rows, told.chances, strict=True)
        ],
        np.float64,
    )
    found, spells, false, windows = counts.T
    return Alarms(
        threshold,
        interval(lambda drawn: drawn @ found / max(drawn @ spells, 1.0), len(rows)),
        interval(lambda drawn: drawn @ false / (drawn @ windows / HOUR_WINDOWS), len(rows)),
        int(spells.sum()),
    )


def _counted(threshold: float, rows: LearnerRows, chances: Array) -> tuple[int, int, int, int]:
    """Return one learner's spells found, spells, false alarms and windows."""
    patience = patience_of(rows)
    raised = list(_raised(trailing_mean(_scores(chances), patience), threshold))
    mostly = trailing_mean(np.isin(rows.truth, NEEDED).astype(np.float64), patience)
    wanted = spells_of(rows.truth, patience)
    found = sum(any(first <= at < last + GRACE_WINDOWS for at in raised) for first, last in wanted)
    # About half of the time in such a state is reason enough, whatever it is by now.
    false = sum(rows.truth[at] not in NEEDED and mostly[at] < 0.5 for at in raised)
    return found, len(wanted), int(false), len(rows.truth)


def best_alarms(rows: Sequence[LearnerRows], told: Told) -> Alarms | None:
    """Return the alarms with the fewest false ones that find enough; None: none find enough."""
    tried = [alarms_at(float(threshold), rows, told) for threshold in THRESHOLDS]
    enough = [each for each in tried if each.recall.value >= RECALL]
    return min(enough, key=lambda each: each.false_per_hour.value, default=None)
