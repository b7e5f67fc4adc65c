from __future__ import annotations

from pathlib import Path

import pytest

from models.segments.card import SegmentCard
from models.segments.segmenter import Segmenter
from tests.tutoring_lessons import WORKSHEET, made_up_lesson, write_lesson_link
from training import segment_validation
from training.lesson_link import read_lesson_link
from training.segment_habits import count_habits
from training.segment_report import report
from training.segment_validation import START, START_WITHOUT, choose_weights, cross_validate
from training.train_segments import Trained, fit_all, write


def test_what_is_fitted_is_written_and_divides_a_lesson_that_it_never_saw(tmp_path: Path) -> None:
    write_lesson_link(tmp_path, 12)
    card, network = fit_all(read_lesson_link(tmp_path), 12, START, START)
    write(Trained(card, network, "figures"), tmp_path / "out")
    written = SegmentCard.model_validate_json((tmp_path / "out" / "segments.json").read_text())
    segmenter = Segmenter(written, (tmp_path / "out" / "segments.onnx").read_bytes())
    lesson = made_up_lesson(99, order=(3, 1, 2))
    segments = segmenter.segments(lesson.said, WORKSHEET)
    assert [each.problem_id for each in segments] == [None, "3", "1", "2", None]
    assert len(written.fitted_on) == 12


def test_validation_measures_every_lesson_by_networks_that_never_saw_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_validation, "WITH_WORKSHEET", {"threshold": (0.5,)})
    monkeypatch.setattr(segment_validation, "WITHOUT_WORKSHEET", {"threshold": (0.5,)})
    write_lesson_link(tmp_path, 5)
    lessons = read_lesson_link(tmp_path)
    steps = list[str]()
    validation = cross_validate(lessons, 1, steps.append, search=True)
    measured = [each.lesson.lesson_id for each in validation.with_worksheet]
    assert sorted(measured) == [lesson.lesson_id for lesson in lessons]
    assert "network without folds 2 and 3" in steps
    text = report(validation)
    assert "**model with worksheet, after the lesson**" in text
    assert "5 lessons" in text


def test_without_a_search_weights_are_those_set_beforehand() -> None:
    habits = count_habits([])
    assert choose_weights([], {}, habits, worksheet=True) == START
    assert choose_weights([], {}, habits, worksheet=False) == START_WITHOUT
