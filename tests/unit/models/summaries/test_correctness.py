import pytest

from features.languages.language_words import words_of
from models.summaries.correctness import correctness_of
from models.summaries.record import record_of
from tests.unit.models.summaries.told_lessons import ADA, BEN, TINA, answer, told


@pytest.mark.parametrize(
    ("question", "said", "reply", "expected"),
    [
        ("Which gas is it?", "Oxygen.", "Yes, oxygen it is.", "right"),
        ("Which gas is it?", "Nitrogen.", "Not quite.", "wrong"),
        ("Which gas is it?", "Nitrogen.", "Great job!", "unknown"),
        ("What is seven times eight?", "Fifty four.", "Yes, perfect!", "wrong"),
        ("What is seven times eight?", "Fifty six.", "Go on.", "right"),
        (
            "Which number do both go into?",
            "Twenty four?",
            "That works, but there is a smaller one.",
            "right",
        ),
    ],
)
def test_an_answer_is_judged_by_sums_and_words_and_not_by_praise(
    question: str, said: str, reply: str, expected: str
) -> None:
    record = record_of(told((TINA, question), (ADA, said), (TINA, reply)))
    assert correctness_of(record.items["c2"], record, words_of("en")) == expected


def test_an_answer_that_another_learner_puts_right_was_wrong() -> None:
    turns = ((ADA, "The capital is Rome."), (TINA, "Yes."), (BEN, "Wait, isn't it Paris?"))
    record = record_of(told(*turns))
    assert correctness_of(record.items["c1"], record, words_of("en")) == "wrong"


def test_the_platform_knows_better_than_a_tutor_who_agrees() -> None:
    wrong = answer(ADA, 2, correct=False, response="Rome")
    record = record_of(told((TINA, "Well?"), (ADA, "Rome."), (TINA, "Exactly."), answers=(wrong,)))
    assert correctness_of(record.items["c2"], record, words_of("en")) == "wrong"
    assert correctness_of(record.items["a2"], record, words_of("en")) == "wrong"
