"""Order, lateness and bursts: within a window nothing depends on the order of what is taken."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.engagement import FEATURES, WINDOW_MS, LearnerWindow, LessonFeatures
from lessons.events import LearningEvent
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script, windows_at

WHO = ("ada", "ben", "cleo")


def happening(script: Script, chance: random.Random, at_ms: int) -> LearningEvent:
    """Something that may happen in a lesson at a moment, by chance."""
    who = chance.choice(WHO)
    kinds: list[tuple[str, str | None, dict[str, Any]]] = [
        ("attention.blurred", who, {"surface": chance.choice(["tab", "window"])}),
        ("attention.focused", who, {}),
        ("attention.idle", who, {"idle_ms": 60_000}),
        ("whiteboard.strokes_drawn", who, {"board_id": "b", "strokes": 3, "duration_ms": 900}),
        ("content.opened", who, {"content_id": "c", "kind": "slide"}),
        ("chat.posted", who, {"message_id": "m", "characters": 9, "text": "I'm stuck"}),
        ("hand.raised", who, {}),
        ("hand.lowered", who, {}),
        ("poll.opened", None, {"poll_id": "p", "question": "?", "options": ["a", "b"]}),
        ("poll.answered", who, {"poll_id": "p", "options": [0]}),
        ("poll.closed", None, {"poll_id": "p"}),
        ("assessment.started", who, {"assessment_id": "a"}),
        ("presence.changed", who, {"state": chance.choice(["away", "present"])}),
        ("breakout.entered", who, {"room_id": "r"}),
        ("breakout.left", who, {"room_id": "r"}),
        ("lesson_plan.item_started", None, {"item_id": "i", "title": "t", "mode": "break"}),
        ("lesson_plan.item_completed", None, {"item_id": "i"}),
    ]
    if chance.random() < 0.4:
        return _longer(script, chance, who, at_ms)
    event_type, subject, data = chance.choice(kinds)
    return script.event(event_type, at_ms, subject, **data)


def _longer(script: Script, chance: random.Random, who: str, at_ms: int) -> LearningEvent:
    speaker = chance.choice(["tutor", *WHO])
    choice = chance.randrange(4)
    if choice == 0:
        buckets = [{"key_presses": chance.randrange(4)} for _ in range(chance.randrange(1, 4))]
        return script.activity(who, at_ms, *buckets)
    if choice == 1:
        return script.spoke(speaker, at_ms, at_ms + chance.randrange(1, 9_000))
    if choice == 2:
        text = chance.choice(["What is a half of it?", "I don't understand", "That is fine."])
        return script.caption(speaker, at_ms, at_ms + 2_000, text)
    return script.answer(who, at_ms, chance.random() < 0.5)


def rows(windows: list[list[LearnerWindow]]) -> list[dict[str, Any]]:
    return [
        {one.participant_id: (one.values.tobytes(), one.context) for one in window}
        for window in windows
    ]


def live(batches: list[list[LearningEvent]]) -> list[list[LearnerWindow]]:
    features = LessonFeatures(LESSON, ROLES)
    closed = []
    for number, batch in enumerate(batches, start=1):
        for event in batch:
            features.take(event)
        closed.append(features.close(number * WINDOW_MS))
    return closed


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), length=st.integers(1, 60))
def test_the_order_within_a_window_does_not_matter(seed: int, length: int) -> None:
    chance, script = random.Random(seed), Script()
    batches: list[list[LearningEvent]] = [[script.joined(who) for who in WHO]]
    for number in range(12):
        times = sorted(chance.randrange(number * 5_000, (number + 1) * 5_000) for _ in range(5))
        batches.append([happening(script, chance, at_ms) for at_ms in times[: length // 10 + 1]])
    shuffled = [chance.sample(batch, len(batch)) for batch in batches]
    assert rows(live(shuffled)) == rows(live(batches))


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_a_whole_lesson_taken_first_gives_the_rows_of_the_lesson_as_it_went(seed: int) -> None:
    chance, script = random.Random(seed), Script()
    events = [script.joined(who) for who in WHO]
    events += [happening(script, chance, at) for at in sorted(chance.sample(range(55_000), 40))]
    events.sort(key=lambda event: event.lessontimems)
    features = LessonFeatures(LESSON, ROLES)
    for event in events:
        features.take(event)
    ends = range(WINDOW_MS, 70_001, WINDOW_MS)
    at_once = [features.close(end) for end in ends]
    following = LessonFeatures(LESSON, ROLES)
    waiting, as_it_went = list(events), []
    for end in ends:
        while waiting and waiting[0].lessontimems <= end:
            following.take(waiting.pop(0))
        as_it_went.append(following.close(end))
    assert rows(at_once) == rows(as_it_went)


@settings(max_examples=25)
@given(late=st.integers(1, 20), typed=st.lists(st.integers(0, 9), min_size=24, max_size=24))
def test_counts_that_come_in_a_burst_show_as_if_they_had_come_in_time(
    late: int, typed: list[int]
) -> None:
    script = Script()
    told = [script.activity("ada", n * 5_000, {"key_presses": k}) for n, k in enumerate(typed)]
    in_time, in_a_burst = LessonFeatures(LESSON, ROLES), LessonFeatures(LESSON, ROLES)
    in_a_burst.know("ada", ROLES["ada"])
    for features, held_back in ((in_time, 0), (in_a_burst, late)):
        features.take(script.joined("ada"))
        for number, event in enumerate(told, start=1):
            if number > held_back:
                for early in told[:held_back] if number == held_back + 1 else ():
                    features.take(early)
                features.take(event)
            windows = features.close(number * 5_000)
        if features is in_time:
            expected = windows[0]
    names = ("keys_5s", "keys_120s", "input_300s", "active_share_120s", "since_input_s")
    assert [windows[0].value(name) for name in names] == [expected.value(name) for name in names]


def test_what_comes_after_five_minutes_is_too_late_and_harms_nothing() -> None:
    script = Script()
    features = LessonFeatures(LESSON, ROLES)
    windows_at([script.joined("ada"), script.activity("ada", 395_000, {})], 400_000, features)
    features.take(script.activity("ada", 60_000, {"key_presses": 9}))
    (ada,) = features.close(405_000)
    assert ada.value("input_300s") == 0


def test_windows_are_given_once_and_in_order() -> None:
    features = LessonFeatures(LESSON)
    features.close(10_000)
    for again in (10_000, 5_000, 12_345):
        with pytest.raises(ValueError, match="no window is left"):
            features.close(again)
    elsewhere = Script().joined("ada").model_copy(update={"lessonid": "les_2"})
    with pytest.raises(ValueError, match="les_2"):
        features.take(elsewhere)


def test_windows_that_a_held_up_caller_leaves_out_are_in_what_looks_back() -> None:
    script = Script()
    events = [script.joined("ada"), script.activity("ada", 0, {"key_presses": 5}, {}, {})]
    features = LessonFeatures(LESSON)
    for event in events:
        features.take(event)
    (held_up,) = features.close(15_000)
    np.testing.assert_array_equal(held_up.values, windows_at(events, 15_000)["ada"].values)


def test_a_row_has_a_place_for_every_feature_and_is_never_infinite() -> None:
    chance, script = random.Random(3), Script()
    events = [script.joined(who) for who in WHO]
    events += [happening(script, chance, at) for at in sorted(chance.sample(range(300_000), 300))]
    for window in windows_at(events, 300_000, LessonFeatures(LESSON, ROLES)).values():
        assert window.values.shape == (len(FEATURES),)
        assert window.values.dtype == np.float32
        assert not np.isinf(window.values).any()
        shares = [one.name for one in FEATURES if one.unit == "share" and "topic" not in one.name]
        for name in shares:
            value = window.value(name)
            assert value is None or name == "others_talk_30s" or 0 <= value <= 1, name
