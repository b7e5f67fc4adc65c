"""The columns: every one is told, has a meaning, and can be filled."""

from __future__ import annotations

import random

from features.engagement import COLUMNS, FEATURES, LessonFeatures, Modality
from features.engagement.columns import SPANS
from lessons.affect import affect_label_in
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script, windows_at
from tests.unit.features.engagement.test_cameras import observed
from tests.unit.features.engagement.test_order import WHO, happening


def test_names_are_unique_and_name_no_emotion() -> None:
    assert len(COLUMNS) == len(FEATURES)
    assert {one.modality for one in FEATURES} == set(Modality)
    for one in FEATURES:
        assert affect_label_in(f"{one.name} {one.meaning}") is None
        assert one.meaning
        assert one.unit in {"per minute", "share", "s", "count", "ratio", "yes/no"}


def test_spans_in_names_are_spans_that_there_are() -> None:
    lengths = {one.name.rpartition("_")[2] for one in FEATURES if one.name[-2].isdigit()}
    assert lengths - {"600s"} == set(SPANS)


def test_every_feature_is_known_of_somebody_in_a_lively_lesson() -> None:
    chance, script = random.Random(11), Script()
    events = [script.joined(who) for who in ("tutor", *WHO)]
    events += [happening(script, chance, at) for at in sorted(chance.sample(range(300_000), 600))]
    events += [script.activity("ada", at, {"key_presses": 4}) for at in range(0, 300_000, 5_000)]
    events += [observed(script, at) for at in range(200_000, 300_000, 5_000)]
    features = LessonFeatures(LESSON, ROLES)
    windows_at(events, 295_000, features)
    for caption in [one for one in events if one.type == "caption.final"]:
        features.take_similarity(caption.data.caption_id, 0.5)  # type: ignore[attr-defined]
    windows = features.close(300_000)
    known = {
        one.name for one in FEATURES for window in windows if window.value(one.name) is not None
    }
    assert set(COLUMNS) - known == set()
