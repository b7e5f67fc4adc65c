"""Labelled talk out of a folder, and cuts that keep a transcript on one side."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons.errors import InvalidInput, NotFound
from models.talk_moves.interface import Said, Turn
from tests.unit.training.talk_files import write_talk
from training.talk_sets import LabelledTurn, read_focusing, read_moves, read_uptake
from training.talk_splits import EDGE, PIECES, fold_of, split_moves


def test_turns_before_a_turn_come_from_its_row_and_the_rows_above(tmp_path: Path) -> None:
    tutor = read_moves(write_talk(tmp_path), "tutor")
    assert [one.label for one in tutor] == [1, 3, 6, 0]
    assert tutor[0].turn.before == ()
    assert tutor[3].turn.before == (
        Said("The area is six", "tutor"),
        Said("Why is the area six", "tutor"),
        Said("because two times three", "learner"),
    )
    learner = read_moves(tmp_path, "learner")
    assert learner[2].turn.before[-1] == Said("because two times three", "learner")
    assert learner[3].turn.before[-1] == Said("Okay", "tutor")


def test_exchanges_keep_what_was_rated_and_leave_the_rest_open(tmp_path: Path) -> None:
    write_talk(tmp_path)
    first, second = read_uptake(tmp_path)[:2]
    assert (first.transcript, first.uptake, first.student_on_task_majority) == ("0", 0.5, 0)
    assert (second.uptake, second.student_on_task, second.focusing) == (1.5, 1, None)
    first, second = read_focusing(tmp_path)[:2]
    assert (first.focusing, first.focusing_filtered, first.uptake) == (0.25, None, None)
    assert second.exchange.teacher == "So you got 1."


def test_what_is_wrong_with_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="holds 0 files"):
        read_uptake(tmp_path)
    write_talk(tmp_path)
    path = tmp_path / "talkmoves" / "test_student.tsv"
    path.write_text("text_a\ttext_b\tlabels\n\tyes\t9.0\n", "utf-8")
    with pytest.raises(InvalidInput, match=r"Line 2 of .* has the label '9.0'"):
        read_moves(tmp_path, "learner")
    path.write_text("text_a\ttext_b\n\tyes\n", "utf-8")
    with pytest.raises(InvalidInput, match="has no column labels"):
        read_moves(tmp_path, "learner")
    path.with_name("old_student.tsv").write_text("", "utf-8")
    with pytest.raises(NotFound, match="holds 2 files"):
        read_moves(tmp_path, "learner")


def test_no_row_that_is_fitted_on_is_near_one_that_is_not() -> None:
    rows = 60 * EDGE
    turns = [LabelledTurn(Turn(f"sentence {row}", "tutor"), 0) for row in range(rows)]
    again = "a sentence that is long enough to be of one transcript"
    turns[0] = turns[rows * 9 // PIECES + 5] = LabelledTurn(Turn(again, "tutor"), 0)
    sides = split_moves(turns)
    others = sorted({*sides.choose, *sides.report})
    assert not set(sides.choose) & set(sides.report)
    assert rows * 9 // PIECES + 5 in sides.report
    assert 0 not in sides.fit  # The same words are in a transcript that is reported.
    assert 1 in sides.fit
    edges = [row for row in others if {row - 1, row + 1} - set(others)]
    assert min(abs(row - edge) for row in sides.fit for edge in edges) >= EDGE
    assert 0.08 * rows < len(sides.report) < 0.12 * rows


def test_a_transcript_is_in_the_same_fold_in_every_set() -> None:
    folds = [fold_of(str(number), 3) for number in range(600)]
    assert folds == [fold_of(str(number), 3) for number in range(600)]
    assert all(folds.count(fold) > 150 for fold in range(3))
