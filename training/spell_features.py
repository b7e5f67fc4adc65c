"""What was known of a spell, its neighbours and the time before, when a minute was over.

Causal: nothing here looks past the end of the minute that it is for, nor at activity or exercise,
of which the label is made. What a live system would have: when a window came to the front and how
long it stayed (not which), keys, clicks, wheel, movement and idle time.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from training.activity_log import COUNTED, ActivityLog, Flags, Floats, Integers
from training.activity_minutes import Minutes, Pieces

SPANS_S = (60.0, 180.0, 600.0, np.inf)
"""How far back spells are summed up that are over."""

MINUTES_BACK = (1, 5)
BRIEF_S = 2.0
SEED = 20_261_126
PIXELS_A_MOVEMENT = 20
"""Movement is drawn in movements of so many pixels, as a browser would count them."""

_KEYS, _LEFT, _RIGHT, _WHEEL, _WHEEL_CLICKS, _MOVEMENT, _IDLE = range(len(COUNTED))
_AT_ONCE = slice(_KEYS, _IDLE)
"""Counts that a counter of every 5 s tells while a spell goes on; idle time has sums alone."""


class Counts(StrEnum):
    """When the counts of a spell are known; the log gives only their sum at its end.

    OVER: once it is over; of an open one only how long it has been open. Strictly causal.
    DRAWN: as a counter of every 5 s would have told them. The sum is dealt out at random over the
        spell; where inputs come evenly, what falls into a part tells nothing of what comes after
        it (the parts of a Poisson process are independent), as an even share of the sum would.
        Idle time has no parts and stays untold until the spell is over.
    EVEN: an even share of every sum, idle time too. Not causal, for the sums end after the minute;
        only to compare with figures that were made so.
    """

    OVER = "counts told when a window is left"
    DRAWN = "counts told as they come, drawn"
    EVEN = "counts spread evenly, not causal"


def drawn_counts(log: ActivityLog, pieces: Pieces) -> Floats:
    """Deal the counts of every spell out over its pieces, shape (pieces, 6), at random."""
    generator = np.random.default_rng(SEED)
    scale = np.ones(_IDLE)
    scale[_MOVEMENT] = PIXELS_A_MOVEMENT
    left = np.round(log.counts[:, _AT_ONCE] / scale).astype(np.int64)
    seconds_left = log.end_s - log.start_s
    drawn = np.zeros((len(pieces.spell), _IDLE))
    rank = np.arange(len(pieces.spell)) - pieces.first
    for place in range(int(rank.max()) + 1):
        rows = np.flatnonzero(rank == place)
        spell = pieces.spell[rows]
        share = np.minimum(pieces.seconds[rows] / seconds_left[spell], 1.0)
        part = generator.binomial(left[spell], share[:, None])
        drawn[rows] = part * scale
        left[spell] -= part
        seconds_left[spell] = np.maximum(seconds_left[spell] - pieces.seconds[rows], 1e-9)
    return drawn


def told_counts(log: ActivityLog, pieces: Pieces, counts: Counts) -> Floats:
    """Return what is told of each piece, shape (pieces, 6); with idle time, 7, where it is too."""
    if counts is Counts.DRAWN:
        return drawn_counts(log, pieces)
    share = pieces.seconds / (log.end_s - log.start_s)[pieces.spell]
    told: Floats = share[:, None] * log.counts[pieces.spell]
    return told


def piece_features(
    log: ActivityLog, minutes: Minutes, pieces: Pieces, counts: Counts
) -> dict[str, Floats]:
    """Return the features of every piece at its minute's end, shape (pieces,) each.

    NaN where there is no such spell, or its counts are not known yet.
    """
    seen = _seen(log, minutes, pieces, _known(log, minutes, pieces, counts))
    columns = dict(seen)
    columns["window since"] = minutes.end_s[pieces.minute] - log.start_s[pieces.spell]
    columns["idle, squared"] = columns["idle"] / columns["window for"] ** 2
    here = np.arange(len(pieces.spell))
    before = pieces.first - 1
    there = is_before(minutes, pieces, before, here)
    columns["window gap"] = np.where(
        there, log.start_s[pieces.spell] - log.end_s[pieces.spell[before]], np.nan
    )
    columns |= _beside(seen, before, there, "before")
    twice = pieces.first[before] - 1
    columns |= _beside(seen, twice, there & is_before(minutes, pieces, twice, here), "twice before")
    after = np.minimum(here + 1, len(here) - 1)
    follows = (pieces.minute[after] == pieces.minute) & (pieces.spell[after] != pieces.spell)
    columns |= _beside(seen, after, follows, "after")
    return columns


def recent_features(
    log: ActivityLog, minutes: Minutes, pieces: Pieces, counts: Counts
) -> dict[str, Floats]:
    """Return sums over the time before each minute's end, by span, shape (minutes,) each."""
    duration = log.end_s - log.start_s
    each = np.column_stack(
        [log.counts, duration, np.ones_like(duration), duration <= BRIEF_S, np.log1p(duration)]
    )
    total = np.vstack([np.zeros(each.shape[1]), np.cumsum(each, axis=0)])
    columns: dict[str, Floats] = {}
    for span in SPANS_S:
        begin, end = _over_within(log, minutes, span)
        summed = total[end] - total[begin]
        known = np.where(summed[:, 8] > 0, 1.0, np.nan)
        name = f"last {span:g} s" if np.isfinite(span) else "so far"
        seconds = np.maximum(summed[:, 7], 1.0)
        for column, counted in (
            (_KEYS, "keys"),
            (_LEFT, "clicks"),
            (_WHEEL, "wheel"),
            (_MOVEMENT, "movement"),
            (_IDLE, "idle"),
        ):
            columns[f"{counted}, {name}"] = known * summed[:, column] / seconds
        past = np.minimum(span, np.maximum(minutes.end_s - minutes.began_s, 1.0))
        columns[f"window changes, {name}"] = summed[:, 8] / past
        columns[f"window brief, {name}"] = known * summed[:, 9] / np.maximum(summed[:, 8], 1)
        columns[f"window length, {name}"] = known * summed[:, 10] / np.maximum(summed[:, 8], 1)
    if counts is not Counts.OVER:
        columns |= _told_features(minutes, pieces, told_counts(log, pieces, counts))
    return columns


