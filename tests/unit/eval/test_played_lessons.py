"""Lessons that benchmarks play: as much talk as in a real one, and no sentence twice."""

from __future__ import annotations

import re

import pytest

from eval.played_lessons import FEW_WORDS, MINUTE_MS, Played, objectives_taught, played_lesson
from lessons.events import AssessmentItemAnswered, CaptionFinal, LessonPlanItemStarted
from tests.unit.eval.played_class import PEOPLE

MINUTES = 30


@pytest.fixture(scope="module")
def played() -> list[Played]:
    return played_lesson(PEOPLE, MINUTES)


def captions(played: list[Played]) -> list[CaptionFinal]:
    return [one.draft.data for one in played if isinstance(one.draft.data, CaptionFinal)]


def test_somebody_speaks_nine_or_ten_times_a_minute_to_the_end(played: list[Played]) -> None:
    said = captions(played)
    assert 8.5 < len(said) / MINUTES < 10.5
    assert (MINUTES - 1) * MINUTE_MS < said[-1].end_ms < MINUTES * MINUTE_MS
    assert {one.participant_id for one in said} == {one.id for one in PEOPLE}


def test_events_come_in_the_order_in_which_they_commit_under_ids_of_their_own(
    played: list[Played],
) -> None:
    times = [one.at_ms for one in played]
    assert times == sorted(times)
    ids = [one.draft.id for one in played]
    assert len(ids) == len(set(ids))


def test_no_sentence_comes_twice(played: list[Played]) -> None:
    long = [one.text for one in captions(played) if len(one.text.split()) > FEW_WORDS]
    assert len(long) == len(set(long))


def test_people_are_called_by_their_own_names(played: list[Played]) -> None:
    said = " ".join(one.text for one in captions(played))
    assert any(one.name in said for one in PEOPLE[1:])
    written = {"Ada", "Ben", "Cleo", "Dan", "Eva", "Ilya", "Jun", "Gita", "Hugo", "Kim"}
    assert not written & set(re.findall(r"\w+", said))


def test_everybody_answers_to_objectives_that_a_course_can_have(played: list[Played]) -> None:
    answers = [one.draft for one in played if isinstance(one.draft.data, AssessmentItemAnswered)]
    assert {one.subject for one in answers} == {one.id for one in PEOPLE[1:]}
    known = {one.objective_id for one in objectives_taught()}
    worked = {
        name
        for one in played
        if isinstance(one.draft.data, LessonPlanItemStarted)
        for name in one.draft.data.objective_ids
    }
    assert len(worked) > 3
    assert worked <= known


def test_the_same_seed_plays_the_same_lesson() -> None:
    first, again, other = (played_lesson(PEOPLE, 3, seed) for seed in (1, 1, 2))
    assert first == again
    assert captions(first) != captions(other)
