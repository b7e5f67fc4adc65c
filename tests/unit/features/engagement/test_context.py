"""What the lesson is doing: the plan says, else the events show it, else it is not known."""

from __future__ import annotations

import pytest

from features.engagement import LessonFeatures
from lessons.lesson_context import LessonContext
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script, windows_at


def test_without_anything_to_go_by_it_is_not_known() -> None:
    script = Script()
    ada = windows_at([script.joined("ada")], 5_000)["ada"]
    assert ada.context is LessonContext.UNKNOWN
    assert [ada.value(one) for one in LessonContext if one != "unknown"] == [0] * 5
    assert ada.value("tutor_talk_30s") is None
    assert ada.value("tutor_there") == 0


@pytest.mark.parametrize("mode", [one for one in LessonContext if one != "unknown"])
def test_the_plan_says_what_the_lesson_does(mode: LessonContext) -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.event(
            "lesson_plan.item_started",
            6_000,
            item_id="i1",
            title="Reading",
            mode=mode,
            expected_quiet_ms=60_000,
        ),
        script.event("lesson_plan.item_completed", 26_000, item_id="i1"),
    ]
    ada = windows_at(events, 15_000)["ada"]
    assert ada.context is mode
    assert ada.value(mode.value) == 1
    assert ada.value("context_s") == 10
    assert ada.value("quiet_left_s") == 51
    after = windows_at(events, 30_000)["ada"]
    assert after.context is LessonContext.UNKNOWN
    assert after.value("quiet_left_s") == 0


def test_a_tutor_who_speaks_most_of_the_time_explains() -> None:
    script = Script()
    events = [
        script.joined("tutor"),
        script.joined("ada"),
        *(script.spoke("tutor", at, at + 4_000) for at in range(0, 30_000, 5_000)),
    ]
    ada = windows_at(events, 30_000)["ada"]
    assert ada.context is LessonContext.EXPLAINING
    assert ada.value("tutor_talk_30s") == pytest.approx(0.8)
    assert ada.value("tutor_there") == 1


def test_whoever_is_at_an_exercise_works_alone_while_nobody_explains() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.joined("ben"),
        script.event("assessment.started", 1_000, "ada", assessment_id="a"),
    ]
    windows = windows_at(events, 5_000)
    assert windows["ada"].context is LessonContext.INDIVIDUAL_WORK
    assert windows["ben"].context is LessonContext.UNKNOWN


def test_in_a_room_it_is_group_work_even_while_others_are_asked() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.joined("ben"),
        script.event("breakout.entered", 1_000, "ada", room_id="r"),
        script.event("poll.opened", 2_000, poll_id="p", question="?", options=["a", "b"]),
    ]
    windows = windows_at(events, 5_000)
    assert windows["ada"].context is LessonContext.GROUP_WORK
    assert windows["ben"].context is LessonContext.QUESTION_OPEN


def test_a_poll_waits_for_those_who_have_not_voted() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.joined("ben"),
        script.event("poll.opened", 2_000, poll_id="p", question="?", options=["a", "b"]),
        script.event("poll.answered", 6_000, "ada", poll_id="p", options=[0]),
        script.event("poll.closed", 12_000, poll_id="p"),
    ]
    during, after = windows_at(events, 10_000), windows_at(events, 15_000)
    assert during["ada"].value("poll_pending_s") == 0
    assert during["ben"].value("poll_pending_s") == 8
    assert during["ada"].value("poll_latency_s") == 4
    assert after["ben"].value("poll_pending_s") == 0
    assert after["ada"].value("polls_answered_share") == 1
    assert after["ben"].value("polls_answered_share") == 0


def test_what_the_others_do_is_told_without_ones_own_doing() -> None:
    script = Script()
    events = [
        *(script.joined(who) for who in ("ada", "ben", "cleo")),
        script.activity("ada", 0, {"clicks": 1}),
        script.spoke("ben", 0, 3_000),
        script.left("cleo", 4_000),
    ]
    windows = windows_at(events, 5_000)
    active = {who: window.value("others_active_share_30s") for who, window in windows.items()}
    assert active == {"ada": 1, "ben": 1, "cleo": 1}
    talk = {who: window.value("others_talk_30s") for who, window in windows.items()}
    assert talk == pytest.approx({"ada": 0.6, "ben": 0, "cleo": 0.6})
    assert windows["ada"].value("learners") == 2


def test_alone_there_are_no_others() -> None:
    script = Script()
    features = LessonFeatures(LESSON, ROLES)
    ada = windows_at([script.activity("ada", 0, {"clicks": 1})], 5_000, features)["ada"]
    assert ada.value("others_active_share_30s") is None
