"""The lesson's tools: what nobody in the lesson uses is missing, not nothing."""

from __future__ import annotations

from typing import Any

import pytest

from features.engagement import LessonFeatures
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script, windows_at

TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "board_30s": ("whiteboard.strokes_drawn", {"board_id": "b", "strokes": 3}),
    "content_opened_120s": ("content.opened", {"content_id": "c", "kind": "slide"}),
    "chat_120s": ("chat.posted", {"message_id": "m", "characters": 12}),
    "hand_up": ("hand.raised", {}),
    "task_open_s": ("assessment.started", {"assessment_id": "a"}),
    "answers_120s": ("assessment.item_answered", {"item_id": "q"}),
}


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_that_somebody_uses_tells_of_everybody(name: str) -> None:
    script, (event_type, data) = Script(), TOOLS[name]
    joined = [script.joined("ada"), script.joined("ben")]
    assert windows_at(joined, 5_000)["ada"].value(name) is None
    used = [*joined, script.event(event_type, 1_000, "ben", **data)]
    windows = windows_at(used, 5_000)
    assert windows["ada"].value(name) == 0
    assert windows["ben"].value(name)
    assert windows["ben"].events[name] == ("evt_3",)


def test_strokes_lie_where_they_were_drawn() -> None:
    script = Script()
    drawn = script.event(
        "whiteboard.strokes_drawn", 20_000, "ada", board_id="b", strokes=12, duration_ms=12_000
    )
    ada = windows_at([script.joined("ada"), drawn], 25_000)["ada"]
    assert ada.value("board_30s") == pytest.approx(12 * 60 / 25)
    assert ada.value("since_board_s") == 5


def test_a_message_that_asks_is_counted_and_its_text_is_not_needed() -> None:
    script = Script()
    silent = script.event("chat.posted", 1_000, "ada", message_id="m1", characters=30)
    asked = script.event(
        "chat.posted", 2_000, "ada", message_id="m2", characters=30, text="I'm stuck, what now?"
    )
    without = windows_at([script.joined("ada"), silent], 5_000)["ada"]
    assert without.value("help_written_300s") is None
    ada = windows_at([script.joined("ada"), silent, asked], 5_000)["ada"]
    assert ada.value("help_written_300s") == 1
    assert ada.value("questions_written_300s") == 1
    assert ada.value("chat_characters_120s") == 60


def test_in_a_language_that_is_not_known_nothing_asks() -> None:
    script = Script()
    asked = script.event(
        "chat.posted", 2_000, "ada", message_id="m2", characters=30, text="I'm stuck, what now?"
    )
    features = LessonFeatures(LESSON, ROLES, chat_language="cy")
    ada = windows_at([asked], 5_000, features)["ada"]
    assert ada.value("help_written_300s") is None


def test_a_hand_is_up_until_it_goes_down() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.event("hand.raised", 2_000, "ada"),
        script.event("hand.lowered", 12_000, "ada"),
    ]
    assert windows_at(events, 10_000)["ada"].value("hand_up_s") == 8
    after = windows_at(events, 15_000)["ada"]
    assert (after.value("hand_up"), after.value("hand_up_s")) == (0, 0)
    assert after.value("hands_300s") == 1


def test_a_task_is_open_from_its_start_to_its_end() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.event("assessment.started", 1_000, "ada", assessment_id="a"),
        script.event("assessment.submitted", 31_000, "ada", assessment_id="a"),
    ]
    assert windows_at(events, 30_000)["ada"].value("task_open_s") == 29
    assert windows_at(events, 35_000)["ada"].value("task_open_s") == 0
