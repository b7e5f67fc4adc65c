"""The benchmark of off-task minutes reads a log of EPM's shape, and says when there is none."""

from __future__ import annotations

import csv
import gzip
from itertools import islice
from pathlib import Path

import pytest

from eval import off_task_minutes
from eval.off_task_minutes import counts_of_minutes, found_by_rule, models
from tests.unit.training.spells import laboratory, row
from training.activity_log import activity_log
from training.activity_minutes import cut_into_minutes
from training.spell_features import Counts, told_counts


def test_an_absent_log_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_DATA", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["off_task_minutes"])
    with pytest.raises(SystemExit, match=r"LECTERN_DATA.*epm_events\.csv\.gz"):
        off_task_minutes.main()


def test_counts_of_a_spell_are_shared_among_its_minutes() -> None:
    log = activity_log([row(1, 30, 119, keystroke=90), row(1, 120, 149, mouse_click_left=4)])
    minutes, pieces = cut_into_minutes(log)
    counted = counts_of_minutes(minutes, pieces, told_counts(log, pieces, Counts.EVEN))
    assert counted[:, 0] == pytest.approx([60, 30])
    assert counted[:, 1] == pytest.approx([0, 4])


def test_the_rule_that_others_ship_is_told_by_precision_and_recall() -> None:
    rows = [
        row(1, 30, 89, "Other"),
        row(1, 90, 149, "Other", keystroke=60),
        row(1, 150, 209),
        row(1, 210, 269, keystroke=60),
    ]
    log = activity_log(rows)
    minutes, pieces = cut_into_minutes(log)
    told = told_counts(log, pieces, Counts.EVEN)
    silent = counts_of_minutes(minutes, pieces, told).sum(axis=1) < 1
    assert found_by_rule(minutes, silent) == (0.5, 0.5)


def test_every_model_gives_every_minute_a_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = laboratory(learners=6, spells=20)
    (tmp_path / "epm").mkdir()
    path = tmp_path / "epm" / "epm_events.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    monkeypatch.setenv("LECTERN_DATA", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["off_task_minutes"])
    # Two models are enough to see that the whole is wired; each has tests of its own.
    monkeypatch.setattr(off_task_minutes, "models", lambda *given: islice(models(*given), 2))
    off_task_minutes.main()
    printed = capsys.readouterr().out
    assert "6 learners, 6 attendances" in printed
    assert "No key and no click for 60 s: precision" in printed
    assert "starting point" in printed
