"""Judgements: steady, grounded, and silent where nothing is clear."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.engagement import WINDOW_MS
from models.engagement.decision import MIN_DWELL_MS, Decision, Judgement
from models.engagement.states import (
    AWAY,
    DRIFTING,
    PARTICIPATING,
    STATES,
    STUCK,
    TAB_HIDDEN,
    UNKNOWN,
    WORKING,
)
from tests.unit.models.engagement.windows import sure_of, window

ROWS = st.lists(
    st.lists(st.floats(0.001, 1.0), min_size=len(STATES), max_size=len(STATES)).map(
        lambda row: np.array(row, dtype=np.float32) / np.float32(sum(row))
    ),
    min_size=2,
    max_size=60,
)
SEEN = st.fixed_dictionaries(
    {
        "hidden_for_s": st.sampled_from([0.0, 4.0, 90.0]),
        "connected": st.sampled_from([0.0, 1.0]),
        "declared_away": st.sampled_from([0.0, 1.0]),
    }
)


def judged(states: list[str], **seen: float) -> list[Judgement]:
    """What becomes of windows in which the model is sure of one state each."""
    decision = Decision()
    return [
        decision.take(window(number, seen), sure_of(state)) for number, state in enumerate(states)
    ]


@given(ROWS, st.lists(SEEN, min_size=60, max_size=60))
def test_no_tile_flaps_whatever_the_model_says(
    rows: list[np.ndarray], seen: list[dict[str, float]]
) -> None:
    decision = Decision()
    changes = [
        judgement.since_ms
        for number, row in enumerate(rows)
        if (judgement := decision.take(window(number, seen[number]), row)).changed
    ]
    dwells = [later - earlier for earlier, later in pairwise(changes)]
    assert not dwells or min(dwells) >= MIN_DWELL_MS
    assert not dwells or median(dwells) >= 20_000


@given(ROWS, st.lists(SEEN, min_size=60, max_size=60))
def test_nobody_becomes_away_or_hidden_without_a_sign_of_it(
    rows: list[np.ndarray], seen: list[dict[str, float]]
) -> None:
    decision = Decision()
    for number, row in enumerate(rows):
        what = seen[number]
        judgement = decision.take(window(number, what), row)
        gone = what["connected"] == 0 or what["declared_away"] == 1 or what["hidden_for_s"] >= 60
        if judgement.changed:
            assert judgement.state != AWAY or gone
            assert judgement.state != TAB_HIDDEN or what["hidden_for_s"] > 0
        assert 0.0 <= judgement.confidence <= 1.0


@pytest.mark.parametrize("state", [AWAY, TAB_HIDDEN])
def test_a_guess_of_absence_without_evidence_is_unknown(state: str) -> None:
    assert {one.state for one in judged([state] * 12)} == {UNKNOWN}


def test_absence_with_evidence_is_told() -> None:
    assert judged([AWAY] * 2, connected=0.0)[-1].state == AWAY
    assert judged([TAB_HIDDEN] * 2, hidden_for_s=8.0)[-1].state == TAB_HIDDEN
    assert judged([AWAY] * 2, hidden_for_s=8.0)[-1].state == UNKNOWN


@pytest.mark.parametrize("state", [WORKING, DRIFTING, STUCK])
def test_nobody_begins_in_a_state_that_a_few_seconds_show(state: str) -> None:
    found = judged([state] * 6)
    assert [one.state for one in found[:4]] == [UNKNOWN] * 4
    assert found[-1].state == state


def test_who_comes_into_view_late_is_looked_at_as_long() -> None:
    decision, nothing = Decision(), {"input_5s": float("nan")}
    for number in range(10):
        assert decision.take(window(number, nothing), sure_of(DRIFTING)).state == UNKNOWN
    seen = [decision.take(window(number), sure_of(DRIFTING)).state for number in range(10, 15)]
    assert seen == [UNKNOWN] * 3 + [DRIFTING] * 2


def test_a_change_takes_its_time() -> None:
    found = judged([WORKING] * 9 + [DRIFTING] * 6)
    assert (found[0].state, found[0].changed) == (UNKNOWN, True)
    assert found[9].state == WORKING  # One window is half a reason.
    assert found[-1].state == DRIFTING
    assert sum(one.changed for one in found) == 3


def test_one_odd_window_changes_nothing() -> None:
    found = judged([WORKING] * 8 + [STUCK] + [WORKING] * 8)
    assert {one.state for one in found[5:]} == {WORKING}


def test_a_model_in_doubt_is_not_turned_into_a_claim() -> None:
    even = np.full(len(STATES), 1 / len(STATES), dtype=np.float32)
    decision = Decision()
    assert {decision.take(window(number), even).state for number in range(10)} == {UNKNOWN}


def test_two_states_that_are_as_likely_are_no_claim() -> None:
    row = np.full(len(STATES), 0.01, dtype=np.float32)
    row[[STATES.index(WORKING), STATES.index(PARTICIPATING)]] = 0.47
    assert Decision().take(window(), row).state == UNKNOWN


def test_of_whom_nothing_is_seen_nothing_is_said() -> None:
    decision = Decision()
    nothing = dict.fromkeys(("input_5s", "disconnected_s", "hidden_for_s"), float("nan"))
    for number in range(5):
        assert decision.take(window(number, nothing), sure_of(WORKING)).state == UNKNOWN


def test_a_silent_browser_is_no_ground_for_a_claim_and_a_raised_hand_is() -> None:
    silent = {"input_5s": float("nan"), "since_chat_s": 30.0, "since_joined_s": 30.0}
    assert judged([WORKING] * 6, **silent)[-1].state == UNKNOWN
    assert judged([WORKING] * 6, **silent, hand_up=1.0)[-1].state == WORKING
    assert judged([WORKING] * 6, **(silent | {"since_chat_s": 12.0}))[-1].state == WORKING


def test_evidence_is_of_what_speaks_for_the_state() -> None:
    events = {"keys_30s": ("a", "b"), "talk_30s": ("c",), "hidden_for_s": ("d",)}
    decision = Decision()
    decision.resume(WORKING, 0)
    assert decision.take(window(1, events=events), sure_of(WORKING)).evidence == ("a", "b")
    gone = decision.take(window(2, {"connected": 0.0}, events=events), sure_of(AWAY))
    assert "c" not in gone.evidence


def test_after_a_restart_a_judgement_goes_on() -> None:
    decision = Decision()
    decision.resume(WORKING, 0)
    judgement = decision.take(window(20), sure_of(WORKING))
    assert (judgement.state, judgement.since_ms, judgement.changed) == (WORKING, 0, False)
    young = Decision()
    young.resume(WORKING, 19 * WINDOW_MS)
    assert young.take(window(20), sure_of(STUCK)).state == WORKING
