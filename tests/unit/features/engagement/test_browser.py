"""What a learner's browser tells: missing is missing, nothing is nothing, machines look like it."""

from __future__ import annotations

import random

import pytest

from features.engagement import LessonFeatures
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script, windows_at

MINUTE_MS = 60_000


def test_counts_become_rates_over_the_time_that_was_told_of() -> None:
    script = Script()
    buckets = [{"key_presses": 10}, {}, {"clicks": 2, "pointer_moves": 4}, {}, {}, {}]
    ada = windows_at([script.joined("ada"), script.activity("ada", 0, *buckets)], 30_000)["ada"]
    assert ada.value("keys_30s") == pytest.approx(20)
    assert ada.value("clicks_30s") == pytest.approx(4)
    assert ada.value("input_30s") == pytest.approx(32)
    assert ada.value("active_share_30s") == pytest.approx(1 / 3)
    assert ada.value("input_5s") == 0
    assert ada.value("since_input_s") == 15
    assert ada.events["keys_30s"] == ("evt_2",)


def test_a_bucket_that_lies_across_windows_is_shared_out() -> None:
    script = Script()
    told = script.activity("ada", 2_500, {"key_presses": 10})
    features = LessonFeatures(LESSON, ROLES)
    features.take(told)
    first = features.close(5_000)
    (second,) = features.close(10_000)
    assert first == []
    assert second.value("input_5s") == pytest.approx(60)
    assert second.value("input_30s") == pytest.approx(120)


def test_who_never_reported_has_no_counts_and_who_reports_nothing_has_zeros() -> None:
    script = Script()
    events = [script.joined("ada"), script.joined("ben"), script.activity("ben", 0, {}, {}, {})]
    windows = windows_at(events, 15_000)
    for name in ("input_5s", "input_30s", "active_share_30s", "since_input_s"):
        assert windows["ada"].value(name) is None
        assert windows["ben"].value(name) is not None
    assert windows["ben"].value("input_30s") == 0
    assert "input_30s" not in windows["ada"].events


def test_a_browser_that_falls_silent_tells_nothing_of_now() -> None:
    script = Script()
    events = [script.joined("ada"), script.activity("ada", 0, {"key_presses": 5})]
    while_told = windows_at(events, 20_000)["ada"]
    assert while_told.value("input_5s") == 0
    silent = windows_at(events, 30_000)["ada"]
    assert silent.value("input_5s") is None
    assert silent.value("since_input_s") is None
    assert silent.value("input_30s") == pytest.approx(60), "over the five seconds that are known"


def test_a_browser_that_says_it_is_idle_tells_of_no_input() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.activity("ada", 0, {"key_presses": 5}),
        script.event("attention.idle", 65_000, "ada", idle_ms=60_000),
    ]
    idle = windows_at(events, 90_000)["ada"]
    assert idle.value("input_30s") == 0
    assert idle.value("since_input_s") == 85
    active = script.event("attention.active", 91_000, "ada", idle_ms=86_000)
    back = windows_at([*events, active], 95_000)["ada"]
    assert back.value("since_input_s") is None, "it does not count any more"


def test_the_tab_is_hidden_for_the_time_between_two_events() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.event("attention.blurred", 11_000, "ada", surface="tab"),
        script.event("attention.focused", 17_000, "ada"),
    ]
    during, after = windows_at(events, 15_000)["ada"], windows_at(events, 30_000)["ada"]
    assert during.value("hidden_5s") == pytest.approx(0.8)
    assert during.value("hidden_for_s") == 4
    assert after.value("hidden_5s") == 0
    assert after.value("hidden_30s") == pytest.approx(0.2)
    assert after.value("focus_switches_120s") == 2
    assert after.value("unfocused_30s") == 0
    assert after.events["hidden_30s"] == ("evt_2", "evt_3")


def test_another_window_in_front_is_no_hidden_tab() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.event("attention.blurred", 0, "ada", surface="window"),
    ]
    ada = windows_at(events, 30_000)["ada"]
    assert ada.value("hidden_30s") == 0
    assert ada.value("unfocused_30s") == 1


def test_without_a_word_of_the_tab_nothing_is_known_of_it() -> None:
    script = Script()
    ada = windows_at([script.joined("ada"), script.activity("ada", 0, {})], 5_000)["ada"]
    assert ada.value("hidden_5s") is None
    assert ada.value("hidden_for_s") is None


def test_input_on_a_second_device_shows_that_the_lesson_is_not_hidden() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.event("attention.blurred", 10_000, "ada", surface="tab"),
        *(script.activity("ada", at, {"clicks": 1}) for at in range(20_000, 60_000, 5_000)),
    ]
    ada = windows_at(events, 60_000)["ada"]
    assert ada.value("hidden_for_s") == 0
    assert ada.value("hidden_5s") == 0


def test_a_machine_counts_evenly_and_a_person_does_not() -> None:
    script, chance = Script(), random.Random(7)
    events = [script.joined("ada"), script.joined("ben")]
    for start in range(0, 2 * MINUTE_MS, 5_000):
        events.append(script.activity("ada", start, {"pointer_moves": 12}))
        typed = chance.choice([0, 0, 1, 3, 9, 24])
        events.append(script.activity("ben", start, {"key_presses": typed, "pointer_moves": 2}))
    windows = windows_at(events, 2 * MINUTE_MS)
    bot, person = windows["ada"], windows["ben"]
    assert bot.value("input_evenness_120s") == pytest.approx(1)
    assert bot.value("pointer_only_share_120s") == 1
    assert (person.value("input_evenness_120s") or 1) < 0.3
    assert (person.value("pointer_only_share_120s") or 1) < 0.7


def test_what_others_than_learners_do_is_not_told_of() -> None:
    script = Script()
    events = [
        *(script.joined(who) for who in ("tutor", "guest", "ada")),
        script.activity("tutor", 0, {"clicks": 3}),
        script.activity("guest", 0, {"clicks": 3}),
        script.activity("stranger", 0, {"clicks": 3}),
    ]
    assert set(windows_at(events, 5_000)) == {"ada"}
