"""Who speaks when, from the windows of a track."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lessons.events import EventData, EventDraft, SpeakingStarted, SpeakingStopped
from lessons.roles import Role
from media_ingest.frames import SAMPLE_RATE, SpeechWindow
from serving.live.caption_drafts import Speaker
from serving.live.speaking_turns import SpeakingTurns

SPEAKER = Speaker("ten_1", "les_1", "par_1", "Ada", Role.LEARNER, "trk_1")


def window(
    utterance: int, start_ms: float, length_ms: float, *, ends: bool = False, goes_on: bool = False
) -> SpeechWindow:
    samples = np.zeros(round(length_ms * SAMPLE_RATE / 1000), np.float32)
    end_ms = start_ms + length_ms - 200
    return SpeechWindow(utterance, start_ms, samples, ends, end_ms, goes_on=goes_on)


def take(*windows: SpeechWindow) -> list[EventDraft]:
    turns = SpeakingTurns(SPEAKER)
    return [draft for each in windows for draft in turns.take(each)]


def test_a_turn_starts_with_its_first_window_and_stops_with_its_last() -> None:
    started, stopped = take(
        window(0, 1000, 1000), window(0, 1000, 2000), window(0, 1000, 2600, ends=True)
    )
    assert isinstance(started.data, SpeakingStarted)
    assert isinstance(stopped.data, SpeakingStopped)
    assert (started.data.start_ms, started.lesson_time_ms) == (1000, 1000)
    assert (stopped.data.start_ms, stopped.data.end_ms, stopped.lesson_time_ms) == (
        1000,
        3400,
        3400,
    )
    assert started.data.utterance_id == stopped.data.utterance_id
    assert {started.subject, stopped.subject} == {"par_1"}
    assert {started.data.detected_by, stopped.data.detected_by} == {"voice_activity"}


def test_a_word_that_is_one_window_is_a_turn_as_well() -> None:
    assert [draft.data.type for draft in take(window(3, 500, 400, ends=True))] == [
        "speaking.started",
        "speaking.stopped",
    ]


def test_a_sentence_that_was_cut_while_it_was_spoken_is_one_turn() -> None:
    started, stopped = take(
        window(0, 1000, 5000, ends=True, goes_on=True),
        window(1, 6000, 1000),
        window(1, 6000, 5000, ends=True, goes_on=True),
        window(2, 11_000, 2000, ends=True),
    )
    assert isinstance(started.data, SpeakingStarted)
    assert isinstance(stopped.data, SpeakingStopped)
    assert (started.data.start_ms, stopped.data.end_ms) == (1000, 12_800)
    assert started.data.utterance_id == stopped.data.utterance_id


@given(lengths=st.lists(st.integers(1, 5), min_size=1, max_size=20), start=st.floats(-20, 1e6))
def test_every_utterance_starts_and_stops_once_and_none_overlaps(
    lengths: list[int], start: float
) -> None:
    windows, at = [], start
    for utterance, count in enumerate(lengths):
        for number in range(1, count + 1):
            windows.append(window(utterance, at, 300.0 * number, ends=number == count))
        at += 300.0 * count
    data: list[EventData] = [draft.data for draft in take(*windows)]
    starts = [event for event in data if isinstance(event, SpeakingStarted)]
    stops = [event for event in data if isinstance(event, SpeakingStopped)]
    assert [event.utterance_id for event in starts] == [event.utterance_id for event in stops]
    assert len({event.utterance_id for event in starts}) == len(lengths)
    for stopped, following in zip(stops, starts[1:], strict=False):
        assert stopped.end_ms <= following.start_ms + 1
