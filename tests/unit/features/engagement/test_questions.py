"""Questions to the group: found in captions, waited for, answered by somebody or by nobody."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.engagement import LessonFeatures
from features.engagement.questions import LONGEST_WAIT_MS, SETTLE_MS, Question
from lessons.events import LearningEvent
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script, windows_at

QUESTION = "So what is a half of three quarters?"


def asked(
    script: Script, *then: LearningEvent, text: str = QUESTION, end_ms: int = 40_000
) -> list[Question]:
    """Return the questions of a lesson in which the tutor asks from 1 s to 4 s."""
    joined = [script.joined(who) for who in ("tutor", "ada", "ben")]
    features = LessonFeatures(LESSON, ROLES)
    windows_at([*joined, script.caption("tutor", 1_000, 4_000, text), *then], end_ms, features)
    return features.questions()


def test_the_wait_ends_when_a_learner_speaks() -> None:
    script = Script()
    (question,) = asked(
        script, script.spoke("ben", 8_000, 9_000), script.spoke("ada", 6_500, 7_000)
    )
    assert question.asker == "tutor"
    assert question.data.asked_at_ms == 4_000
    assert (question.data.wait_ms, question.data.answered_by) == (2_500, "ada")
    assert question.data.caption_id == "cap_1000_tutor"


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("chat.posted", {"message_id": "m", "characters": 3}),
        ("hand.raised", {}),
        ("poll.answered", {"poll_id": "p", "options": [0]}),
    ],
)
def test_an_answer_in_the_chat_a_hand_or_a_vote_is_one_too(
    event_type: str, data: dict[str, object]
) -> None:
    script = Script()
    (question,) = asked(script, script.event(event_type, 9_000, "ada", **data))
    assert (question.data.wait_ms, question.data.answered_by) == (5_000, "ada")


def test_who_goes_on_speaking_has_not_waited() -> None:
    script = Script()
    (question,) = asked(script, text="What is a half of it? It is three eighths of course.")
    assert question.data.answered_by is None
    assert question.data.wait_ms == 0
    (later,) = asked(script, script.spoke("tutor", 7_000, 9_000))
    assert (later.data.wait_ms, later.data.answered_by) == (3_000, None)


def test_a_voice_that_ends_a_breath_later_than_its_words_is_still_the_question() -> None:
    script = Script()
    (question,) = asked(
        script, script.spoke("tutor", 1_000, 4_500), script.spoke("ada", 7_000, 8_000)
    )
    assert question.data.answered_by == "ada"


def test_a_question_that_nobody_answers_is_told_without_a_wait() -> None:
    script = Script()
    assert asked(script, end_ms=20_000) == []
    late = script.spoke("ada", 4_000 + LONGEST_WAIT_MS + 1_000, 22_000)
    (question,) = asked(script, late)
    assert (question.data.wait_ms, question.data.answered_by) == (None, None)


def test_an_answer_whose_caption_comes_late_is_still_the_first() -> None:
    script = Script()
    features = LessonFeatures(LESSON, ROLES)
    events = [script.joined("ada"), script.caption("tutor", 1_000, 4_000, QUESTION)]
    windows_at([*events, script.spoke("ben", 8_000, 9_000)], 10_000, features)
    features.take(script.caption("ada", 5_500, 6_000, "three eighths"))
    features.close(15_000)
    (question,) = features.questions()
    assert question.data.answered_by == "ada"
    assert features.questions() == [], "each is told once"


@settings(max_examples=30)
@given(delay_ms=st.integers(0, LONGEST_WAIT_MS))
def test_the_wait_is_that_of_the_first_answer(delay_ms: int) -> None:
    script = Script()
    at_ms = 4_000 + delay_ms
    (question,) = asked(script, script.event("hand.raised", at_ms, "ada"), end_ms=45_000)
    assert question.data.wait_ms == delay_ms
    assert question.settled_ms <= at_ms + SETTLE_MS + 10_000


def test_while_a_question_is_open_the_lesson_is_and_learners_are_measured_by_it() -> None:
    script = Script()
    events = [
        *(script.joined(who) for who in ("tutor", "ada", "ben")),
        script.event("track.published", 0, track_id="t1", participant_id="ada", kind="audio",
                     source="live"),
        script.event("track.published", 0, track_id="t2", participant_id="ben", kind="audio",
                     source="live"),
        script.caption("tutor", 1_000, 4_000, QUESTION),
        script.spoke("ada", 11_000, 12_000),
    ]  # fmt: skip
    opened = windows_at(events, 10_000)["ada"]
    assert (opened.context, opened.value("question_open")) == ("question_open", 1)
    assert opened.value("since_question_s") == 6
    windows = windows_at(events, 30_000)
    assert windows["ada"].value("question_open") == 0
    assert windows["ada"].value("response_latency_s") == 7
    assert windows["ada"].value("responses_share_600s") == 1
    assert windows["ben"].value("responses_share_600s") == 0
    assert windows["ben"].value("response_latency_s") is None


def test_what_a_learner_asks_is_no_question_to_the_group() -> None:
    script = Script()
    features = LessonFeatures(LESSON, ROLES)
    windows_at([script.caption("ada", 1_000, 4_000, QUESTION)], 40_000, features)
    assert features.questions() == []
