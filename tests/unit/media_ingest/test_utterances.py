from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lessons.errors import InvalidInput
from media_ingest.frames import SAMPLE_RATE, AudioFrame, SpeechWindow
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from tests.unit.media_ingest import sounds

SETTINGS = CuttingSettings()
CHUNK_MS = 32


class LoudnessDetector:
    """Takes loud for speech, so that a test decides to the chunk who speaks when."""

    def __init__(self) -> None:
        self.resets = 0

    def probabilities(self, chunks: NDArray[np.float32]) -> NDArray[np.float32]:
        loudness = np.sqrt(np.mean(np.square(chunks), axis=1))
        return np.where(loudness > 0.05, 1, 0).astype(np.float32)

    def reset(self) -> None:
        self.resets += 1


def talk(*spans_ms: int) -> sounds.Samples:
    """Silence and speech by turns, beginning with silence."""
    random = np.random.default_rng(3)
    parts = []
    for index, span_ms in enumerate(spans_ms):
        level = 0.2 if index % 2 else 0.001
        parts.append(level * random.standard_normal(span_ms * SAMPLE_RATE // 1000))
    return np.clip(np.concatenate(parts), -1, 1).astype(np.float32)


def cut(
    samples: sounds.Samples, cutting: CuttingSettings = SETTINGS, length_ms: int = 20
) -> list[SpeechWindow]:
    cutter = UtteranceCutter(LoudnessDetector(), cutting)
    windows = [w for frame in sounds.frames(samples, 0, length_ms) for w in cutter.feed(frame)]
    return windows + cutter.finish()


def finals(windows: list[SpeechWindow]) -> list[SpeechWindow]:
    return [window for window in windows if window.ends_utterance]


def key(window: SpeechWindow) -> tuple[int, float, int]:
    return (window.utterance, window.start_ms, len(window.samples))


def test_an_utterance_is_cut_with_its_pre_roll_and_a_little_of_its_pause() -> None:
    (window,) = finals(cut(talk(1000, 2000, 1000)))
    assert 1000 - SETTINGS.pre_roll_ms - 2 * CHUNK_MS <= window.start_ms <= 700
    assert window.speech_end_ms == pytest.approx(3000, abs=CHUNK_MS)
    assert 0 < window.end_ms - window.speech_end_ms <= SETTINGS.speculative_pause_ms


def test_a_final_comes_when_the_endpoint_silence_is_over() -> None:
    cutter = UtteranceCutter(LoudnessDetector(), SETTINGS)
    for frame in sounds.frames(talk(500, 1500, 2000)):
        if finals(cutter.feed(frame)):
            late_ms = frame.end_ms - 2000 - SETTINGS.endpoint_silence_ms
            assert 0 <= late_ms <= 2 * CHUNK_MS + 20
            return
    pytest.fail("no final")


def test_a_pause_brings_a_speculative_window_that_the_final_repeats() -> None:
    windows = cut(talk(500, 1500, 1000))
    (speculative,) = [window for window in windows if window.speculative]
    (final,) = finals(windows)
    assert not speculative.ends_utterance
    assert key(speculative) == key(final)
    assert np.array_equal(speculative.samples, final.samples)
    assert speculative.speech_end_ms == final.speech_end_ms


def test_a_hesitation_goes_on_in_the_same_utterance_and_speculates_again() -> None:
    windows = cut(talk(500, 1500, 350, 1500, 1000))
    first, second = [window for window in windows if window.speculative]
    (final,) = finals(windows)
    assert first.utterance == second.utterance == final.utterance
    assert len(first.samples) < len(second.samples) == len(final.samples)
    assert np.array_equal(first.samples, final.samples[: len(first.samples)])


def test_partials_of_an_utterance_grow_from_one_start_at_their_interval() -> None:
    windows = cut(talk(500, 4500, 1000))
    partials = [w for w in windows if not w.ends_utterance and not w.speculative]
    assert len({window.start_ms for window in windows}) == 1
    lengths = [1000 * len(window.samples) / SAMPLE_RATE for window in partials]
    steps = np.diff([0, *lengths])
    assert len(lengths) >= 4
    assert all(SETTINGS.partial_interval_ms <= step < 1000 + CHUNK_MS for step in steps)


@pytest.mark.parametrize("spans_ms", [(1000,), (1000, 90, 1000), (500, 30, 130, 30, 1000)])
def test_clicks_and_silence_open_no_utterance(spans_ms: tuple[int, ...]) -> None:
    assert cut(talk(*spans_ms)) == []


def test_a_short_word_is_an_utterance() -> None:
    assert len(finals(cut(talk(1000, 220, 1000)))) == 1


def test_past_the_soft_limit_a_breath_ends_the_utterance() -> None:
    windows = finals(cut(talk(500, 3000, 300, 4000, 300, 2000, 1000)))
    first, second = windows
    assert first.speech_end_ms == pytest.approx(7800, abs=CHUNK_MS)
    assert second.start_ms >= first.end_ms
    assert second.speech_end_ms == pytest.approx(10_100, abs=CHUNK_MS)


def test_speech_without_a_pause_is_cut_at_its_quietest_and_nothing_is_lost() -> None:
    samples = talk(500, 30_000, 1000)
    quiet_ms = 9_000
    samples[quiet_ms * 16 : (quiet_ms + 130) * 16] *= 0.3
    windows = finals(cut(samples))
    assert windows[0].end_ms == pytest.approx(quiet_ms + 65, abs=2 * CHUNK_MS)
    for one, next_one in itertools.pairwise(windows):
        assert next_one.start_ms == pytest.approx(one.end_ms)
        assert len(one.samples) <= SETTINGS.max_utterance_ms * 16
    joined = np.concatenate([window.samples for window in windows])
    first = round(windows[0].start_ms * 16)
    assert np.array_equal(joined, samples[first : first + len(joined)])
    assert windows[-1].speech_end_ms == pytest.approx(30_500, abs=CHUNK_MS)


def feed_until(cutter: UtteranceCutter, samples: sounds.Samples, end_ms: float) -> None:
    for frame in sounds.frames(samples):
        if frame.end_ms <= end_ms:
            cutter.feed(frame)


def test_a_cut_makes_final_what_is_before_it_and_nothing_is_lost() -> None:
    samples = talk(500, 9_000, 1000)
    samples[4_000 * 16 : 4_130 * 16] *= 0.3
    cutter = UtteranceCutter(LoudnessDetector(), SETTINGS)
    feed_until(cutter, samples, 6_000)
    (first,) = cutter.cut_at(0, 4_020)
    assert first.ends_utterance
    assert first.goes_on
    assert first.end_ms == pytest.approx(4_065, abs=CHUNK_MS)
    rest = [w for frame in sounds.frames(samples)[300:] for w in cutter.feed(frame)]
    (second,) = finals(rest)
    assert second.utterance == 1
    assert second.start_ms == pytest.approx(first.end_ms)
    assert not second.goes_on
    joined = np.concatenate([first.samples, second.samples])
    begin = round(first.start_ms * 16)
    assert np.array_equal(joined, samples[begin : begin + len(joined)])


@pytest.mark.parametrize(
    ("utterance", "at_ms"),
    [(1, 2_000), (0, 100), (0, 3_980), (0, 9_000)],
    ids=["another utterance", "before its start", "at its end", "in the future"],
)
def test_there_is_no_cut_where_there_is_nothing_to_part(utterance: int, at_ms: float) -> None:
    cutter = UtteranceCutter(LoudnessDetector(), SETTINGS)
    feed_until(cutter, talk(500, 9_000), 4_000)
    assert cutter.cut_at(utterance, at_ms) == []


def test_there_is_no_cut_once_a_pause_has_begun_or_the_utterance_is_over() -> None:
    samples = talk(500, 3_000, 1_000)
    cutter = UtteranceCutter(LoudnessDetector(), SETTINGS)
    feed_until(cutter, samples, 3_800)
    assert cutter.cut_at(0, 2_000) == []
    assert len(finals([w for frame in sounds.frames(samples)[190:] for w in cutter.feed(frame)]))
    assert cutter.cut_at(0, 2_000) == []


@settings(max_examples=40, deadline=None)
@given(
    spans_ms=st.lists(st.integers(300, 9_000), min_size=2, max_size=5),
    cuts=st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 8_000)), max_size=12),
)
def test_cuts_at_any_time_lose_and_double_no_sample(
    spans_ms: list[int], cuts: list[tuple[int, int]]
) -> None:
    """Each cut is asked for at a time, so many milliseconds back from there."""
    samples = talk(*spans_ms, 1000)
    cutter = UtteranceCutter(LoudnessDetector(), SETTINGS)
    windows: list[SpeechWindow] = []
    waiting = sorted(cuts)
    for frame in sounds.frames(samples):
        windows += cutter.feed(frame)
        while waiting and waiting[0][0] <= frame.end_ms:
            number = windows[-1].utterance + windows[-1].ends_utterance if windows else 0
            windows += cutter.cut_at(number, frame.end_ms - waiting.pop(0)[1])
    ended = finals(windows + cutter.finish())
    assert [window.utterance for window in ended] == list(range(len(ended)))
    for one, following in itertools.pairwise(ended):
        if one.goes_on:
            assert following.start_ms == pytest.approx(one.end_ms)
        else:
            assert following.start_ms >= one.end_ms - 0.001
    for window in ended:
        begin = round(window.start_ms * 16)
        assert np.array_equal(window.samples, samples[begin : begin + len(window.samples)])


