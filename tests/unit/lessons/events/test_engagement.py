"""Claims about taking part: what can be observed, with evidence, and never an emotion."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lessons.affect import affect_label_in
from lessons.errors import NotAllowed
from lessons.events import (
    DATA_TYPES,
    ENGAGEMENT_STATES,
    EngagementContested,
    EngagementNudge,
    EngagementProfile,
    EngagementSignal,
    EventData,
    LessonPlanItemStarted,
    ParticipationMeasured,
    QuestionAsked,
    current_data,
    parse_posted,
)
from lessons.lesson_context import LessonContext

OBSERVABLE = [state for state in ENGAGEMENT_STATES if state != "unknown"]


def _signal(**changes: Any) -> dict[str, Any]:
    return {**EngagementSignal.example, **changes}


def _of(data: type[EventData], **changes: Any) -> dict[str, Any]:
    return {**data.example, **changes}


@pytest.mark.parametrize(
    "state", ["bored", "Happy", "is_frustrated", "very-anxious", "emotion:joy", "confused"]
)
def test_a_state_that_names_an_emotion_is_refused_and_says_why(state: str) -> None:
    with pytest.raises(ValidationError, match="names an emotion, and Lectern infers none"):
        EngagementSignal.model_validate(_signal(state=state))


@pytest.mark.parametrize(
    "change", [{"name": "boredom"}, {"text": "She looked bored."}, {"text": "Seems frustrated"}]
)
def test_an_observation_names_no_emotion_either(change: dict[str, str]) -> None:
    (observation,) = EngagementSignal.example["observations"]
    with pytest.raises(ValidationError, match="names an emotion"):
        EngagementSignal.model_validate(_signal(observations=[{**observation, **change}]))


def test_a_hint_names_no_emotion_but_a_learner_may_say_what_they_felt() -> None:
    with pytest.raises(ValidationError, match="names an emotion"):
        EngagementNudge.model_validate(_of(EngagementNudge, text="Ada is frustrated."))
    own = "I was bored, not away."
    contested = EngagementContested.model_validate(_of(EngagementContested, remark=own))
    assert contested.remark == own


@pytest.mark.parametrize("state", OBSERVABLE)
def test_an_observable_state_needs_evidence_or_observations(state: str) -> None:
    EngagementSignal.model_validate(_signal(state=state, observations=[]))
    EngagementSignal.model_validate(_signal(state=state, evidence=[]))
    with pytest.raises(ValidationError, match="needs evidence"):
        EngagementSignal.model_validate(_signal(state=state, evidence=[], observations=[]))


def test_too_little_evidence_is_an_answer() -> None:
    EngagementSignal.model_validate(_signal(state="unknown", evidence=[], observations=[]))


def test_a_signal_names_who_made_it_and_how_sure_it_is() -> None:
    for field in ("confidence", "context", "since_ms", "model", "model_version"):
        incomplete = {name: value for name, value in _signal().items() if name != field}
        with pytest.raises(ValidationError, match=field):
            EngagementSignal.model_validate(incomplete)
    with pytest.raises(ValidationError):
        EngagementSignal.model_validate(_signal(confidence=1.01))
    with pytest.raises(ValidationError, match="since_ms"):
        EngagementSignal.model_validate(_signal(since_ms=65_001))


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("contributing", "participating"),
        ("following", "reading_or_thinking"),
        ("idle", "unknown"),
        ("away", "away"),
        ("not_enough_evidence", "unknown"),
    ],
)
def test_a_signal_of_version_1_is_read_as_one_of_today(stored: str, read: str) -> None:
    evidence = [{"event_ids": ["platform-4711"], "start_ms": 61000, "end_ms": 64000}]
    first = {
        "state": stored,
        "start_ms": 60000,
        "end_ms": 120000,
        "confidence": 0.82,
        "evidence": evidence,
        "model": "participation-rules",
        "model_version": "1",
    }
    signal = EngagementSignal.model_validate(current_data("engagement.signal", 1, first))
    assert (signal.state, signal.since_ms) == (read, 60000)
    assert signal.context is LessonContext.UNKNOWN


def test_words_that_only_hold_an_emotion_are_no_emotion() -> None:
    assert affect_label_in("contributing") is None
    assert affect_label_in("flowchart, address, workflow") is None
    assert affect_label_in("BOREDOM_score") == "boredom"


def test_a_profile_has_no_total_and_an_estimate_lies_in_its_interval() -> None:
    assert not {"total", "score", "rank"} & set(EngagementProfile.model_fields)
    turned = {"estimate": 0.9, "low": 0.1, "high": 0.5}
    with pytest.raises(ValidationError, match="between low and high"):
        EngagementProfile.model_validate(_of(EngagementProfile, practice=turned))


def test_a_contest_says_what_it_contests() -> None:
    span = {"start_ms": 0, "end_ms": 5000}
    EngagementContested.model_validate(span)
    for wrong in ({}, {"start_ms": 0}, {"start_ms": 5000, "end_ms": 5000}, {"remark": "No."}):
        with pytest.raises(ValidationError):
            EngagementContested.model_validate(wrong)


def test_an_answer_to_a_question_has_a_wait() -> None:
    QuestionAsked.model_validate(_of(QuestionAsked, answered_by=None))
    QuestionAsked.model_validate(_of(QuestionAsked, answered_by=None, wait_ms=None))
    with pytest.raises(ValidationError, match="answered_by needs wait_ms"):
        QuestionAsked.model_validate(_of(QuestionAsked, wait_ms=None))


@pytest.mark.parametrize("mode", [mode for mode in LessonContext if mode != "unknown"])
def test_a_plan_says_how_its_items_are_worked_on(mode: LessonContext) -> None:
    item = LessonPlanItemStarted.model_validate(_of(LessonPlanItemStarted, mode=mode.value))
    assert item.mode is mode
    with pytest.raises(ValidationError):
        LessonPlanItemStarted.model_validate(_of(LessonPlanItemStarted, mode="unknown"))


@pytest.mark.parametrize(
    "name",
    [
        "engagement.signal",
        "engagement.profile",
        "engagement.nudge",
        "engagement.nudge_answered",
        "engagement.contested",
        "engagement.reviewed",
        "question.asked",
        "participation.measured",
        "camera.observed",
    ],
)
def test_no_other_learner_reads_what_is_inferred(name: str) -> None:
    data = DATA_TYPES[name].model_validate(DATA_TYPES[name].example)
    assert data.readers() == frozenset()
    assert data.shared is False


def test_learners_contest_and_those_who_teach_answer_and_nobody_posts_a_signal() -> None:
    assert not DATA_TYPES["engagement.contested"].by_teachers
    assert DATA_TYPES["engagement.reviewed"].by_teachers
    assert DATA_TYPES["engagement.nudge_answered"].by_teachers
    for data in (EngagementSignal, ParticipationMeasured, QuestionAsked):
        posted = {"id": "p-1", "type": data.type, "subject": "par_1", "data": data.example}
        with pytest.raises(NotAllowed):
            parse_posted(posted)
