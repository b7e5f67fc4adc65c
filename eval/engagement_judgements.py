"""What people would see: judgements as they are shown, their delay and dwell, and the nudges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.engagement_alarms import GRACE_WINDOWS, HOUR_WINDOWS, NEEDED, patience_of, spells_of
from features.engagement import WINDOW_MS
from models.engagement.decision import Decision, Judgement
from models.engagement.nudges import Nudge, NudgePolicy, NudgeRules
from models.engagement.states import AWAY, DRIFTING, STATES, STUCK, UNKNOWN
from training.engagement_rows import LearnerRows
from training.engagement_scores import Told

SPELL_WINDOWS = 12
"""A change into a state that lasts for less than a minute need not be found."""

GROUPS: Mapping[str, tuple[str, ...]] = {"drifting or away": (DRIFTING, AWAY), "stuck": (STUCK,)}


@dataclass(frozen=True, slots=True)
class Delays:
    """From a change to the signal that tells of it.

    Attributes:
        found: share of the spells of a minute and more that were told while they lasted.
        p50_s, p90_s: of those that were.
    """

    spells: int
    found: float
    p50_s: float
    p90_s: float


@dataclass(frozen=True, slots=True)
class Nudged:
    """Nudges as they ship, with their budget and their rest.

    Attributes:
        right: share of them about a learner who was drifting, away or stuck.
        false_per_hour: the others, per learner-hour.
        recall: share of the spells worth a nudge that got one.
    """

    nudges: int
    per_lesson: float
    right: float
    false_per_hour: float
    recall: float


def judged(rows: Sequence[LearnerRows], told: Told) -> list[list[Judgement]]:
    """Return the judgements of each learner, window by window."""
    return [
        [
            decision.take(window, chances)
            for window, chances in zip(each.windows, probabilities, strict=True)
        ]
        for each, probabilities in zip(rows, told.chances, strict=True)
        for decision in [Decision()]
    ]


def delays(
    rows: Sequence[LearnerRows], judgements: Sequence[Sequence[Judgement]], states: Sequence[str]
) -> Delays:
    """Return how late spells in some states are told."""
    indices = [STATES.index(state) for state in states]
    waits, spells = list[float](), 0
    for each, seen in zip(rows, judgements, strict=True):
        said = np.array([judgement.state in states for judgement in seen])
        for first, last in _runs(np.isin(each.truth, indices)):
            if first == 0 or last - first < SPELL_WINDOWS:
                continue
            spells += 1
            hits = np.flatnonzero(said[first:last])
            if len(hits):
                waits.append((int(hits[0]) + 1) * WINDOW_MS / 1000)
    p50, p90 = np.percentile(waits, [50, 90]) if waits else (float("nan"), float("nan"))
    return Delays(spells, len(waits) / max(spells, 1), float(p50), float(p90))


def median_dwell_s(judgements: Sequence[Sequence[Judgement]]) -> float:
    """Return how long a judgement stands, in the median."""
    stood = []
    for seen in judgements:
        starts = [place for place, each in enumerate(seen) if each.changed or place == 0]
        stood += np.diff([*starts, len(seen)]).tolist()
    return float(np.median(stood)) * WINDOW_MS / 1000


def unknown_share(judgements: Iterable[Sequence[Judgement]]) -> float:
    """Return the share of windows of which nothing is said."""
    states = [each.state for seen in judgements for each in seen]
    return states.count(UNKNOWN) / len(states)


def nudged(
    rows: Sequence[LearnerRows],
    judgements: Sequence[Sequence[Judgement]],
    rules: NudgeRules,
) -> Nudged:
    """Let the policy nudge in every lesson, as it would live."""
    lessons = defaultdict[str, list[int]](list)
    for place, each in enumerate(rows):
        lessons[each.lesson_id].append(place)
    given = list[tuple[int, int]]()
    for places in lessons.values():
        given += _lesson_nudges([rows[each] for each in places], places, judgements, rules)
    right = sum(_is_right(rows[place], window) for place, window in given)
    spells, found = 0, 0
    for place, each in enumerate(rows):
        at = [window for learner, window in given if learner == place]
        wanted = spells_of(each.truth, patience_of(each))
        spells += len(wanted)
        found += sum(any(a <= one < b + GRACE_WINDOWS for one in at) for a, b in wanted)
    hours = sum(len(each.truth) for each in rows) / HOUR_WINDOWS
    return Nudged(
        len(given),
        len(given) / len(lessons),
        right / max(len(given), 1),
        (len(given) - right) / hours,
        found / max(spells, 1),
    )


def _lesson_nudges(
    rows: Sequence[LearnerRows],
    places: Sequence[int],
    judgements: Sequence[Sequence[Judgement]],
    rules: NudgeRules,
) -> list[tuple[int, int]]:
    """Return (learner, the learner's window) of each nudge of one lesson."""
    policy = NudgePolicy(rules)
    at_end = defaultdict[int, list[tuple[int, int, int]]](list)
    for each, place in zip(rows, places, strict=True):
        for window, quiet in enumerate(each.expected_quiet_ms.tolist()):
            at_end[judgements[place][window].end_ms].append((place, window, quiet))
    given = []
    for end_ms in sorted(at_end):
        now = at_end[end_ms]
        nudge: Nudge | None = policy.consider(
            end_ms, [judgements[place][window] for place, window, _ in now], now[0][2]
        )
        if nudge is not None:
            given += [
                (place, window)
                for place, window, _ in now
                if judgements[place][window].participant_id == nudge.participant_id
            ]
    return given


def _is_right(rows: LearnerRows, window: int) -> bool:
    """Say whether the learner was in a state worth a nudge, now or for most of the last minutes."""
    since = max(0, window + 1 - int(patience_of(rows)[window]))
    return bool(
        rows.truth[window] in NEEDED
        or np.isin(rows.truth[since : window + 1], NEEDED).mean() >= 0.5
    )


def _runs(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
