from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.segmentation import Array
from models.segments.card import DecodingWeights, Durations, Habits
from models.segments.decoding import Evidence, Lattice, Scoring, Span, decode
from models.segments.linking import link
from models.segments.network import RowScores
from models.segments.rolling import SETTLING, RollingDecoder

WEIGHTS = DecodingWeights(
    boundary=1.0,
    threshold=0.0,
    duration=0.2,
    label=0.3,
    fit=0.5,
    fit_expected=1.0,
    number=1.0,
    change=0.5,
    order=0.5,
)
HABITS = Habits(
    durations=tuple([Durations(mean=2.5, deviation=0.8)] * 4),
    changes=((0.1, 0.4, 0.5), (0.3, 0.6, 0.1), (0.2, 0.1, 0.7)),
    lasts=(0.9, 0.05, 0.05),
    forward=0.8,
    step=2.0,
)


def _evidence(rows: int, begins: list[int], about: list[int], problems: int = 3) -> Evidence:
    """Rows that say clearly where segments begin and which problem (from 0; -1: talk) they have."""
    logits = np.zeros((rows, 4), np.float32)
    logits[:, 0] = -5
    fit = np.zeros((rows, problems), np.float32)
    ends = [*begins[1:], rows][: len(begins)]
    for begin, end, problem in zip(begins, ends, about, strict=True):
        logits[begin, 0] = 4
        logits[begin:end, 1 if problem < 0 else 3] = 3
        if problem >= 0:
            fit[begin:end, problem] = 3
    return Evidence(RowScores.of(logits), fit, np.zeros_like(fit))


def test_clear_evidence_is_followed() -> None:
    spans = decode(_evidence(60, [0, 10, 30, 50], [-1, 0, 2, -1]), WEIGHTS, HABITS)
    assert spans == [Span(0, 10, 0), Span(10, 30, 2), Span(30, 50, 4), Span(50, 60, 0)]


def test_words_decide_between_problems_where_the_network_sees_no_boundary() -> None:
    evidence = _evidence(60, [0, 10, 30], [-1, 0, 1])
    evidence.rows.boundary[30] = -5
    assert [span.start for span in decode(evidence, WEIGHTS, HABITS)] == [0, 10, 30]


def test_an_empty_lesson_has_no_spans() -> None:
    assert decode(_evidence(0, [], []), WEIGHTS, HABITS) == []


logits = st.integers(0, 90).flatmap(
    lambda rows: st.lists(
        st.lists(st.floats(-6, 6), min_size=7, max_size=7), min_size=rows, max_size=rows
    )
)


def _any_evidence(values: list[list[float]]) -> Evidence:
    table: Array = np.array(values, np.float32).reshape(-1, 7)
    return Evidence(RowScores.of(table[:, :4]), table[:, 4:], np.zeros_like(table[:, 4:]))


@settings(max_examples=30)
@given(logits)
def test_spans_tile_the_rows_whatever_they_say(values: list[list[float]]) -> None:
    spans = decode(_any_evidence(values), WEIGHTS, HABITS)
    assert [span.start for span in spans] == [0, *(span.end for span in spans)][: len(spans)]
    assert (spans[-1].end if spans else 0) == len(values)
    assert all(span.start < span.end for span in spans)


@settings(max_examples=30)
@given(logits)
def test_rows_that_come_one_by_one_make_the_same_path(values: list[list[float]]) -> None:
    evidence = _any_evidence(values)
    scoring = Scoring(WEIGHTS, HABITS, 3)
    rows, firsts = scoring.scores(evidence)
    lattice = Lattice(scoring)
    for row in range(len(rows)):
        lattice.add(rows[row : row + 1], firsts[row : row + 1])
    assert lattice.path(ended=True) == decode(evidence, WEIGHTS, HABITS)


@settings(max_examples=30)
@given(logits)
def test_spans_told_live_tile_the_rows_and_are_told_after_a_while(
    values: list[list[float]],
) -> None:
    scoring = Scoring(WEIGHTS, HABITS, 3)
    rolling = RollingDecoder(scoring)
    rows, firsts = scoring.scores(_any_evidence(values))
    told = []
    for row in range(len(rows)):
        rolling.add(rows[row : row + 1], firsts[row : row + 1])
        if span := rolling.closed():
            assert span.end + SETTLING <= row + 1 == len(rolling)
            told.append(span)
    told += rolling.finish()
    assert [span.start for span in told] == [0, *(span.end for span in told)][: len(told)]
    assert (told[-1].end if told else 0) == len(values)


def test_clear_segments_are_told_live_as_they_are_after_the_lesson() -> None:
    evidence = _evidence(80, [0, 15, 40], [-1, 0, 2])
    scoring = Scoring(WEIGHTS, HABITS, 3)
    rolling = RollingDecoder(scoring)
    rolling.add(*scoring.scores(evidence))
    first, second, third = rolling.closed(), rolling.closed(), rolling.closed()
    assert [first, second] == decode(evidence, WEIGHTS, HABITS)[:2]
    assert third is None
    assert rolling.finish() == [Span(40, 80, 4)]


def test_a_problem_is_linked_by_its_words_and_where_they_fail_by_the_order() -> None:
    evidence = _evidence(60, [0, 20, 40], [0, 1, 2])
    evidence.fit[20:40] = 0
    assert link(evidence, [(0, 20), (20, 40), (40, 60)], WEIGHTS, HABITS) == [0, 1, 2]
    assert link(evidence, [], WEIGHTS, HABITS) == []
