"""What a simulated learner's browser tells: counts of input, and what is in front."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from lessons.events import (
    ActivityBucket,
    ActivityCounted,
    AttentionActive,
    AttentionBlurred,
    AttentionFocused,
    AttentionIdle,
    EventData,
)
from models.engagement.states import AWAY, TAB_HIDDEN
from training.simulated_lessons.happenings import Attendance, Happening, Window, happens, within
from training.simulated_lessons.learners import Group
from training.simulated_lessons.script import WINDOW_MS

MOST_EMPTY = 3
"""Empty buckets are told every 15 s at the latest, as the capture page does."""

IDLE_WINDOWS = 12
LISTENING_FACTOR = 0.55
"""Whoever listens types less, whatever else they do."""

STICKY = 0.5
"""How much of a window's being active or not is that of the window before."""


def browser_happenings(
    attendance: Attendance, generator: np.random.Generator
) -> Iterator[Happening]:
    """Yield what the browser tells; nothing where no browser does."""
    if not attendance.learner.equipment.browser:
        return
    counts = _counts(attendance, generator)
    yield from _counted(attendance, counts)
    yield from _idleness(attendance, counts)
    yield from _focus(attendance, generator)


def _counts(attendance: Attendance, generator: np.random.Generator) -> list[ActivityBucket]:
    counts = list[ActivityBucket]()
    active = False
    for window in attendance.windows():
        chance = window.conduct.active
        if window.context == "explaining" and not window.conduct.is_machine:
            chance *= LISTENING_FACTOR
        if generator.random() >= STICKY or window.conduct.is_machine:
            active = bool(generator.random() < chance)
        seen = active and chance > 0
        counts.append(_bucket(attendance, window, generator) if seen else ActivityBucket())
    return counts


def _bucket(
    attendance: Attendance, window: Window, generator: np.random.Generator
) -> ActivityBucket:
    conduct, learner = window.conduct, attendance.learner
    if conduct.is_machine:
        means = np.array([conduct.keys, conduct.clicks, conduct.moves, conduct.scrolls, 0.0])
        drawn = means.round() + (means > 0) * generator.integers(0, 2, 5)
    else:
        tempo = learner.tempo[0]
        means = np.array([conduct.keys, conduct.clicks, conduct.moves, conduct.scrolls])
        means = np.append(means, conduct.edits) * tempo
        drawn = generator.poisson(generator.gamma(1.5, means / 1.5))
    if learner.group is Group.TOUCH_DEVICE and not conduct.is_machine:
        # Fingers leave no pointer trail, and taps on a glass keyboard arrive as edits only.
        drawn[0], drawn[2] = 0, 0
        drawn[1] += generator.poisson(1.0)
    keys, clicks, moves, scrolls, edits = (int(each) for each in drawn)
    return ActivityBucket(
        key_presses=keys, clicks=clicks, pointer_moves=moves, scrolls=scrolls, edits=edits
    )


def _counted(attendance: Attendance, counts: Sequence[ActivityBucket]) -> Iterator[Happening]:
    """Yield events of counts: as soon as there was input, else once several buckets are empty."""
    waiting = list[ActivityBucket]()
    for place, bucket in enumerate(counts):
        waiting.append(bucket)
        if bucket == ActivityBucket() and len(waiting) < MOST_EMPTY:
            continue
        end_ms = (place + 1) * WINDOW_MS
        data = ActivityCounted(start_ms=end_ms - WINDOW_MS * len(waiting), buckets=waiting)
        yield _told(attendance, end_ms, data)
        waiting = []


def _idleness(attendance: Attendance, counts: Sequence[ActivityBucket]) -> Iterator[Happening]:
    quiet = 0
    for place, bucket in enumerate(counts):
        if bucket == ActivityBucket():
            quiet += 1
            if quiet == IDLE_WINDOWS:
                idle = AttentionIdle(idle_ms=quiet * WINDOW_MS)
                yield _told(attendance, (place + 1) * WINDOW_MS, idle)
            continue
        if quiet >= IDLE_WINDOWS:
            yield _told(attendance, place * WINDOW_MS, AttentionActive(idle_ms=quiet * WINDOW_MS))
        quiet = 0


def _focus(attendance: Attendance, generator: np.random.Generator) -> Iterator[Happening]:
    """Yield what comes to the front and goes behind: hidden tabs, and other windows for a while."""
    for start_ms, end_ms in attendance.spells(TAB_HIDDEN):
        hidden_ms = start_ms + int(generator.integers(0, 1_500))
        yield _told(attendance, hidden_ms, AttentionBlurred(surface="tab"))
        yield _told(attendance, end_ms, AttentionFocused(surface="tab"))
    free_ms = 0
    for window in attendance.windows():
        if window.state in {TAB_HIDDEN, AWAY} or window.start_ms < free_ms:
            continue
        if happens(window.conduct.window_blurs, generator):
            at_ms = within(window, generator)
            free_ms = at_ms + int(generator.exponential(12_000)) + 1_000
            yield _told(attendance, at_ms, AttentionBlurred(surface="window"))
            yield _told(attendance, free_ms, AttentionFocused(surface="window"))


def _told(attendance: Attendance, at_ms: int, data: EventData) -> Happening:
    return Happening(at_ms, data, attendance.learner.participant_id, of_browser=True)