def test_finishing_in_the_middle_of_a_word_gives_all_that_was_said() -> None:
    samples = talk(500, 1510)
    windows = cut(samples)
    assert windows[-1].ends_utterance
    assert windows[-1].end_ms == pytest.approx(2010)
    assert np.array_equal(windows[-1].samples, samples[-len(windows[-1].samples) :])


def test_finishing_twice_or_in_silence_gives_nothing() -> None:
    cutter = UtteranceCutter(LoudnessDetector(), SETTINGS)
    for frame in sounds.frames(talk(500, 1000)):
        cutter.feed(frame)
    assert len(cutter.finish()) == 1
    assert cutter.finish() == []


def test_a_short_gap_is_filled_so_that_words_keep_their_places() -> None:
    frames = sounds.frames(talk(500, 2000, 1000))
    lost = {40, 41, 60}  # 40 ms and 20 ms, in mid-speech
    cutter = UtteranceCutter(LoudnessDetector(), SETTINGS)
    kept = [frame for index, frame in enumerate(frames) if index not in lost]
    (final,) = finals([w for frame in kept for w in cutter.feed(frame)])
    assert final.speech_end_ms == pytest.approx(2500, abs=2 * CHUNK_MS)
    assert final.end_ms - final.start_ms == pytest.approx(len(final.samples) / 16)
    assert cutter.counters.gaps_bridged >= 1
    assert cutter.counters.gaps_cut == 0


