"""Profiles: four shares of occasions with intervals, and nothing where little was seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lessons.lesson_context import LessonContext
from models.engagement.profile import FEWEST_OCCASIONS, Profile, ProfileKeeper, share_of
from models.engagement.states import STUCK, WORKING
from tests.unit.models.engagement.windows import window

PER_MINUTE = 12


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_share_lies_in_its_interval(taken: int, left: int) -> None:
    share = share_of(taken, taken + left)
    if taken + left < FEWEST_OCCASIONS:
        assert share is None
        return
    assert share is not None
    assert 0 <= share.low <= share.estimate <= share.high <= 1


@given(st.integers(1, 40), st.integers(1, 40))
def test_more_occasions_narrow_it(taken: int, left: int) -> None:
    few, many = (
        share_of(taken + 2, taken + left + 2),
        share_of(10 * (taken + 2), 10 * (taken + left + 2)),
    )
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


def minutes(keeper: ProfileKeeper, number: int, first: int = 0, **seen: float) -> Profile:
    for place in range(first * PER_MINUTE, (first + number) * PER_MINUTE):
        keeper.take(window(place, seen))
    return keeper.profile()


def test_of_a_learner_of_whom_little_was_seen_there_is_no_estimate() -> None:
    profile = minutes(ProfileKeeper(), 2)
    assert (profile.contribution, profile.responsiveness) == (None, None)
    assert (profile.practice, profile.help_seeking) == (None, None)


def test_minutes_with_a_word_are_contributions() -> None:
    keeper = ProfileKeeper()
    minutes(keeper, 3, talk_5s=0.4)
    profile = minutes(keeper, 4, first=3, talk_5s=0.0)
    assert profile.contribution is not None
    assert profile.contribution.estimate == 3 / 6  # The minute that goes on is left out.


def test_a_break_is_no_occasion() -> None:
    keeper = ProfileKeeper()
    for place in range(10 * PER_MINUTE):
        keeper.take(window(place, context=LessonContext.BREAK))
    assert keeper.profile().contribution is None


def test_what_is_only_since_the_learner_came_is_no_contribution() -> None:
    profile = minutes(ProfileKeeper(), 5, since_chat_s=2.0, since_joined_s=2.0)
    assert profile.contribution is not None
    assert profile.contribution.estimate == 0


def poll(
    keeper: ProfileKeeper, start: int, answered_after_s: float | None, before_s: float
) -> None:
    """Open a poll, and close it after two minutes; before that, leave the last one as it was."""
    latency_s = before_s
    for place in range(start, start + 24):
        waited_s = (place - start) * 5.0 + 2.0
        pending = answered_after_s is None or waited_s < answered_after_s
        if not pending and answered_after_s is not None:
            latency_s = answered_after_s
        keeper.take(
            window(
                place,
                {"poll_pending_s": waited_s if pending else 0.0, "poll_latency_s": latency_s},
            )
        )
    keeper.take(window(start + 24, {"poll_pending_s": 0.0, "poll_latency_s": latency_s}))


def test_a_poll_counts_once_by_whether_it_was_answered_in_time() -> None:
    keeper = ProfileKeeper()
    poll(keeper, 0, 20.0, 0.0)
    poll(keeper, 30, None, 20.0)
    poll(keeper, 60, 100.0, 20.0)
    poll(keeper, 90, 31.0, 100.0)
    profile = keeper.profile()
    assert profile.responsiveness is not None
    assert profile.responsiveness.estimate == 2 / 4


def test_a_spell_of_struggle_counts_by_whether_help_was_asked_for() -> None:
    keeper = ProfileKeeper()
    for spell in range(4):
        for place in range(6):
            asked = 1.0 if spell == 0 and place == 3 else 0.0
            keeper.take(window(spell * 12 + place, {"hand_up": asked}), STUCK)
        keeper.take(window(spell * 12 + 7, {"hand_up": 0.0}), WORKING)
    profile = keeper.profile()
    assert profile.help_seeking is not None
    assert profile.help_seeking.estimate == 1 / 4
