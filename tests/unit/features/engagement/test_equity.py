"""How the talk was shared out, and who has not been heard."""

from __future__ import annotations

import pytest

from features.engagement import LessonFeatures
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script, windows_at


@pytest.fixture
def features() -> LessonFeatures:
    script = Script()
    lesson = LessonFeatures(LESSON, ROLES)
    events = [
        *(script.joined(who) for who in ("tutor", "ada", "ben", "cleo")),
        script.spoke("tutor", 10_000, 40_000),
        script.spoke("ada", 40_000, 50_000),
        script.event("chat.posted", 70_000, "ben", message_id="m", characters=4),
        script.caption("tutor", 80_000, 83_000, "What is a half of it?"),
        script.spoke("ada", 85_000, 86_000),
        script.left("cleo", 90_000),
    ]
    windows_at(events, 120_000, lesson)
    return lesson


def test_a_span_is_measured_for_everybody_together(features: LessonFeatures) -> None:
    measured = features.participation(120_000, 300_000)
    assert (measured.start_ms, measured.end_ms) == (0, 120_000)
    assert measured.talk_ms == {"tutor": 33_000, "ada": 11_000}
    assert measured.tutor_talk_share == pytest.approx(0.75)
    assert measured.not_heard_ms == {"ada": 34_000, "ben": 50_000}
    assert (measured.questions, measured.wait_time_ms_median) == (1, 2_000)


def test_only_the_span_counts(features: LessonFeatures) -> None:
    measured = features.participation(120_000, 20_000)
    assert measured.talk_ms == {}
    assert measured.tutor_talk_share is None
    assert measured.questions == 0
    assert measured.not_heard_ms["ben"] == 50_000


def test_who_did_not_consent_is_left_out(features: LessonFeatures) -> None:
    measured = features.participation(120_000, 300_000, left_out={"ada"})
    assert "ada" not in measured.talk_ms
    assert "ada" not in measured.not_heard_ms
    assert measured.tutor_talk_share == 1
