"""Talk moves by rules: the examples of the moves' definitions, in words of our own."""

from __future__ import annotations

import pytest

from models.talk_moves.interface import STUDENT_MOVES, TEACHER_MOVES, Said, Turn
from models.talk_moves.rules import RuleMoves

SAID = Said("I added seven and three before I doubled it", "learner")


def _move(text: str, role: str, *before: Said) -> str:
    turn = Turn(text, "tutor" if role == "tutor" else "learner", before)
    (found,) = RuleMoves().classify([turn])
    return found.move


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("Why does that give the area?", "pressing_for_reasoning"),
        ("How do you know that?", "pressing_for_reasoning"),
        ("Do you agree with Amina?", "getting_students_to_relate"),
        ("Would anybody like to add to that?", "getting_students_to_relate"),
        ("Everyone, eyes on the board.", "keeping_everyone_together"),
        ("What did Tom just say?", "keeping_everyone_together"),
        ("What is the perimeter of this one?", "pressing_for_accuracy"),
        ("Seven and three.", "restating"),
        ("So you doubled it once seven and three were added", "revoicing"),
        ("Let me find my pen.", "none"),
        ("Okay.", "none"),
    ],
)
def test_what_a_tutor_does_with_a_turn(text: str, move: str) -> None:
    assert _move(text, "tutor", SAID) == move


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("I don't get what that means", "asking_for_more_information"),
        ("because the two sides are the same", "providing_evidence_or_reasoning"),
        ("I agree with her answer", "relating_to_another_student"),
        ("twelve centimetres", "making_a_claim"),
        ("Okay", "none"),
    ],
)
def test_what_a_learner_does_with_a_turn(text: str, move: str) -> None:
    assert _move(text, "learner", Said("What is the perimeter?", "tutor")) == move


def test_nothing_is_taken_up_where_no_learner_spoke_just_before() -> None:
    assert _move("Seven and three.", "tutor") == "none"
    assert _move("Seven and three.", "tutor", SAID, Said("Good.", "tutor")) == "none"


def test_chances_are_of_the_moves_of_the_role_and_sum_to_one() -> None:
    tutor, learner = RuleMoves().classify([Turn("Why is that?", "tutor"), Turn("", "learner")])
    assert tuple(tutor.chances) == TEACHER_MOVES
    assert tuple(learner.chances) == STUDENT_MOVES
    for found in (tutor, learner):
        assert sum(found.chances.values()) == pytest.approx(1)
        assert found.confidence == max(found.chances.values())
    assert RuleMoves().classify([]) == []
