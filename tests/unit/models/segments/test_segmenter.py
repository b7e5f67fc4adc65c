from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.errors import InvalidInput
from models.segments.confidence import NOT_SURE
from models.segments.interface import Segment
from models.segments.segmenter import Segmenter, shipped_segmenter
from models.segments.streaming import LAG_ROWS, StreamingSegmenter
from tests.tutoring_lessons import WORKSHEET, Said, made_up_lesson


@cache
def segmenter() -> Segmenter:
    return shipped_segmenter()


def assert_tiles(segments: Sequence[Segment], utterances: Sequence[Said]) -> None:
    starts = [segment.start for segment in segments]
    assert starts == [0, *(segment.end for segment in segments)][: len(segments)]
    assert (segments[-1].end if segments else 0) == len(utterances)
    for segment in segments:
        rows = utterances[segment.start : segment.end]
        assert segment.start_ms == min(each.start_ms for each in rows)
        assert segment.end_ms == max(each.end_ms for each in rows)
        assert 0 <= segment.confidence <= 1


def live(utterances: Sequence[Said], worksheet: bool = True) -> tuple[list[Segment], list[int]]:
    """Return all segments, and how many utterances had been taken when each was told."""
    streaming = StreamingSegmenter(segmenter(), WORKSHEET if worksheet else ())
    told, when = list[Segment](), list[int]()
    for taken, utterance in enumerate(utterances, start=1):
        if segment := streaming.take(utterance):
            told.append(segment)
            when.append(taken)
    return told + streaming.finish(), when


def test_a_lesson_on_a_worksheet_is_divided_and_linked() -> None:
    lesson = made_up_lesson(1, order=(2, 1, 4))
    segments = segmenter().segments(lesson.said, WORKSHEET)
    assert_tiles(segments, lesson.said)
    assert [segment.problem_id for segment in segments] == [None, "2", "1", "4", None]
    for segment, begin in zip(segments, lesson.begins, strict=True):
        assert abs(segment.start - begin) <= 3
    assert (segments[0].kind, segments[1].kind, segments[-1].kind) == (
        "opening",
        "practice",
        "closing",
    )
    assert segments[0].title == segments[-1].title == ""
    assert segments[1].title.startswith("The circle above has radius 5 inches.")


def test_most_problems_are_found_without_a_worksheet() -> None:
    lesson = made_up_lesson(2)
    segments = segmenter().segments(lesson.said)
    assert_tiles(segments, lesson.said)
    starts = [segment.start for segment in segments]
    near = [any(abs(begin - start) <= 3 for start in starts) for begin in lesson.begins]
    assert sum(near) >= 4
    assert all(segment.problem_id is None for segment in segments)


def test_live_segments_come_late_tile_the_lesson_and_agree_where_it_is_clear() -> None:
    lesson = made_up_lesson(3)
    told, when = live(lesson.said)
    assert_tiles(told, lesson.said)
    after = segmenter().segments(lesson.said, WORKSHEET)
    assert [each.problem_id for each in told] == [each.problem_id for each in after]
    assert len(when) >= 3
    for segment, taken in zip(told, when, strict=False):
        assert taken > segment.end + LAG_ROWS


def test_what_the_network_says_live_is_what_it_says_after_the_lesson() -> None:
    lesson = made_up_lesson(4)
    streaming = StreamingSegmenter(segmenter(), WORKSHEET)
    for utterance in lesson.said:
        streaming.take(utterance)
    streaming.finish()
    whole = segmenter().network.scores(lesson.said)
    np.testing.assert_allclose(streaming._scores.boundary, whole.boundary, atol=1e-3)


def test_an_utterance_that_comes_late_finds_its_place() -> None:
    said = made_up_lesson(5).said
    streaming = StreamingSegmenter(segmenter())
    for utterance in [*said[:6], said[7], said[6], *said[8:]]:
        streaming.take(utterance)
    assert streaming.utterances == tuple(said)


def test_an_empty_lesson_has_no_segments() -> None:
    assert segmenter().segments([], WORKSHEET) == []
    assert live([]) == ([], [])


def test_one_utterance_is_one_segment() -> None:
    (segment,) = segmenter().segments([Said("Hello?", 0, 500)])
    assert (segment.start, segment.end, segment.kind) == (0, 1, "other")


@pytest.mark.parametrize("people", [1, 40])
def test_lessons_of_one_and_of_forty_speakers_are_tiled(people: int) -> None:
    said = [
        replace(each, participant_id=f"par_{row % people}", role="learner")
        for row, each in enumerate(made_up_lesson(6).said)
    ]
    assert_tiles(segmenter().segments(said, WORKSHEET), said)
    assert_tiles(live(said)[0], said)


SPANISH = (
    "Bueno, vamos a empezar con la clase de hoy",
    "¿quién quiere leer el siguiente ejercicio?",
    "la derivada de la función es dos equis",
    "muy bien, ahora calculamos la pendiente de la recta",
)


@pytest.mark.parametrize("language", ["es", "en", None])
def test_another_language_is_tiled_and_said_to_be_unsure(language: str | None) -> None:
    said = [
        Said(SPANISH[row % 4], 8_000 * row, 8_000 * row + 5_000, language=language)
        for row in range(120)
    ]
    segments = segmenter().segments(said)
    assert_tiles(segments, said)
    assert max(segment.confidence for segment in segments) <= NOT_SURE
    clear = segmenter().segments(made_up_lesson(1).said, WORKSHEET)
    assert max(segment.confidence for segment in clear) > NOT_SURE


texts = st.sampled_from(
    ["okay", "", "question 3", "what is the speed of the train", "thank you, bye", "¿qué?", "7"]
)
utterances = st.lists(
    st.tuples(texts, st.integers(0, 60_000), st.integers(0, 5_000), st.booleans()), max_size=70
)


@settings(max_examples=25)
@given(utterances, st.booleans())
def test_anything_said_is_tiled_live_and_after_the_lesson(
    drawn: list[tuple[str, int, int, bool]], worksheet: bool
) -> None:
    said, clock = list[Said](), 0
    for text, pause, length, tutor in drawn:
        clock += pause
        role = "tutor" if tutor else "learner"
        said.append(Said(text, clock, clock + length, f"par_{role}", role))
    assert_tiles(segmenter().segments(said, WORKSHEET if worksheet else ()), said)
    assert_tiles(live(said, worksheet)[0], said)


def test_a_network_that_is_not_the_card_s_is_refused() -> None:
    with pytest.raises(InvalidInput, match="checksum"):
        Segmenter(segmenter().card, b"another network")
