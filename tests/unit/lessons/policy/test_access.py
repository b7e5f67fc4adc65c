"""How much of a lesson each condition shows: whose events, in a group, alone, in a breakout."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.events import DATA_TYPES, EventData, LearningEvent, SummaryPartWritten, parse_event
from lessons.events.lesson import LessonEnded
from lessons.events.polls import PollAnswered
from lessons.policy import Access, Condition, Situation
from lessons.policy.access import access_of
from lessons.roles import Role
from lessons.summary import Reflection
from lessons.summary.parts import PersonalPart
from tests.unit.lessons.policy.situations import (
    CHILD_PLACE,
    LESSON,
    OTHER_PLACE,
    OWN_PLACE,
    about,
    at_node,
    lesson_situation,
)

ANSWER = PollAnswered(poll_id="poll-1", options=[0])
SHARED = DATA_TYPES["hand.raised"].model_validate(DATA_TYPES["hand.raised"].example)


def event(data: EventData, subject: str | None) -> LearningEvent:
    wire = {
        "id": "evt_1",
        "source": "urn:lectern:lesson:les_1",
        "type": data.type,
        "subject": subject,
        "time": "2026-11-22T10:15:30Z",
        "dataschema": data.data_schema(),
        "tenantid": "ten_1",
        "lessonid": LESSON,
        "lessontimems": 0,
        "ledgersequence": 1,
        "data": data,
    }
    return parse_event(wire)


def sees_of(access: Access, subject: str) -> tuple[bool, bool]:
    """Whether somebody's answer, and somebody's raised hand, is seen."""
    return access.sees(event(ANSWER, subject)), access.sees(event(SHARED, subject))


@pytest.mark.parametrize(
    "condition", [Condition.OWN_NODE, Condition.OWN_CHARGE, Condition.OWN_LESSON]
)
def test_those_who_teach_or_run_it_see_everything(condition: Condition) -> None:
    access = access_of(condition, lesson_situation(Role.INSTRUCTOR))
    assert sees_of(access, OTHER_PLACE) == (True, True)
    assert access.covers(None)


MOVE = DATA_TYPES["talk_move.observed"].model_validate(DATA_TYPES["talk_move.observed"].example)
REFLECTION = SummaryPartWritten(
    summary_id="sum_1",
    summary_version=1,
    part=PersonalPart(
        participant_id=OTHER_PLACE, reflection=Reflection(participant_id=OTHER_PLACE)
    ),
)


@pytest.mark.parametrize(
    ("condition", "role"),
    [
        (Condition.OWN_NODE, Role.ADMINISTRATOR),
        (Condition.OWN_LESSON, Role.INSTRUCTOR),
        (Condition.GROUP_HIDES_OTHERS, Role.LEARNER),
    ],
)
def test_how_somebody_teaches_is_read_by_no_other_person(condition: Condition, role: Role) -> None:
    access = access_of(condition, lesson_situation(role, learners=1))
    assert not access.sees(event(MOVE, OTHER_PLACE))
    assert not access.sees(event(REFLECTION, None))
    assert access.sees(event(MOVE, OWN_PLACE))
    learners = MOVE.model_copy(update={"role": "learner", "move": "making_a_claim"})
    assert access.sees(event(learners, OTHER_PLACE)) == (access.subjects is None)


def test_a_platform_reads_how_its_people_teach() -> None:
    access = Access(Condition.OWN_NODE)
    assert access.sees(event(MOVE, OTHER_PLACE))
    assert access.sees(event(REFLECTION, None))


def test_a_learner_in_a_group_sees_the_room_and_their_own_answers() -> None:
    group = lesson_situation(Role.LEARNER, learners=2)
    access = access_of(Condition.GROUP_HIDES_OTHERS, group)
    assert sees_of(access, OWN_PLACE) == (True, True)
    assert sees_of(access, OTHER_PLACE) == (False, True)


def test_a_learner_alone_with_the_instructor_sees_everything() -> None:
    alone = lesson_situation(Role.LEARNER, learners=1)
    access = access_of(Condition.GROUP_HIDES_OTHERS, alone)
    assert sees_of(access, OTHER_PLACE) == (True, True)


def test_an_observer_sees_the_room_even_one_to_one() -> None:
    access = access_of(Condition.NO_PERSONAL_DATA, lesson_situation(Role.OBSERVER, learners=1))
    assert sees_of(access, OTHER_PLACE) == (False, True)


def test_an_assistant_sees_everybody_in_the_main_room_and_their_own_in_a_breakout() -> None:
    main = lesson_situation(Role.TEACHING_ASSISTANT)
    assert sees_of(access_of(Condition.SAME_BREAKOUT, main), OTHER_PLACE) == (True, True)
    rooms = {OWN_PLACE: "room-1", OTHER_PLACE: "room-1", CHILD_PLACE: "room-2"}
    access = access_of(Condition.SAME_BREAKOUT, replace(main, breakouts=rooms))
    assert sees_of(access, OTHER_PLACE) == (True, True)
    assert sees_of(access, CHILD_PLACE) == (False, True)


def test_a_guardian_sees_the_child_and_what_is_nobodys() -> None:
    situation = Situation(
        (at_node(Role.GUARDIAN),),
        about(lesson=LESSON),
        children=frozenset({"per_child"}),
        child_participants=frozenset({CHILD_PLACE}),
    )
    access = access_of(Condition.OWN_CHILD, situation)
    assert sees_of(access, CHILD_PLACE) == (True, True)
    assert sees_of(access, OTHER_PLACE) == (False, False)
    assert access.sees(event(LessonEnded(duration_ms=1), None))
    assert not access.sees_passing({"participant_id": OTHER_PLACE, "text": "what another says"})
    assert access.sees_passing({"participant_id": CHILD_PLACE})
    assert access.sees_passing({"progress": 0.5})


def test_a_client_sees_no_event_at_all() -> None:
    access = access_of(Condition.AGGREGATE_OF_5, lesson_situation(Role.INSTITUTIONAL_CLIENT))
    assert sees_of(access, OWN_PLACE) == (False, False)


@pytest.mark.parametrize("name", DATA_TYPES)
def test_a_private_type_is_never_seen_of_another(name: str) -> None:
    data = DATA_TYPES[name].model_validate(DATA_TYPES[name].example)
    access = access_of(Condition.NO_PERSONAL_DATA, lesson_situation(Role.OBSERVER))
    readers = data.readers()
    told = event(data, OTHER_PLACE)
    assert access.sees(told) == (readers is None or OWN_PLACE in readers)


@pytest.mark.parametrize(
    ("condition", "sees"),
    [
        (Condition.OWN_NODE, True),
        (Condition.OWN_CHARGE, True),
        (Condition.SAME_BREAKOUT, True),
        (Condition.GROUP_HIDES_OTHERS, False),
        (Condition.OWN_DATA, False),
        (Condition.NO_PERSONAL_DATA, False),
        (Condition.OWN_CHILD, False),
    ],
)
def test_what_is_for_those_who_teach_is_for_them_even_where_there_is_one_learner(
    condition: Condition, *, sees: bool
) -> None:
    data = DATA_TYPES["summary.created"]
    summary = data.model_validate(data.example)
    access = access_of(condition, lesson_situation(Role.LEARNER, learners=1))
    assert access.sees(event(summary, None)) is sees
    assert access.sees(event(summary, OWN_PLACE)) is sees
