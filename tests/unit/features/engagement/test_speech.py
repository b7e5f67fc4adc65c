"""Who spoke, how much and on what: voice activity and captions of the same speech count once."""

from __future__ import annotations

import pytest

from features.engagement import FEATURES, LessonFeatures, Modality
from lessons.events import LearningEvent
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script, windows_at


def track(script: Script, what: str, at_ms: int, who: str, **data: object) -> LearningEvent:
    fields = {"track_id": f"trk_{who}", "participant_id": who, "kind": "audio", **data}
    return script.event(f"track.{what}", at_ms, **fields)


def test_speech_that_two_sources_tell_of_counts_once() -> None:
    script = Script()
    events = [
        script.spoke("ada", 1_000, 4_000),
        script.caption("ada", 1_200, 4_200, "the answer is three quarters"),
    ]
    ada = windows_at(events, 10_000, LessonFeatures(LESSON, ROLES))["ada"]
    assert ada.value("talk_30s") == pytest.approx(3_200 / 9_000)
    assert ada.value("turns_120s") == 1
    assert ada.value("words_120s") == pytest.approx(5)
    assert ada.value("since_talk_s") == pytest.approx(5.8)
    assert ada.events["words_120s"] == ("evt_2",)


def test_who_is_still_speaking_counts_up_to_now() -> None:
    script = Script()
    started = script.event("speaking.started", 2_000, "ada", utterance_id="u", start_ms=2_000)
    events = [script.joined("ada"), started]
    ada = windows_at(events, 10_000)["ada"]
    assert ada.value("talk_5s") == 1
    assert ada.value("talk_30s") == pytest.approx(0.8)
    assert ada.value("turns_120s") == 1
    forgotten = windows_at(events, 120_000)["ada"]
    assert forgotten.value("talk_5s") == 0, "an utterance that nobody ends does not last for ever"


def test_speech_after_a_pause_is_another_turn() -> None:
    script = Script()
    spans = [(1_000, 2_000), (2_800, 3_500), (6_000, 7_000)]
    events = [script.spoke("ada", *span) for span in spans]
    ada = windows_at(events, 10_000, LessonFeatures(LESSON, ROLES))["ada"]
    assert ada.value("turns_120s") == 2


def test_without_a_microphone_nothing_is_known_of_speech() -> None:
    script = Script()
    names = [one.name for one in FEATURES if one.modality is Modality.SPEECH]
    events = [script.joined("ada")]
    silent = windows_at(events, 5_000)["ada"]
    assert [silent.value(name) for name in names] == [None] * len(names)
    events.append(track(script, "published", 1_000, "ada", source="live"))
    quiet = windows_at(events, 5_000)["ada"]
    assert (quiet.value("talk_30s"), quiet.value("muted")) == (0, 0)
    events.append(track(script, "muted", 6_000, "ada", muted=True))
    assert windows_at(events, 10_000)["ada"].value("muted") == 1
    events.append(track(script, "ended", 11_000, "ada", reason="left"))
    assert windows_at(events, 15_000)["ada"].value("talk_30s") is None


def test_the_groups_talk_is_shared_out_among_learners() -> None:
    script = Script()
    events = [
        script.spoke("tutor", 0, 60_000),
        script.spoke("ada", 60_000, 63_000),
        script.spoke("ben", 63_000, 64_000),
    ]
    windows = windows_at(events, 70_000, LessonFeatures(LESSON, ROLES))
    assert windows["ada"].value("group_share_300s") == pytest.approx(0.75)
    assert windows["ben"].value("group_share_300s") == pytest.approx(0.25)


def test_likeness_to_the_objective_counts_by_words() -> None:
    script = Script()
    features = LessonFeatures(LESSON, ROLES)
    events = [
        script.caption("ada", 1_000, 2_000, "one two three", caption_id="c1"),
        script.caption("ada", 3_000, 3_500, "football", caption_id="c2"),
    ]
    assert windows_at(events, 10_000, features)["ada"].value("on_topic_300s") is None
    features.take_similarity("c1", 0.8)
    features.take_similarity("c2", 0.0)
    features.take_similarity("c2", 0.9)
    features.take_similarity("nobody's", 0.9)
    (ada,) = features.close(15_000)
    assert ada.value("on_topic_300s") == pytest.approx(0.6)


def test_a_learner_who_asks_for_help_or_asks_something_is_heard() -> None:
    script = Script()
    text = "Sorry, I don't understand. Why do we flip the second one?"
    asked = script.caption("ada", 1_000, 4_000, text)
    ada = windows_at([asked], 10_000, LessonFeatures(LESSON, ROLES))["ada"]
    assert ada.value("help_spoken_300s") == 1
    assert ada.value("questions_spoken_300s") == 1
    assert ada.events["help_spoken_300s"] == ("evt_1",)
    french = script.caption("ben", 1_000, 4_000, "Je ne comprends pas ?", language="fr")
    ben = windows_at([french], 10_000, LessonFeatures(LESSON, ROLES))["ben"]
    assert ben.value("help_spoken_300s") == 0
    assert ben.value("words_120s") == pytest.approx(5)
