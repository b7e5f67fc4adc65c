"""Nudges: few, in time, whoever is stuck first, and never against what was answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.lesson_context import LessonContext
from models.engagement.decision import Judgement
from models.engagement.needs import ENOUGH, MOST, Need
from models.engagement.nudges import REST_MS, Nudge, NudgePolicy, NudgeRules
from models.engagement.states import AWAY, DRIFTING, STATES, STUCK, UNKNOWN, WORKING

MINUTE_MS = 60_000
NEEDS = (STUCK, DRIFTING, AWAY)
ADA, BEN, CLEO = "par_ada", "par_ben", "par_cleo"


def judged(
    who: str,
    state: str,
    since_ms: int,
    end_ms: int,
    evidence: float = MOST,
    context: LessonContext = LessonContext.INDIVIDUAL_WORK,
) -> Judgement:
    """A judgement of a state, and a need that began with it, of its kind where it is one."""
    is_need = state in NEEDS
    need = Need(since_ms, evidence if is_need else 0.0, state if is_need else DRIFTING)
    start_ms = end_ms - 5_000
    return Judgement(who, state, since_ms, start_ms, end_ms, 0.5, False, context, ("event",), need)


def given_at(policy: NudgePolicy, now_ms: int, **states: str) -> Nudge | None:
    """What is said when these learners have been so since the beginning."""
    return policy.consider(now_ms, [judged(who, state, 0, now_ms) for who, state in states.items()])


def test_nothing_is_said_before_its_time() -> None:
    policy = NudgePolicy(NudgeRules())
    assert given_at(policy, 119_000, ada=STUCK) is None
    said = given_at(policy, 120_000, ada=STUCK)
    assert said is not None
    assert (said.participant_id, said.reason) == ("ada", "stuck")


@pytest.mark.parametrize("state", [STUCK, DRIFTING, AWAY])
def test_a_task_that_expects_quiet_gets_it(state: str) -> None:
    policy, ten = NudgePolicy(NudgeRules()), 10 * MINUTE_MS
    judgement = judged(ADA, state, 0, ten)
    assert policy.consider(ten, [judgement], expected_quiet_ms=9 * MINUTE_MS) is None
    assert policy.consider(ten, [judgement], expected_quiet_ms=8 * MINUTE_MS) is not None


def test_whoever_is_stuck_goes_before_whoever_was_idle_for_longer() -> None:
    now_ms = 10 * MINUTE_MS
    idle = judged(BEN, DRIFTING, 0, now_ms)
    stuck = judged(ADA, STUCK, now_ms - 3 * MINUTE_MS, now_ms)
    said = NudgePolicy(NudgeRules()).consider(now_ms, [idle, stuck])
    assert said is not None
    assert said.reason == "stuck"


def test_the_idle_do_not_use_up_what_is_kept_for_the_stuck() -> None:
    policy, now_ms = NudgePolicy(NudgeRules(per_lesson=3)), 10 * MINUTE_MS
    reasons = []
    for who in "abcdef":
        said = policy.consider(now_ms, [judged(who, DRIFTING, 0, now_ms)])
        reasons += [said.reason] if said else []
        now_ms += REST_MS
    assert reasons == ["drifting", "drifting"]
    assert given_at(policy, now_ms, ada=STUCK) is not None
    assert given_at(policy, now_ms + REST_MS, ben=STUCK) is None  # The lesson has had its three.


def test_there_is_one_at_a_time_and_rest_between() -> None:
    policy = NudgePolicy(NudgeRules())
    assert given_at(policy, 300_000, ada=STUCK, ben=STUCK) is not None
    assert given_at(policy, 300_000 + REST_MS - 5_000, ada=STUCK, ben=STUCK) is None
    second = given_at(policy, 300_000 + REST_MS, ada=STUCK, ben=STUCK)
    assert second is not None
    assert second.participant_id == "ben"


@pytest.mark.parametrize(("answer", "again"), [("dismissed", 0), ("wrong", 0), ("helpful", 1)])
def test_what_was_dismissed_is_not_said_again(answer: str, again: int) -> None:
    policy = NudgePolicy(NudgeRules())
    first = given_at(policy, 200_000, ada=STUCK)
    assert first is not None
    policy.answered(first.nudge_id, answer)  # type: ignore[arg-type]
    later_ms = 60 * MINUTE_MS
    said = policy.consider(later_ms, [judged("ada", STUCK, 50 * MINUTE_MS, later_ms)])
    assert (said is not None) == bool(again)
    other = policy.consider(later_ms + REST_MS, [judged("ada", AWAY, 0, later_ms)])
    assert other is not None  # It was about one reason.


def test_after_a_restart_nothing_is_said_twice() -> None:
    before, after = NudgePolicy(NudgeRules()), NudgePolicy(NudgeRules())
    first = given_at(before, 200_000, ada=STUCK)
    assert first is not None
    after.given(first.nudge_id, first.participant_id, first.reason, 200_000)
    assert given_at(after, 200_000 + REST_MS, ada=STUCK) is None


def test_a_break_is_no_reason_and_a_doubt_neither() -> None:
    now_ms = 10 * MINUTE_MS
    on_break = judged(ADA, AWAY, 0, now_ms, context=LessonContext.BREAK)
    doubtful = judged(BEN, STUCK, 0, now_ms, evidence=ENOUGH - 1)
    working = judged(CLEO, WORKING, 0, now_ms)
    assert NudgePolicy(NudgeRules()).consider(now_ms, [on_break, doubtful, working]) is None


def test_evidence_that_went_on_long_enough_needs_no_certain_tile() -> None:
    now_ms = 10 * MINUTE_MS
    unclear = replace(judged(ADA, STUCK, now_ms - 130_000, now_ms), state=UNKNOWN, since_ms=now_ms)
    said = NudgePolicy(NudgeRules()).consider(now_ms, [unclear])
    assert said is not None
    assert (said.reason, said.since_ms) == ("stuck", now_ms - 130_000)


def test_of_whom_a_tile_says_that_they_work_nothing_else_is_said() -> None:
    now_ms = 10 * MINUTE_MS
    at_work = replace(judged(ADA, STUCK, 0, now_ms), state=WORKING)
    assert NudgePolicy(NudgeRules()).consider(now_ms, [at_work]) is None


def test_somebody_who_was_not_heard_for_long_is_mentioned_once() -> None:
    policy, now_ms = NudgePolicy(NudgeRules()), 30 * MINUTE_MS
    quiet = judged(ADA, WORKING, 0, now_ms)
    said = policy.consider(now_ms, [quiet], not_heard_ms={ADA: 16 * MINUTE_MS})
    assert said is not None
    assert said.reason == "not_heard"
    later_ms = now_ms + 5 * MINUTE_MS
    again = judged(ADA, WORKING, 0, later_ms)
    assert policy.consider(later_ms, [again], not_heard_ms={ADA: 21 * MINUTE_MS}) is None


TICKS = st.lists(
    st.dictionaries(
        st.sampled_from("abcde"),
        st.tuples(st.sampled_from(STATES), st.integers(0, 3_600_000), st.floats(0, MOST)),
        max_size=5,
    ),
    max_size=120,
)


@given(TICKS, st.integers(0, 8), st.integers(120, 600), st.integers(0, 600_000))
def test_the_rules_hold_whatever_happens(
    ticks: list[dict[str, tuple[str, int, float]]], budget: int, after_s: int, quiet_ms: int
) -> None:
    policy = NudgePolicy(NudgeRules(budget, after_s))
    said: list[tuple[int, Nudge]] = []
    for number, learners in enumerate(ticks):
        now_ms = number * 30_000
        judgements = [
            judged(who, state, min(since_ms, now_ms), now_ms, evidence)
            for who, (state, since_ms, evidence) in learners.items()
        ]
        nudge = policy.consider(now_ms, judgements, quiet_ms)
        if nudge is None:
            continue
        said.append((now_ms, nudge))
        policy.answered(nudge.nudge_id, "dismissed")
        assert now_ms - nudge.since_ms >= after_s * 1000 + quiet_ms
        if nudge.reason != "stuck":
            stuck = [one for one in judgements if one.state == STUCK and one.need.is_clear]
            patience_ms = after_s * 1000 + quiet_ms
            known = {(one.participant_id, one.reason) for _, one in said}
            assert not [
                one
                for one in stuck
                if now_ms - one.since_ms >= patience_ms
                and (one.participant_id, "stuck") not in known
            ]
    assert len(said) <= budget
    assert not said or max(Counter((n.participant_id, n.reason) for _, n in said).values()) == 1
    assert all(later - earlier >= REST_MS for (earlier, _), (later, _) in pairwise(said))