def test_a_long_gap_ends_the_utterance_before_it() -> None:
    samples = talk(500, 2000)
    detector = LoudnessDetector()
    cutter = UtteranceCutter(detector, SETTINGS)
    windows = [w for frame in sounds.frames(samples) for w in cutter.feed(frame)]
    assert finals(windows) == []
    (final,) = finals(cutter.feed(AudioFrame(4000, samples[-320:])))
    assert final.end_ms == pytest.approx(2500)
    assert cutter.counters.gaps_cut == 1
    assert detector.resets == 1
    after = [w for frame in sounds.frames(samples, 4020) for w in cutter.feed(frame)]
    (last,) = finals(after + cutter.finish())
    assert last.utterance == 1
    assert last.start_ms >= 4000


def test_corrections_of_the_timeline_neither_cut_nor_lose_audio() -> None:
    samples = talk(500, 3000, 1000)
    cutter = UtteranceCutter(LoudnessDetector(), SETTINGS)
    frames = [AudioFrame(f.start_ms * 0.6, f.samples) for f in sounds.frames(samples)]
    (final,) = finals([w for frame in frames for w in cutter.feed(frame)])
    first = int(np.flatnonzero(samples == final.samples[0])[0])
    assert np.array_equal(final.samples, samples[first : first + len(final.samples)])


def test_audio_that_was_heard_before_is_not_heard_twice() -> None:
    frames = sounds.frames(talk(500, 2000, 1000))
    cutter = UtteranceCutter(LoudnessDetector(), SETTINGS)
    windows = []
    for index, frame in enumerate(frames):
        windows += cutter.feed(frame)
        if index % 10 == 9:
            windows += cutter.feed(frames[index - 5])
    assert [key(w) for w in windows] == [key(w) for w in cut(talk(500, 2000, 1000))]
    assert cutter.counters.stale_frames == len(frames) // 10


