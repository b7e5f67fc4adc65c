"""The class of the sample lesson: whatever its browsers tell, a gateway takes."""

from __future__ import annotations

from collections import Counter

from lessons.events import parse_posted
from lessons.events.attention import BUCKET_MS
from serving.sample_class import sample_class
from serving.samples import sample_script


def test_every_bucket_of_every_learner_is_told_of_once_and_in_order() -> None:
    told = list(sample_class().buckets())
    ends = [end_ms for end_ms, _ in told]
    assert ends == list(range(BUCKET_MS, sample_class().duration_ms + 1, BUCKET_MS))
    counts: Counter[str] = Counter()
    ids: list[str] = []
    for end_ms, people in told:
        for name, events in people:
            for event in events:
                draft = parse_posted({**event, "subject": "par_1"})
                assert draft.lesson_time_ms is not None
                assert end_ms - BUCKET_MS <= draft.lesson_time_ms <= end_ms
                ids.append(draft.id)
                counts[name] += draft.data.type == "activity.counted"
    assert len(ids) == len(set(ids))
    assert set(counts.values()) == {len(ends), 0}
    assert [name for name, count in counts.items() if count == 0] == ["Daniel"]


def test_everything_in_the_script_is_told() -> None:
    members = (sample_class().teacher, *sample_class().learners)
    written = Counter(event.type for member in members for event in member.events)
    told = Counter(
        event["type"]
        for _, people in sample_class().buckets()
        for _, events in people
        for event in events
    )
    del told["activity.counted"]
    assert told == written


def test_counts_come_in_bursts_and_are_the_same_each_time() -> None:
    ben = sample_class().learners[1]
    buckets = [ben.posted(at, at + BUCKET_MS)[-1]["data"] for at in range(130_000, 190_000, 5_000)]
    assert buckets == [
        ben.posted(at, at + BUCKET_MS)[-1]["data"] for at in range(130_000, 190_000, 5_000)
    ]
    presses = [data["buckets"][0]["key_presses"] for data in buckets]
    assert min(presses) == 0 < max(presses)


def test_the_class_is_large_enough_for_figures_about_it_and_outlasts_the_voices() -> None:
    assert len(sample_class().learners) >= 5
    assert sample_class().duration_ms > sample_script().duration_ms
