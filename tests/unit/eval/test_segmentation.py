from __future__ import annotations

from pathlib import Path

import pytest

from eval.segmentation import held_out, measure
from lessons.errors import NotFound
from models.segments.card import lesson_mark
from models.segments.segmenter import shipped_segmenter
from tests.tutoring_lessons import write_lesson_link
from training.lesson_link import read_lesson_link


def test_a_folder_s_lessons_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lesson_link(tmp_path, 3)
    measure(tmp_path)
    printed = capsys.readouterr().out
    assert "3 lessons held out" in printed
    assert "with worksheet, live" in printed
    assert "utterances/s" in printed


def test_lessons_that_the_model_was_fitted_on_are_left_out(tmp_path: Path) -> None:
    write_lesson_link(tmp_path, 3)
    lessons = read_lesson_link(tmp_path)
    segmenter = shipped_segmenter()
    marks = [lesson_mark(each.lesson_id) for each in lessons]
    segmenter.card = segmenter.card.model_copy(update={"fitted_on": marks[:2]})
    assert held_out(lessons, segmenter) == ([lessons[2]], False)
    segmenter.card = segmenter.card.model_copy(update={"fitted_on": marks})
    assert held_out(lessons, segmenter) == (lessons, True)


def test_an_empty_folder_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no"):
        measure(tmp_path)
