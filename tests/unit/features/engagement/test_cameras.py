"""What a camera showed, over the frames that were looked at."""

from __future__ import annotations

from typing import Any

import pytest

from features.engagement import FEATURES, Modality
from lessons.events import LearningEvent
from tests.unit.features.engagement.lesson_events import Script, windows_at


def observed(script: Script, start_ms: int, **changes: Any) -> LearningEvent:
    fields = {
        "start_ms": start_ms,
        "end_ms": start_ms + 5_000,
        "frames": 10,
        "presence": 1.0,
        "faces_most": 1,
        "facing_screen": 0.5,
        "facing_desk": 0.25,
        "hand_motion": 0.2,
        "large_motion": 0.1,
        "model": "m",
        "model_version": "1",
        **changes,
    }
    return script.event("camera.observed", start_ms + 5_000, "ada", **fields)


def test_shares_count_by_the_frames_they_were_taken_over() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        observed(script, 0, frames=10, presence=1.0, facing_screen=1.0),
        observed(script, 5_000, frames=10, presence=0.2, facing_screen=0.0, faces_most=2),
    ]
    ada = windows_at(events, 10_000)["ada"]
    assert ada.value("face_30s") == pytest.approx(0.6)
    assert ada.value("face_5s") == pytest.approx(0.2)
    assert ada.value("facing_screen_30s") == pytest.approx(10 / 12)
    assert ada.value("faces_most_30s") == 2
    assert ada.events["face_5s"] == ("evt_2", "evt_3")


def test_without_a_face_it_is_not_known_where_it_is_turned() -> None:
    script = Script()
    none = {"presence": 0.0, "faces_most": 0, "facing_screen": None, "facing_desk": None}
    ada = windows_at([script.joined("ada"), observed(script, 0, **none)], 5_000)["ada"]
    assert ada.value("face_5s") == 0
    assert ada.value("facing_screen_30s") is None


def test_a_camera_that_falls_silent_tells_nothing() -> None:
    script = Script()
    events = [script.joined("ada"), observed(script, 0)]
    names = [one.name for one in FEATURES if one.modality is Modality.CAMERA]
    ada = windows_at(events, 25_000)["ada"]
    assert [ada.value(name) for name in names] == [None] * len(names)