@settings(max_examples=60, deadline=None)
@given(
    spans_ms=st.lists(st.integers(20, 3000), min_size=1, max_size=8),
    lengths_ms=st.tuples(st.sampled_from([10, 20, 30]), st.sampled_from([60, 100, 1000])),
)
def test_windows_depend_on_the_audio_and_not_on_its_framing(
    spans_ms: list[int], lengths_ms: tuple[int, int]
) -> None:
    samples = talk(*spans_ms)
    one, other = (cut(samples, length_ms=length_ms) for length_ms in lengths_ms)
    assert [(*key(w), w.ends_utterance, w.speech_end_ms) for w in one] == [
        (*key(w), w.ends_utterance, w.speech_end_ms) for w in other
    ]


@settings(max_examples=60, deadline=None)
@given(
    spans_ms=st.lists(st.integers(20, 15_000), min_size=1, max_size=8),
    losses=st.sets(st.integers(0, 1500), max_size=40),
    outage=st.tuples(st.integers(0, 1500), st.integers(0, 200)),
)
def test_utterances_come_in_order_apart_bounded_and_with_one_final_each(
    spans_ms: list[int], losses: set[int], outage: tuple[int, int]
) -> None:
    lost = losses | set(range(outage[0], sum(outage)))
    cutter = UtteranceCutter(LoudnessDetector(), SETTINGS)
    frames = [f for i, f in enumerate(sounds.frames(talk(*spans_ms))) if i not in lost]
    windows = [w for frame in frames for w in cutter.feed(frame)] + cutter.finish()
    numbers = [window.utterance for window in windows]
    assert numbers == sorted(numbers)
    ended = finals(windows)
    assert [w.utterance for w in ended] == list(range(len(ended)))
    assert {w.utterance for w in windows} == {w.utterance for w in ended}
    for window in ended:
        assert window.start_ms < window.speech_end_ms <= window.end_ms + 0.001
        assert len(window.samples) <= SETTINGS.max_utterance_ms * 16
    for one, following in itertools.pairwise(ended):
        assert following.start_ms >= one.end_ms - 0.001
    for window in windows:
        final = ended[window.utterance]
        assert window.start_ms == final.start_ms
        shared = min(len(window.samples), len(final.samples))
        assert np.array_equal(window.samples[:shared], final.samples[:shared])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(600, 2000), st.integers(260, 5000)), max_size=6))
def test_every_stretch_of_speech_is_in_exactly_one_final(turns: list[tuple[int, int]]) -> None:
    samples = talk(*[span for turn in turns for span in turn], 1000)
    ended = finals(cut(samples))
    assert len(ended) == len(turns)
    at_ms = 0
    for (pause_ms, speech_ms), window in zip(turns, ended, strict=True):
        at_ms += pause_ms
        assert window.start_ms <= at_ms
        at_ms += speech_ms
        assert window.end_ms >= at_ms


@pytest.mark.parametrize("name", ["tutor", "learner"])
def test_every_turn_of_the_sample_lesson_is_one_utterance(name: str) -> None:
    cutter = UtteranceCutter(SpeechGate(), SETTINGS)
    samples = sounds.sample_track(name)
    windows = [w for frame in sounds.frames(samples) for w in cutter.feed(frame)]
    ended = finals(windows + cutter.finish())
    turns = sounds.sample_turns(name)
    for start_ms, end_ms in turns:
        inside = [w for w in ended if w.start_ms < end_ms and w.end_ms > start_ms]
        assert 1 <= len(inside) <= 2
        assert start_ms - 400 <= inside[0].start_ms <= start_ms
        assert end_ms - 250 <= inside[-1].speech_end_ms <= end_ms + 150
        assert inside[-1].end_ms >= end_ms - 50
    assert len(ended) <= len(turns) + 1


@pytest.mark.parametrize(
    ("field", "cutting"),
    [
        ("pre_roll_ms", {"pre_roll_ms": 0}),
        ("speculative_pause_ms", {"speculative_pause_ms": 300}),
        ("soft_pause_ms", {"endpoint_silence_ms": 240}),
        ("soft_limit_ms", {"max_utterance_ms": 5000}),
        ("min_speech_ms", {"min_speech_ms": 400}),
        ("still_speech_probability", {"speech_probability": 0.2}),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    field: str, cutting: dict[str, int]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        CuttingSettings(**cutting)
    assert refusal.value.field == field
