from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.segments.titles import LONGEST_TITLE, said_in, title_of_problem, title_of_talk
from tests.tutoring_lessons import PROBLEMS, Said


def _said(*texts: str) -> list[Said]:
    return [Said(text, 1_000 * row, 1_000 * row + 900) for row, text in enumerate(texts)]


def _title(*texts: str, left_out: tuple[str, ...] = ()) -> str:
    said = _said(*texts)
    return title_of_talk(said, said_in(said), {"numbers": 900.0, "okay": 4_000.0}, left_out)


def test_a_title_is_the_phrase_that_is_said_again() -> None:
    texts = (
        "Photosynthesis needs light reactions",
        "and the light reactions make energy",
        "so light reactions come first, okay",
    )
    assert _title(*texts) == "light reactions"


def test_what_is_said_once_or_by_everybody_makes_no_title() -> None:
    assert _title("okay", "okay", "one thing", "and another thing") == ""
    assert _title() == ""


def test_words_of_running_a_lesson_make_no_title() -> None:
    texts = ("it's on my screen", "It’s on the screen, we don't share", "keep the screen on, don't")
    assert _title(*texts) == ""


def test_names_of_people_make_no_title() -> None:
    texts = ("Can you hear me Priya", "Well Priya, the fraction", "this fraction, Priya")
    assert _title(*texts) == "fraction"
    assert _title("hello priya", "yes priya", left_out=("priya",)) == ""


def test_a_problem_s_title_is_how_it_begins() -> None:
    assert title_of_problem("i)\na\n\n" + PROBLEMS[2]) == PROBLEMS[2]
    long = title_of_problem(PROBLEMS[1] + " " + PROBLEMS[3])
    assert len(long) <= LONGEST_TITLE
    assert long.endswith("…")
    assert PROBLEMS[1].startswith(long[:40])


@given(st.lists(st.text(max_size=60), max_size=8))
def test_no_word_of_a_title_is_made_up(texts: list[str]) -> None:
    title = _title(*texts)
    said = " ".join(texts)
    assert len(title) <= LONGEST_TITLE
    assert all(word in said for word in title.split())
