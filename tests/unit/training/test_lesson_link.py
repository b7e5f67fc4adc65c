from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lessons.errors import InvalidInput, NotFound
from tests.tutoring_lessons import PROBLEMS, made_up_lesson, write_lesson_link
from training.lesson_link import OTHER_PROBLEM, linked_lessons, read_lesson_link
from training.segment_habits import count_habits


def test_a_written_lesson_is_read_back(tmp_path: Path) -> None:
    write_lesson_link(tmp_path, 2)
    first, second = read_lesson_link(tmp_path)
    said = made_up_lesson(0).said
    assert (first.lesson_id, first.worksheet, second.worksheet) == ("lesson-0", "7", "7")
    assert first.spoken[0].text == said[0].text
    assert first.spoken[3].start_ms == said[3].start_ms - said[0].start_ms
    assert [problem.problem_id for problem in first.problems] == [str(each) for each in PROBLEMS]
    assert first.begins.sum() == 5
    assert set(first.problem[np.flatnonzero(first.begins)].tolist()) == {0, 1, 2, 3, 4}


def test_habits_are_counted(tmp_path: Path) -> None:
    write_lesson_link(tmp_path, 6)
    habits = count_habits(read_lesson_link(tmp_path))
    opening, *_, known = habits.durations
    assert opening.mean == pytest.approx(np.log(16), abs=1e-3)
    assert np.log(13) < known.mean < np.log(19)
    assert habits.lasts[0] > 0.7
    assert habits.changes[2][2] > habits.changes[2][0]


def test_a_problem_that_is_not_on_the_worksheet_is_told_apart() -> None:
    row = {
        "split": "test",
        "lesson": "one",
        "ps": "9.0",
        "text": "so",
        "startTimestamp": "2023-02-25T12:09:12.370-08:00",
        "endTimestamp": "2023-02-25T12:09:13.790-08:00",
        "speaker": "student",
        "speaker_id": "student A",
        "actual_segment": "1",
        "actual_question_id": "-1.0",
    }
    (lesson,) = linked_lessons([row], {})
    assert lesson.problem.tolist() == [OTHER_PROBLEM]
    assert (lesson.spoken[0].role, lesson.spoken[0].end_ms) == ("learner", 1_420)
    with pytest.raises(InvalidInput, match="lessonlink"):
        list(linked_lessons([row | {"startTimestamp": "noon"}], {}))


def test_a_folder_without_lessons_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"lessonlink\.csv\.gz"):
        read_lesson_link(tmp_path)
