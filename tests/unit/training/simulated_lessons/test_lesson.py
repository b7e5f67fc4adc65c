"""Simulated lessons: repeatable, typed, and as each kind of learner would leave them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from lessons.events import (
    ActivityCounted,
    AttentionBlurred,
    CameraObserved,
    EventData,
    parse_event,
)
from models.engagement.states import AWAY, READING_OR_THINKING, STATES, STUCK, TAB_HIDDEN
from training.simulated_lessons.browser import browser_happenings
from training.simulated_lessons.camera import camera_happenings
from training.simulated_lessons.delivery import deliver
from training.simulated_lessons.happenings import Attendance
from training.simulated_lessons.learners import Equipment, draw_learner
from training.simulated_lessons.lesson import simulate_lesson
from training.simulated_lessons.platform import HELP_WORDS, platform_happenings
from training.simulated_lessons.programs import TRAINING_PROGRAMS, Program
from training.simulated_lessons.script import WINDOW_MS, draw_script
from training.simulated_lessons.trajectory import true_states
from training.simulated_lessons.unseen_programs import UNSEEN_PROGRAMS

GENERATOR_SEED = 5
GOOD = Equipment(
    browser=True,
    microphone_until_ms=10**7,
    camera_until_ms=10**7,
    skew_ms=0,
    offline_ms=(),
)


def _named(name: str) -> Program:
    return next(one for one in (*TRAINING_PROGRAMS, *UNSEEN_PROGRAMS) if one.name == name)


def _attendance(program: Program, state: str | None = None, **equipment: object) -> Attendance:
    """Return a learner's lesson; with a state, they are in it from the first to the last window."""
    generator = np.random.default_rng(GENERATOR_SEED)
    script = draw_script(generator)
    learner = draw_learner("ada", [program], script.end_ms, generator)
    learner = replace(learner, equipment=replace(GOOD, **equipment))  # type: ignore[arg-type]
    states = true_states(learner, script, generator)
    if state is not None:
        states[:] = STATES.index(state)
    return Attendance(learner, script, states)


def _seen(attendance: Attendance, channel: object) -> list[EventData]:
    assert callable(channel)
    return [each.data for each in channel(attendance, np.random.default_rng(1))]


def test_the_same_seed_gives_the_same_lesson_and_another_seed_another() -> None:
    first, second = (simulate_lesson("one", TRAINING_PROGRAMS, 3) for _ in range(2))
    assert [each.event for each in first.arrivals] == [each.event for each in second.arrivals]
    assert all((first.truth[each] == second.truth[each]).all() for each in first.truth)
    other = simulate_lesson("one", TRAINING_PROGRAMS, 4)
    assert [each.event for each in other.arrivals] != [each.event for each in first.arrivals]


def test_what_comes_in_is_what_a_ledger_would_hold() -> None:
    lesson = simulate_lesson("one", TRAINING_PROGRAMS, 3)
    assert [each.event.ledgersequence for each in lesson.arrivals] == list(
        range(1, len(lesson.arrivals) + 1)
    )
    assert all(a.arrived_ms <= b.arrived_ms for a, b in pairwise(lesson.arrivals))
    for arrival in lesson.arrivals[::50]:
        assert parse_event(arrival.event.to_wire()) == arrival.event
    windows = lesson.script.end_ms // WINDOW_MS
    assert all(len(states) == windows for states in lesson.truth.values())


def test_the_kinds_that_are_held_out_are_other_kinds() -> None:
    names = Counter(each.name for each in (*TRAINING_PROGRAMS, *UNSEEN_PROGRAMS))
    assert set(names.values()) == {1}
    assert len(UNSEEN_PROGRAMS) >= 6


@pytest.mark.parametrize("name", ["mouse jiggler", "typing script"])
def test_a_machine_sends_even_counts_while_nobody_is_there(name: str) -> None:
    seen = _seen(_attendance(_named(name), AWAY), browser_happenings)
    counted = [each for each in seen if isinstance(each, ActivityCounted)]
    moves = [b.pointer_moves + b.key_presses for each in counted for b in each.buckets]
    assert min(moves) > 20
    assert np.std(moves) < 2


def test_somebody_stuck_and_silent_asks_nobody_and_a_help_seeker_does() -> None:
    asked = {}
    for name in ("stuck and silent", "help seeker"):
        seen = _seen(_attendance(_named(name), STUCK), platform_happenings)
        asked[name] = sum(getattr(each, "text", None) in HELP_WORDS for each in seen)
    assert asked["stuck and silent"] == 0
    assert asked["help seeker"] > 3


def test_a_note_taker_loses_the_focus_and_never_hides_the_tab() -> None:
    seen = _seen(
        _attendance(_named("note taker at a second screen"), READING_OR_THINKING),
        browser_happenings,
    )
    assert {each.surface for each in seen if isinstance(each, AttentionBlurred)} == {"window"}


def test_a_hidden_tab_is_told_once_and_has_no_input() -> None:
    seen = _seen(_attendance(_named("tab switcher"), TAB_HIDDEN), browser_happenings)
    blurred = [each for each in seen if isinstance(each, AttentionBlurred)]
    assert [each.surface for each in blurred] == ["tab"]
    counted = [each for each in seen if isinstance(each, ActivityCounted)]
    assert all(bucket.key_presses == 0 for each in counted for bucket in each.buckets)


def test_a_photo_is_a_face_that_never_moves() -> None:
    seen = _seen(_attendance(_named("photo before the camera"), AWAY), camera_happenings)
    observed = [each for each in seen if isinstance(each, CameraObserved)]
    assert {(each.presence, each.hand_motion, each.large_motion) for each in observed} == {
        (1, 0, 0)
    }


def test_a_camera_whose_consent_is_withdrawn_shows_nothing_more() -> None:
    until = 60_000
    seen = _seen(_attendance(TRAINING_PROGRAMS[0], camera_until_ms=until), camera_happenings)
    assert len(seen) == until // WINDOW_MS
    assert _seen(_attendance(TRAINING_PROGRAMS[0], camera_until_ms=0), camera_happenings) == []


def test_what_a_browser_tells_without_network_comes_in_a_burst_afterwards() -> None:
    attendance = _attendance(TRAINING_PROGRAMS[0], offline_ms=((60_000, 80_000),))
    told = browser_happenings(attendance, np.random.default_rng(1))
    equipment = {"ada": attendance.learner.equipment}
    arrivals = deliver("one", told, equipment, np.random.default_rng(2))
    assert not [each for each in arrivals if 60_000 <= each.arrived_ms < 80_000]
    burst = [each for each in arrivals if 80_000 <= each.arrived_ms < 80_400]
    assert [each.event.lessontimems < 80_000 for each in burst].count(True) >= 2


def test_a_network_that_is_gone_for_long_is_being_away() -> None:
    states = _attendance(TRAINING_PROGRAMS[0], offline_ms=((60_000, 120_000),)).states
    assert {STATES[each] for each in states[12:24]} == {AWAY}


def test_a_clock_that_is_off_moves_what_its_browser_tells_and_nothing_else() -> None:
    attendance = _attendance(TRAINING_PROGRAMS[0], skew_ms=15_000)
    told = [*browser_happenings(attendance, np.random.default_rng(1))][:20]
    told += [*platform_happenings(attendance, np.random.default_rng(1))][:5]
    equipment = {"ada": attendance.learner.equipment}
    for arrival in deliver("one", told, equipment, np.random.default_rng(2)):
        off = arrival.event.lessontimems - arrival.arrived_ms
        of_browser = arrival.event.type.startswith(("activity", "attention"))
        assert (14_000 < off <= 15_000) if of_browser else off == 0
