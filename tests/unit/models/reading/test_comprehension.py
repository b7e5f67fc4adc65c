from __future__ import annotations

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.summary import ComprehensionMoment
from models.reading.comprehension import (
    FEWEST_TIMES,
    LONG_MS,
    LONG_TIMES,
    comprehension_moments,
)
from tests.unit.features.reading.test_material import read
from tests.unit.features.reading.told_lessons import ADA, BEN, TUTOR, ToldLesson


def moments(lesson: ToldLesson) -> list[ComprehensionMoment]:
    material = read(lesson.events)
    return list(comprehension_moments(material, [None] * len(material.utterances)))


def told() -> ToldLesson:
    lesson = ToldLesson()
    lesson.joined(TUTOR, ADA, BEN)
    return lesson


def test_an_answer_that_the_tutor_puts_right_is_contradicted_and_the_slip_is_named() -> None:
    lesson = told()
    asked = lesson.said(TUTOR, 0, 2_000, "What is one half plus one third?")
    wrong = lesson.said(ADA, 4_000, 5_000, "It is two fifths.")
    right = lesson.said(TUTOR, 6_000, 9_000, "Not quite. We need a common denominator.")
    (moment,) = moments(lesson)
    assert (moment.reason, moment.participant_id) == ("contradicted_answer", ADA)
    assert moment.misconception == "Adds the tops and the bottoms of fractions, each for itself."
    assert moment.citations[0].caption_ids == [asked, wrong, right]


def test_where_no_slip_is_proved_the_answer_itself_is_told_in_quotes() -> None:
    lesson = told()
    lesson.said(TUTOR, 0, 2_000, "What is a noun?")
    lesson.said(ADA, 3_000, 4_000, 'A word for "doing" things.')
    lesson.said(TUTOR, 4_500, 6_000, "Almost. Doing words are verbs.")
    (moment,) = moments(lesson)
    assert moment.misconception == "Said “A word for 'doing' things.”, which the tutor put right."


@pytest.mark.parametrize(
    "reply", ["Exactly, well done.", "Now the next one.", "No problem, take your time."]
)
def test_a_reply_that_corrects_nothing_makes_no_moment(reply: str) -> None:
    lesson = told()
    lesson.said(TUTOR, 0, 2_000, "What is one half plus one third?")
    lesson.said(ADA, 4_000, 5_000, "It is five sixths.")
    lesson.said(TUTOR, 6_000, 9_000, reply)
    assert moments(lesson) == []


@pytest.mark.parametrize(
    ("text", "confidence"), [("Maybe five?", 0.55), ("I'm not sure. Five?", 0.7)]
)
def test_a_hedged_answer_is_one_and_a_doubtful_one_more_so(text: str, confidence: float) -> None:
    lesson = told()
    lesson.said(TUTOR, 0, 2_000, "What is two plus three?")
    lesson.said(BEN, 3_000, 4_000, text)
    (moment,) = moments(lesson)
    assert (moment.reason, moment.confidence) == ("hedge", confidence)
    assert moment.misconception is None


def test_a_tutor_who_hedges_or_says_so_outside_of_an_answer_has_no_moment() -> None:
    lesson = told()
    lesson.said(BEN, 0, 2_000, "What is two plus three?")
    lesson.said(TUTOR, 3_000, 4_000, "I think it is five.")
    lesson.said(BEN, 60_000, 62_000, "Maybe it rains today.")
    assert moments(lesson) == []


def test_asking_for_help_counts_aloud_and_in_the_chat() -> None:
    lesson = told()
    lesson.said(ADA, 1_000, 2_000, "Sorry, I don't get it.")
    chat = lesson.tell("chat.posted", 3_000, BEN, message_id="m1", characters=9, text="I'm stuck!")
    first, second = moments(lesson)
    assert (first.reason, second.reason) == ("help_seeking", "help_seeking")
    assert second.citations[0].event_ids == [chat.id]


def test_wrong_more_than_once_at_the_same_is_one_moment_with_all_answers() -> None:
    lesson = told()
    ids = [
        lesson.answered(
            ADA, at_ms, item, right=False, objective_id="add", response=response, attempt=attempt
        )
        for at_ms, item, response, attempt in (
            (1_000, "q1", "2/5", 1),
            (2_000, "q1", "2/5", 2),
            (3_000, "q2", "3/7", 1),
        )
    ]
    lesson.answered(BEN, 3_500, "q1", right=False, objective_id="add")
    (moment,) = moments(lesson)
    assert moment.citations[0].event_ids == ids
    assert (moment.reason, moment.objective_id, moment.confidence) == ("repeated_error", "add", 0.9)
    assert moment.misconception == "Answered “2/5” to item “q1” more than once."


def test_an_answer_takes_long_only_beside_the_same_learners_others() -> None:
    lesson = told()
    for number, duration_ms in enumerate((8_000, 9_000, 10_000, 45_000)):
        lesson.answered(
            ADA, 50_000 * (number + 1), f"q{number}", right=True, duration_ms=duration_ms
        )
    for number in range(4):
        lesson.answered(BEN, 300_000 + number, f"q{number}", right=True, duration_ms=45_000)
    (moment,) = moments(lesson)
    assert (moment.reason, moment.participant_id) == ("long_latency", ADA)
    assert (moment.start_ms, moment.end_ms) == (155_000, 200_000)


@given(st.lists(st.integers(0, 20).map(lambda tens: 10_000 * tens), min_size=1, max_size=9))
def test_an_answer_is_late_against_the_median_of_the_learners_others(times: list[int]) -> None:
    lesson = told()
    for number, time_ms in enumerate(times):
        at_ms = 1_000_000 + number
        lesson.answered(ADA, at_ms, f"q{number}", right=True, duration_ms=time_ms)
    late = {
        1_000_000 + number
        for number, time_ms in enumerate(times)
        if len(times) >= FEWEST_TIMES
        and time_ms >= max(LONG_MS, LONG_TIMES * median(times[:number] + times[number + 1 :]))
    }
    assert {one.end_ms for one in moments(lesson)} == late


def test_a_learner_who_did_nothing_has_no_moment() -> None:
    assert moments(told()) == []