def _told_features(minutes: Minutes, pieces: Pieces, of_pieces: Floats) -> dict[str, Floats]:
    """What was told in the last minutes in which the learner was seen."""
    kinds = of_pieces.shape[1]
    told = np.column_stack(
        [np.bincount(pieces.minute, of_pieces[:, column]) for column in range(kinds)]
    )
    total = np.vstack([np.zeros(kinds), np.cumsum(told, axis=0)])
    seconds = np.concatenate([[0.0], np.cumsum(minutes.seen_s)])
    here = np.arange(len(told)) + 1
    begins = np.searchsorted(minutes.attendance, minutes.attendance)
    columns: dict[str, Floats] = {}
    for back in MINUTES_BACK:
        first = np.maximum(here - back, begins)
        rate = (total[here] - total[first]) / (seconds[here] - seconds[first])[:, None]
        clicks = rate[:, _LEFT] + rate[:, _RIGHT]
        columns |= {
            f"keys, {back} min": rate[:, _KEYS],
            f"clicks, {back} min": clicks,
            f"wheel, {back} min": rate[:, _WHEEL],
            f"movement, {back} min": rate[:, _MOVEMENT],
        }
        if kinds > _IDLE:
            columns[f"idle, {back} min"] = rate[:, _IDLE]
    return columns


def _known(log: ActivityLog, minutes: Minutes, pieces: Pieces, counts: Counts) -> Floats:
    """Return what is known of each piece's spell at the minute's end, shape (pieces, 7)."""
    known = log.counts[pieces.spell]
    is_open = log.end_s[pieces.spell] > minutes.end_s[pieces.minute]
    known[is_open] = np.nan
    if counts is not Counts.OVER:
        told = told_counts(log, pieces, counts)
        total = np.vstack([np.zeros(told.shape[1]), np.cumsum(told, axis=0)])
        known[:, : told.shape[1]] = total[1:] - total[pieces.first]
    return known


def _seen(log: ActivityLog, minutes: Minutes, pieces: Pieces, known: Floats) -> dict[str, Floats]:
    until_s = np.minimum(log.end_s[pieces.spell], minutes.end_s[pieces.minute])
    seconds = until_s - log.start_s[pieces.spell]
    clicks = known[:, _LEFT] + known[:, _RIGHT]
    is_open = log.end_s[pieces.spell] > minutes.end_s[pieces.minute]
    return {
        "window for": seconds,
        "window open": is_open.astype(np.float64),
        "keys": known[:, _KEYS],
        "clicks, left": known[:, _LEFT],
        "clicks, right": known[:, _RIGHT],
        "wheel": known[:, _WHEEL],
        "wheel, clicks": known[:, _WHEEL_CLICKS],
        "movement": known[:, _MOVEMENT],
        "idle": known[:, _IDLE],
        "keys a second": known[:, _KEYS] / seconds,
        "clicks a second": clicks / seconds,
        "wheel a second": known[:, _WHEEL] / seconds,
        "movement a second": known[:, _MOVEMENT] / seconds,
        "idle a second": known[:, _IDLE] / seconds,
        "movement a click": known[:, _MOVEMENT] / (clicks + 0.5),
    }


_OF_NEIGHBOURS = (
    "window for",
    "keys",
    "clicks, left",
    "wheel",
    "movement",
    "movement a second",
    "idle a second",
)


def _beside(
    seen: dict[str, Floats], place: Integers, there: Flags, which: str
) -> dict[str, Floats]:
    return {
        f"{name}, {which}": np.where(there, seen[name][place], np.nan) for name in _OF_NEIGHBOURS
    }


def is_before(minutes: Minutes, pieces: Pieces, place: Integers, of: Integers) -> Flags:
    """Tell where a place among the pieces is of the same attendance, and no later minute.

    Clocks that were put back make spells overlap; what ends later is then not known yet.
    """
    place_minute, minute = pieces.minute[place], pieces.minute[of]
    same = minutes.attendance[place_minute] == minutes.attendance[minute]
    before: Flags = (place >= 0) & same & (place_minute <= minute)
    return before


def _over_within(log: ActivityLog, minutes: Minutes, span: float) -> tuple[Integers, Integers]:
    """Return the first spell, and one past the last, that ended within the span."""
    begin, end = np.empty((2, len(minutes.end_s)), np.int64)
    starts = np.append(np.flatnonzero(log.begins), len(log.learner))
    cuts = np.searchsorted(minutes.attendance, np.arange(len(starts)))
    for number, start in enumerate(starts[:-1]):
        here = slice(cuts[number], cuts[number + 1])
        ended = np.maximum.accumulate(log.end_s[start : starts[number + 1]])
        at_s = minutes.end_s[here]
        begin[here] = start + np.searchsorted(ended, at_s - span, "right")
        end[here] = start + np.searchsorted(ended, at_s, "right")
    return begin, end
