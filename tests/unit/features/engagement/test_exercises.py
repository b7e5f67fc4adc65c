"""How exercises go: streaks, tries, hints, speed against the group's."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from features.engagement import LessonFeatures
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script, windows_at


def test_wrong_answers_in_a_row_at_the_same_item_are_counted() -> None:
    script = Script()
    events = [
        script.answer("ada", 1_000, True, item_id="q1"),
        script.answer("ada", 2_000, False, item_id="q2", hints=2),
        script.answer("ada", 3_000, False, item_id="q2", hints=1),
        script.answer("ada", 4_000, False, item_id="q2", duration_ms=900),
    ]
    ada = windows_at(events, 5_000, LessonFeatures(LESSON, ROLES))["ada"]
    assert ada.value("wrong_streak") == 3
    assert ada.value("same_item_tries") == 3
    assert ada.value("hints_300s") == 3
    assert ada.value("correct_share_300s") == 0.25
    assert ada.value("rapid_share_300s") == 0.25
    assert ada.value("since_answer_s") == 1
    assert ada.value("since_correct_s") == 4


def test_a_full_score_is_right_and_what_is_not_marked_is_neither() -> None:
    script = Script()
    events = [
        script.event("assessment.item_answered", 1_000, "ada", item_id="q", score=1, max_score=2),
        script.event("assessment.item_answered", 2_000, "ada", item_id="r"),
    ]
    ada = windows_at(events, 5_000, LessonFeatures(LESSON, ROLES))["ada"]
    assert (ada.value("answers_300s"), ada.value("wrong_streak")) == (2, 1)
    assert ada.value("correct_share_300s") == 0


def test_speed_is_told_against_the_groups() -> None:
    script = Script()
    times = {"ada": 40_000, "ben": 20_000, "cleo": 10_000}
    events = [script.answer(who, 1_000, True, duration_ms=ms) for who, ms in times.items()]
    windows = windows_at(events, 5_000, LessonFeatures(LESSON, ROLES))
    ratios = {who: window.value("answer_time_ratio") for who, window in windows.items()}
    assert ratios == {"ada": 2, "ben": 1, "cleo": 0.5}


@settings(max_examples=50)
@given(
    rights=st.lists(st.booleans(), min_size=1, max_size=12),
    order=st.randoms(use_true_random=False),
)
def test_a_streak_is_the_same_in_whatever_order_answers_arrive(
    rights: list[bool], order: object
) -> None:
    script = Script()
    events = [script.answer("ada", 1_000 + n, right) for n, right in enumerate(rights)]
    expected = next((n for n, right in enumerate(reversed(rights)) if right), len(rights))
    order.shuffle(events)  # type: ignore[attr-defined]
    features = LessonFeatures(LESSON, ROLES)
    half = len(events) // 2
    for event in events[:half]:
        features.take(event)
    features.close(5_000)
    for event in events[half:]:
        features.take(event)
    (ada,) = features.close(10_000)
    assert ada.value("wrong_streak") == expected
