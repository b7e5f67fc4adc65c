"""Who is connected, away, in a room or gone, and what is forgotten with consent."""

from __future__ import annotations

import numpy as np
import pytest

from features.engagement import FEATURES, LessonFeatures, Modality
from lessons.roles import Role
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script, windows_at


def test_who_left_is_told_of_as_gone_for_ten_minutes() -> None:
    script = Script()
    events = [script.joined("ada"), script.left("ada", 7_000, "connection lost")]
    here = windows_at(events, 5_000)["ada"]
    assert (here.value("connected"), here.value("disconnected_s")) == (1, 0)
    gone = windows_at(events, 10_000)["ada"]
    assert (gone.value("connected"), gone.value("disconnected_s")) == (0, 3)
    assert gone.events["connected"] == ("evt_1", "evt_2")
    assert windows_at(events, 615_000) == {}


@pytest.mark.parametrize("again", ["joined", "activity"])
def test_who_comes_back_or_goes_on_elsewhere_is_there(again: str) -> None:
    script = Script()
    events = [script.joined("ada"), script.left("ada", 7_000)]
    if again == "joined":
        events.append(script.joined("ada", 12_000))
    else:
        events.append(script.activity("ada", 10_000, {"clicks": 1}))
    assert windows_at(events, 15_000)["ada"].value("connected") == 1


def test_a_departure_that_comes_late_does_not_undo_the_return() -> None:
    script = Script()
    late = script.left("ada", 7_000)
    features = LessonFeatures(LESSON)
    windows_at([script.joined("ada"), script.joined("ada", 12_000)], 15_000, features)
    features.take(late)
    (ada,) = features.close(20_000)
    assert ada.value("connected") == 1


def test_the_platform_says_who_is_away_and_rooms_say_who_is_in_them() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.joined("ben"),
        script.event("presence.changed", 1_000, "ada", state="away", reason="chosen"),
        script.event("breakout.entered", 1_000, "ben", room_id="r1"),
    ]
    windows = windows_at(events, 5_000)
    assert windows["ada"].value("declared_away") == 1
    assert (windows["ada"].value("in_room"), windows["ben"].value("in_room")) == (0, 1)
    events += [
        script.event("presence.changed", 6_000, "ada", state="present"),
        script.event("breakout.closed", 6_000, room_id="r1"),
    ]
    windows = windows_at(events, 10_000)
    assert windows["ada"].value("declared_away") == 0
    assert windows["ben"].value("in_room") == 0


def test_a_learner_who_becomes_an_assistant_is_no_learner_any_more() -> None:
    script = Script()
    changed = script.event(
        "role.changed",
        6_000,
        participant_id="ada",
        previous_role=Role.LEARNER,
        role=Role.TEACHING_ASSISTANT,
        changed_by="key_1",
    )
    events = [script.joined("ada"), script.joined("ben"), changed]
    assert set(windows_at(events, 5_000)) == {"ada", "ben"}
    assert set(windows_at(events, 10_000)) == {"ben"}


def _revoked(script: Script, at_ms: int, who: str, purpose: str) -> object:
    return script.event(
        "consent.revoked",
        at_ms,
        consent_id="cns_1",
        participant_id=who,
        purpose=purpose,
        decided_by=who,
        stopped_tracks=[],
    )


def test_who_takes_consent_to_signals_back_is_told_of_no_more_and_forgotten() -> None:
    script = Script()
    features = LessonFeatures(LESSON)
    events = [script.joined("ada"), script.activity("ada", 0, {"key_presses": 9})]
    assert windows_at(events, 5_000, features)["ada"].value("input_5s")
    features.take(_revoked(script, 6_000, "ada", "signals"))  # type: ignore[arg-type]
    features.take(script.activity("ada", 5_000, {"key_presses": 9}))
    assert features.close(10_000) == []
    granted = script.event(
        "consent.granted",
        21_000,
        consent_id="cns_2",
        participant_id="ada",
        purpose="signals",
        basis="own",
        decided_by="ada",
    )
    features.take(granted)
    features.take(script.activity("ada", 20_000, {}, at_ms=25_000))
    (again,) = features.close(30_000)
    assert again.value("input_30s") == 0
    assert again.value("since_joined_s") == 5
    assert again.events["input_30s"] == ("evt_6",)


@pytest.mark.parametrize(
    ("purpose", "modality"),
    [("activity", Modality.INTERACTION), ("camera_signals", Modality.CAMERA)],
)
def test_consent_to_one_purpose_takes_what_was_counted_for_it(
    purpose: str, modality: Modality
) -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.activity("ada", 0, {"key_presses": 9}),
        script.event(
            "camera.observed",
            5_000,
            "ada",
            start_ms=0,
            end_ms=5_000,
            frames=10,
            presence=1.0,
            faces_most=1,
            facing_screen=0.5,
            facing_desk=0.25,
            hand_motion=0.1,
            large_motion=0.0,
            model="m",
            model_version="1",
        ),
    ]
    names = [one.name for one in FEATURES if one.modality is modality]
    before = windows_at(events, 5_000)["ada"]
    assert [name for name in names if before.value(name) is not None]
    revoked = _revoked(script, 6_000, "ada", purpose)
    after = windows_at([*events, revoked], 10_000)["ada"]  # type: ignore[list-item]
    left = {name: after.value(name) for name in names}
    assert not [name for name, value in left.items() if value is not None and value != 0], left


def test_who_never_consented_can_be_forgotten_by_the_caller() -> None:
    script = Script()
    features = LessonFeatures(LESSON, ROLES)
    features.forget("ada")
    events = [script.joined("ada"), script.joined("ben"), script.spoke("ada", 0, 4_000)]
    assert set(windows_at(events, 5_000, features)) == {"ben"}
    measured = features.participation(5_000, 5_000)
    assert measured.talk_ms == {}
    assert "ada" not in measured.not_heard_ms


def test_a_role_may_be_told_by_the_caller() -> None:
    script = Script()
    features = LessonFeatures(LESSON)
    features.know("ada", Role.LEARNER)
    features.take(script.activity("ada", 0, {"clicks": 1}))
    (ada,) = features.close(5_000)
    assert ada.participant_id == "ada"
    assert np.isfinite(ada.values).any()
