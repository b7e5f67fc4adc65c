"""Spans of speech: whatever is added in whatever order, each moment counts once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from features.engagement.talk import Spans, Talk

SPANS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 60)).map(lambda one: (one[0], sum(one))),
    max_size=20,
)


def moments(spans: list[tuple[int, int]]) -> set[int]:
    return {moment for start, end in spans for moment in range(start, end)}


@given(spans=SPANS)
def test_pieces_never_overlap_and_add_up_to_the_whole(spans: list[tuple[int, int]]) -> None:
    known = Spans()
    pieces = [piece for span in spans for piece in known.add(*span)]
    lengths = sum(end - start for start, end in pieces)
    assert lengths == len(moments(spans)) == known.within(0, 1_000)


@given(spans=SPANS, start=st.integers(0, 500), length=st.integers(1, 100))
def test_a_part_of_the_time_is_measured(
    spans: list[tuple[int, int]], start: int, length: int
) -> None:
    known = Spans()
    for span in spans:
        known.add(*span)
    inside = moments(spans) & set(range(start, start + length))
    assert known.within(start, start + length) == len(inside)
    assert known.goes_on(start) == (start in moments(spans) and start - 1 in moments(spans))


def test_the_next_speech_is_what_begins_after_a_moment_or_just_before() -> None:
    known = Spans()
    known.add(1_000, 2_000)
    known.add(5_000, 6_000)
    assert known.next_start(900, 0) == 1_000
    assert known.next_start(1_300, 500) == 1_300
    assert known.next_start(1_600, 500) == 5_000
    assert known.next_start(6_000, 500) is None


def test_open_utterances_go_on_until_they_end() -> None:
    talk = Talk()
    talk.begin("ada", "u1", 1_000)
    assert list(talk.go_on(5_000)) == [("ada", 1_000, 5_000)]
    assert list(talk.go_on(500)) == []
    talk.end("ada", "u1")
    assert list(talk.go_on(10_000)) == []
    talk.begin("ada", "u1", 1_000)
    assert list(talk.go_on(10_000)) == [], "that it began was told late"
