from __future__ import annotations

from features.segmentation import ProblemFit, WorksheetProblem
from tests.tutoring_lessons import WORKSHEET, Said


def _said(*texts: str) -> list[Said]:
    return [Said(text, 1_000 * row, 1_000 * row + 900) for row, text in enumerate(texts)]


def test_words_of_a_problem_speak_for_it_and_common_ones_hardly() -> None:
    fit = ProblemFit(WORKSHEET, {"miles": 20_000.0})
    words = fit.words(_said("the circumference of the circle", "miles", "hypotenuse", "okay so"))
    assert words[0].argmax() == 1
    assert words[2].argmax() == 3
    assert 0 < words[1, 2] < words[2, 3]
    assert not words[3].any()


def test_a_number_names_a_problem_near_where_it_is_said_but_not_in_a_calculation() -> None:
    fit = ProblemFit(WORKSHEET, {})
    numbers = fit.numbers(_said("okay", "question 3", "so", "we take 2 times 4 minutes here now"))
    assert numbers[1].tolist() == [0, 0, 1, 0]
    assert numbers[0, 2] == 1  # it is said right after
    assert not numbers[:, 1].any()


def test_a_problem_may_be_called_by_more_than_one_number() -> None:
    problem = WorksheetProblem("20", "How many muffins?", frozenset({2, 20}))
    numbers = ProblemFit([problem], {}).numbers(_said("number 2", "x", "x", "x", "x", "x", "20."))
    assert numbers[0, 0] == numbers[6, 0] == 1


def test_without_a_worksheet_there_are_no_columns() -> None:
    fit = ProblemFit((), {})
    assert fit.words(_said("a", "b")).shape == fit.numbers(_said("a", "b")).shape == (2, 0)
    assert ProblemFit(WORKSHEET, {}).words([]).shape == (0, 4)
