from __future__ import annotations

import pytest

from lessons.errors import NotAllowed
from lessons.events import AssessmentSubmitted, HandRaised, LearningEvent, parse_event
from lessons.policy import ALLOWED, Action, Credential, may_see, require
from lessons.roles import Role

API_KEY = Credential(tenant_id="ten_1", kind="api_key")


def _participant(role: Role, participant_id: str = "par_1") -> Credential:
    return Credential("ten_1", "participant", "les_1", participant_id, role, "Ada")


def _event(data: AssessmentSubmitted | HandRaised, subject: str) -> LearningEvent:
    return parse_event(
        {
            "id": "evt_1",
            "source": "urn:lectern:lesson:les_1",
            "type": data.type,
            "subject": subject,
            "time": "2026-11-22T10:15:30Z",
            "tenantid": "ten_1",
            "lessonid": "les_1",
            "lessontimems": 0,
            "ledgersequence": 1,
            "data": data,
        }
    )


@pytest.mark.parametrize("action", list(Action))
def test_an_api_key_covers_every_action(action: Action) -> None:
    require(API_KEY, action, "les_1")


def test_every_role_is_in_the_table() -> None:
    assert set(ALLOWED) == set(Role)


@pytest.mark.parametrize(
    ("role", "action"),
    [
        (Role.LEARNER, Action.PUBLISH),
        (Role.LEARNER, Action.READ_CAPTIONS),
        (Role.INSTRUCTOR, Action.END_LESSON),
        (Role.TEACHING_ASSISTANT, Action.CORRECT_CAPTIONS),
        (Role.OBSERVER, Action.READ_EVENTS),
        (Role.ADMINISTRATOR, Action.MINT_TOKEN),
    ],
)
def test_a_role_may_do_what_it_is_there_for(role: Role, action: Action) -> None:
    require(_participant(role), action, "les_1")


@pytest.mark.parametrize(
    ("role", "action"),
    [
        (Role.LEARNER, Action.CORRECT_CAPTIONS),
        (Role.LEARNER, Action.END_LESSON),
        (Role.OBSERVER, Action.PUBLISH),
        (Role.GUARDIAN, Action.POST_EVENTS),
        (Role.INSTRUCTOR, Action.MINT_TOKEN),
        (Role.ADMINISTRATOR, Action.CREATE_LESSON),
    ],
)
def test_a_role_may_not_do_more(role: Role, action: Action) -> None:
    with pytest.raises(NotAllowed, match=role):
        require(_participant(role), action, "les_1")


@pytest.mark.parametrize("lesson_id", ["les_2", None])
def test_a_participant_is_nobody_in_another_lesson(lesson_id: str | None) -> None:
    with pytest.raises(NotAllowed, match="another lesson"):
        require(_participant(Role.INSTRUCTOR), Action.READ_EVENTS, lesson_id)


def test_results_are_for_the_learner_and_those_who_teach() -> None:
    result = _event(AssessmentSubmitted(assessment_id="quiz"), "par_1")
    assert may_see(API_KEY, result)
    assert may_see(_participant(Role.INSTRUCTOR, "par_9"), result)
    assert may_see(_participant(Role.LEARNER, "par_1"), result)
    assert not may_see(_participant(Role.LEARNER, "par_2"), result)
    assert not may_see(_participant(Role.OBSERVER, "par_3"), result)


def test_a_raised_hand_is_for_everybody() -> None:
    assert may_see(_participant(Role.LEARNER, "par_2"), _event(HandRaised(), "par_1"))
