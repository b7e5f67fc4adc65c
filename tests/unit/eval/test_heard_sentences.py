"""Which sentences stand of what was heard, and which of those are right."""

from __future__ import annotations

from dataclasses import replace

from eval.heard_lessons import HeardLesson, Hearing
from eval.heard_sentences import described, sentences_of_lessons
from tests.unit.models.summaries.told_lessons import TINA, told

SAID = "The river drops its load here. It runs to the wide open sea."
HEARD = "The liver drops its road here. It runs to the wide open sea."


def hearing(heard: str, *confidences: float) -> Hearing:
    said = told((TINA, SAID), people=(TINA,))
    lesson = replace(
        said,
        utterances=tuple(
            replace(one, text=heard, confidences=confidences) for one in said.utterances
        ),
    )
    return Hearing([HeardLesson(lesson, said)], [SAID], [heard])


def test_a_sentence_is_judged_by_its_own_words() -> None:
    found = sentences_of_lessons(hearing(HEARD, 0.99, 0.5, 0.99, 0.9, 0.6, *[0.99] * 8))
    assert [(one.stands, one.is_other, one.is_misquoted) for one in found] == [
        (False, True, True),
        (True, False, False),
    ]
    assert described(found).startswith(
        "2 sentences, of which 1 say something else; 1 stand, of which 0 say something else and 0 "
    )
    assert "AUC of the errors expected 1.00" in described(found)


def test_where_all_is_right_nothing_is_to_be_told_apart() -> None:
    found = sentences_of_lessons(hearing(SAID, *[0.97] * 13))
    assert all(one.stands and not one.is_other for one in found)
    assert "AUC" not in described(found)
