"""Contests and the numbers of a group: what is contested counts nowhere, nor do small groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from lessons.aggregates import SMALLEST_GROUP
from lessons.engagement_record import STALE_MS, Contests, EngagementAggregate, aggregate_of
from lessons.events import EngagementContested, EngagementReviewed, EngagementSignal
from lessons.events.privacy import ConsentRevoked
from tests.ledger_events import Told, ledger_of

LEARNERS = [f"par_{letter}" for letter in "abcdefgh"]
MINUTE_MS = 60_000


def signal(state: str, end_ms: int, since_ms: int = 0) -> EngagementSignal:
    changes = {"state": state, "since_ms": since_ms, "start_ms": end_ms - 5_000, "end_ms": end_ms}
    return EngagementSignal.model_validate(dict(EngagementSignal.example) | changes)


def signals(states: Sequence[str], end_ms: int = MINUTE_MS) -> list[Told]:
    return [
        (who, end_ms, signal(state, end_ms)) for who, state in zip(LEARNERS, states, strict=False)
    ]


def numbers(things: Iterable[Told], now_ms: int = MINUTE_MS) -> EngagementAggregate:
    return aggregate_of(ledger_of(things), now_ms)


def review(contest_id: str, outcome: str) -> EngagementReviewed:
    return EngagementReviewed.model_validate({"contest_id": contest_id, "outcome": outcome})


def test_shares_are_of_the_group_and_rounded() -> None:
    found = numbers(signals(["working"] * 4 + ["stuck"] * 2))
    assert (found.learners, found.suppressed, found.at_ms) == (6, False, MINUTE_MS)
    assert found.states == {"working": 0.7, "stuck": 0.3}
    assert found.context == "individual_work"


@given(st.lists(st.sampled_from(["working", "stuck", "away", "unknown"]), max_size=8))
def test_nothing_is_told_of_fewer_than_five(states: list[str]) -> None:
    found = numbers(signals(states))
    assert found.suppressed == (len(states) < SMALLEST_GROUP)
    if found.suppressed:
        assert (found.learners, found.states, found.context) == (None, None, None)
        assert (found.tutor_talk_share, found.questions) == (None, None)


def test_only_whole_minutes_are_told_of() -> None:
    things = signals(["working"] * 5) + signals(["stuck"] * 5, end_ms=70_000)
    for now_ms in (60_000, 71_000, 119_999):
        assert numbers(things, now_ms).states == {"working": 1.0}
    assert numbers(things, 59_999).suppressed


def test_what_was_not_told_again_is_not_how_it_is() -> None:
    things = signals(["working"] * 6)
    assert not numbers(things, MINUTE_MS + STALE_MS - 1).suppressed
    assert numbers(things, 2 * MINUTE_MS).suppressed


def test_what_is_contested_counts_again_only_when_it_is_upheld() -> None:
    contested = (LEARNERS[0], MINUTE_MS, EngagementContested(signal_ids=["event-1"]))
    things = [*signals(["away"] + ["working"] * 5), contested]
    assert numbers(things).states == {"working": 1.0}
    upheld = (LEARNERS[0], MINUTE_MS, review("event-7", "upheld"))
    withdrawn = (LEARNERS[0], MINUTE_MS, review("event-7", "withdrawn"))
    assert numbers([*things, upheld]).learners == 6
    assert numbers([*things, withdrawn]).learners == 5
    stranger = (LEARNERS[1], MINUTE_MS, review("event-7", "upheld"))
    assert numbers([*things, stranger]).learners == 5


def test_a_contest_may_take_a_group_below_five() -> None:
    contested = (LEARNERS[0], MINUTE_MS, EngagementContested(signal_ids=["event-1"]))
    assert numbers([*signals(["working"] * 5), contested]).suppressed


def test_a_state_that_goes_on_is_one_claim_and_the_next_state_another() -> None:
    contests = Contests()
    ledger = ledger_of(
        [
            (LEARNERS[0], 30_000, signal("away", 30_000, since_ms=5_000)),
            (LEARNERS[0], 31_000, EngagementContested(signal_ids=["event-1"])),
            (LEARNERS[0], 60_000, signal("away", 60_000, since_ms=5_000)),
            (LEARNERS[0], 90_000, signal("away", 90_000, since_ms=70_000)),
            (LEARNERS[1], 90_000, signal("away", 90_000, since_ms=5_000)),
        ]
    )
    for event in ledger:
        contests.take(event)
    left_out = [event.id for event in ledger if contests.leave_out(event)]
    assert left_out == ["event-1", "event-3"]


def test_a_span_contests_whatever_lies_in_it() -> None:
    contests = Contests()
    span = EngagementContested(start_ms=20_000, end_ms=40_000)
    ledger = ledger_of(
        [
            (LEARNERS[0], 20_000, signal("stuck", 20_000)),
            (LEARNERS[0], 25_000, signal("stuck", 25_000)),
            (LEARNERS[0], 45_000, signal("stuck", 45_000)),
            (LEARNERS[1], 25_000, signal("stuck", 25_000)),
            (LEARNERS[0], 50_000, span),
        ]
    )
    for event in ledger:
        contests.take(event)
    assert [event.id for event in ledger if contests.leave_out(event)] == ["event-2"]


def test_whoever_takes_consent_back_is_in_no_number() -> None:
    revoked = ConsentRevoked.model_validate(
        dict(ConsentRevoked.example) | {"participant_id": LEARNERS[0], "purpose": "signals"}
    )
    things = [*signals(["away"] + ["working"] * 5), (LEARNERS[0], MINUTE_MS, revoked)]
    assert numbers(things).states == {"working": 1.0}
