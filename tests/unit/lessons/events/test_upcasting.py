from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput
from lessons.events import DATA_TYPES, ActivityCounted, current_data, parse_posted
from lessons.events.upcasting import UPCASTERS

OLDER_EXAMPLES: dict[tuple[str, int], dict[str, Any]] = {
    ("activity.counted", 1): {
        "start_ms": 60000,
        "end_ms": 70000,
        "key_presses": 41,
        "clicks": 3,
        "pointer_moves": 0,
        "scrolls": 0,
        "chat_messages": 0,
        "edits": 0,
    },
    ("caption.final", 1): {
        "caption_id": "cap_1",
        "track_id": "trk_1",
        "participant_id": "par_1",
        "role": "learner",
        "participant_name": "Ada",
        "revision": 4,
        "start_ms": 12000,
        "end_ms": 12900,
        "text": "three",
        "words": [{"text": "three", "start_ms": 12000, "end_ms": 12350, "confidence": 0.93}],
        "confidence": 0.9,
        "language": "en",
        "engine": "faster-whisper",
        "model": "small.en",
        "finalised_at_ms": 13800,
        "speech_end_ms": 12900,
    },
    ("engagement.signal", 1): {
        "state": "contributing",
        "start_ms": 60000,
        "end_ms": 120000,
        "confidence": 0.82,
        "evidence": [{"event_ids": ["platform-4711"], "start_ms": 61000, "end_ms": 64000}],
        "model": "participation-rules",
        "model_version": "1",
    },
}
"""Data as Lectern stored it under each older version. Never change one: such rows exist."""

counts = st.integers(0, 2**31 - 1)


def test_every_older_version_of_every_type_is_read() -> None:
    older = {(name, v) for name, data in DATA_TYPES.items() for v in range(1, data.version)}
    assert set(UPCASTERS) == older
    assert set(OLDER_EXAMPLES) == older


@pytest.mark.parametrize(("name", "version"), OLDER_EXAMPLES)
def test_what_an_older_version_stored_is_valid_today(name: str, version: int) -> None:
    stored = OLDER_EXAMPLES[name, version]
    before = dict(stored)
    DATA_TYPES[name].model_validate(current_data(name, version, stored))
    assert stored == before, "an upcaster changes nothing of its input"


@given(start=st.integers(0, 10**9), length=st.integers(1, 10**9), keys=counts, clicks=counts)
def test_a_counted_span_becomes_one_bucket_of_its_length(
    start: int, length: int, keys: int, clicks: int
) -> None:
    stored = {"start_ms": start, "end_ms": start + length, "key_presses": keys, "clicks": clicks}
    counted = ActivityCounted.model_validate(current_data("activity.counted", 1, stored))
    assert (counted.start_ms, counted.end_ms) == (start, start + length)
    (bucket,) = counted.buckets
    assert (bucket.key_presses, bucket.clicks) == (keys, clicks)


def test_data_of_today_is_left_as_it_is() -> None:
    data = dict(ActivityCounted.example)
    assert current_data("activity.counted", 2, data) is data


@pytest.mark.parametrize("version", [0, 3, 10**9])
def test_a_version_that_never_was_is_refused(version: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        current_data("activity.counted", version, {})
    assert refused.value.field == "dataschema"


@pytest.mark.parametrize(
    "data", [{}, {"start_ms": 1}, {"start_ms": "x", "end_ms": 2}, {"start_ms": [], "end_ms": {}}]
)
def test_older_data_that_is_none_of_its_version_is_refused(data: dict[str, Any]) -> None:
    posted = {
        "id": "p-1",
        "type": "activity.counted",
        "subject": "par_1",
        "dataschema": "urn:lectern:event:activity.counted:1",
        "data": data,
    }
    with pytest.raises(InvalidInput) as refused:
        parse_posted(posted)
    assert refused.value.field == "data"


def test_an_empty_span_of_version_1_is_refused_as_it_was_then() -> None:
    posted = {
        "id": "p-1",
        "type": "activity.counted",
        "subject": "par_1",
        "dataschema": "urn:lectern:event:activity.counted:1",
        "data": {"start_ms": 10, "end_ms": 10, "clicks": 1},
    }
    with pytest.raises(InvalidInput):
        parse_posted(posted)
