from __future__ import annotations

import json
import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lessons.caption_formats import (
    LINE_CHARACTERS,
    LINES_PER_CUE,
    cues_of,
    to_json,
    to_srt,
    to_text,
    to_webvtt,
)
from lessons.captions import Caption
from lessons.events import CaptionWord
from lessons.roles import Role

LONG = (
    "we have three quarters of a pizza and we want to share it among five hungry friends "
    "so how much does everybody get"
)
WORDS = len(LONG.split())


def _caption(
    text: str,
    start_ms: int = 0,
    end_ms: int = 8000,
    *,
    name: str = "Ada",
    words: list[CaptionWord] | None = None,
) -> Caption:
    return Caption(
        caption_id=f"cap_{start_ms}",
        track_id="trk_1",
        participant_id=f"par_{name}",
        participant_name=name,
        role=Role.LEARNER,
        revision=1,
        start_ms=start_ms,
        end_ms=end_ms,
        text=text,
        words=words or [],
        confidence=0.9,
        language="en",
        engine="faster-whisper",
        model="small.en",
    )


def _timed(text: str, times: list[int]) -> list[CaptionWord]:
    return [
        CaptionWord(text=word, start_ms=time, end_ms=time, confidence=0.9)
        for word, time in zip(text.split(), times, strict=True)
    ]


def test_a_long_caption_is_split_at_the_times_of_its_words() -> None:
    times = [100 * index for index in range(WORDS)]
    cues = cues_of(_caption(LONG, words=_timed(LONG, times)))
    before = [sum(len(line.split()) for cue in cues[:n] for line in cue.lines) for n in range(9)]
    assert len(cues) > 1
    assert [cue.start_ms for cue in cues] == [times[n] for n in before[: len(cues)]]
    assert [cue.end_ms for cue in cues] == [*(cue.start_ms for cue in cues[1:]), 8000]


@given(
    st.lists(st.text("abcdefgh", min_size=1, max_size=40), max_size=60).map(" ".join),
    st.integers(0, 10**7),
    st.integers(0, 60_000),
    st.none() | st.just("Ada"),
)
def test_cues_keep_every_word_their_size_and_their_order(
    text: str, start_ms: int, length_ms: int, speaker: str | None
) -> None:
    cues = cues_of(_caption(text, start_ms, start_ms + length_ms), speaker)
    shown = " ".join(line for cue in cues for line in cue.lines)
    assert shown.split() == ([f"{speaker}:"] if speaker else []) + text.split()
    for cue in cues:
        assert len(cue.lines) <= LINES_PER_CUE
        assert all(len(line) <= LINE_CHARACTERS or " " not in line for line in cue.lines)
        assert start_ms <= cue.start_ms < cue.end_ms
    assert all(first.start_ms <= second.start_ms for first, second in pairwise(cues))


@given(st.lists(st.integers(-5000, 20_000), min_size=WORDS, max_size=WORDS))
def test_wild_word_times_cannot_turn_cues_around(times: list[int]) -> None:
    words = _timed(LONG, [max(0, time) for time in times])
    cues = cues_of(_caption(LONG, 1000, 9000, words=words))
    assert all(first.start_ms <= second.start_ms for first, second in pairwise(cues))
    assert all(1000 <= cue.start_ms < cue.end_ms <= 9001 for cue in cues)


def test_webvtt_names_the_speaker_and_escapes_what_would_be_markup() -> None:
    text = to_webvtt([_caption("is 2 < 3 & 3 --> 4", 3_661_007, 3_663_000, name="A <b>\nda")])
    assert text == (
        "WEBVTT\n\ncap_3661007-1\n01:01:01.007 --> 01:01:03.000\n"
        "<v.learner A &lt;b&gt; da>is 2 &lt; 3 &amp; 3 --&gt; 4\n"
    )


def test_cues_of_people_who_speak_at_once_are_in_order_of_time() -> None:
    captions = [_caption(LONG, 0, 9000), _caption("yes", 2000, 2500, name="Tom")]
    for text in (to_webvtt(captions), to_srt(captions)):
        starts = re.findall(r"^(\S+) -->", text, flags=re.MULTILINE)
        assert starts == sorted(starts)


def test_srt_numbers_its_cues_and_names_the_speaker_at_each_turn() -> None:
    captions = [
        _caption("one", 0, 500),
        _caption("two", 500, 900),
        _caption("three", 1000, 1500, name="Tom"),
    ]
    assert to_srt(captions) == (
        "1\n00:00:00,000 --> 00:00:00,500\nAda: one\n\n"
        "2\n00:00:00,500 --> 00:00:00,900\ntwo\n\n"
        "3\n00:00:01,000 --> 00:00:01,500\nTom: three\n"
    )


def test_text_has_a_line_per_caption() -> None:
    assert to_text([_caption("one\ntwo", 61_000)]) == "[00:01:01] Ada (learner): one two\n"


def test_json_has_every_field() -> None:
    caption = _caption("one", words=_timed("one", [0]))
    assert json.loads(to_json([caption])) == {"captions": [caption.model_dump(mode="json")]}


def test_a_lesson_without_captions_is_a_valid_file_of_each_format() -> None:
    assert to_webvtt([]) == "WEBVTT\n"
    assert to_srt([]) == ""
    assert to_text([]) == ""
    assert json.loads(to_json([])) == {"captions": []}
