"""`lectern eval talk`: figures beside the published ones, from whatever sets a folder holds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.command import app
from eval.talk_moves import measure
from lessons.errors import NotFound
from tests.unit.training.talk_files import write_talk


def test_it_prints_figures_beside_the_published_ones(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["talk", str(write_talk(tmp_path, times=4))])
    assert result.exit_code == 0, result.output
    for told in ("0.768, RoBERTa-base", "0.671, RoBERTa-base", "0.76, RoBERTa", "a second on one"):
        assert told in result.output
    for figure in ("MCC", "F1 of revoicing", "uptake Spearman", "student on task F1"):
        assert figure in result.output


def test_a_set_that_is_absent_is_left_out(tmp_path: Path) -> None:
    write_talk(tmp_path, times=4)
    shutil.rmtree(tmp_path / "uptake")
    shutil.rmtree(tmp_path / "funneling_focusing")
    tutor, learner = measure(tmp_path)
    assert (tutor.kind, learner.kind) == ("tutor", "learner")
    assert tutor.figures["macro-F1"].value > 0.5
    assert tutor.per_second > 0
    shutil.rmtree(tmp_path / "talkmoves")
    with pytest.raises(NotFound, match="no set that can be measured on"):
        measure(tmp_path)


def test_the_launcher_offers_it() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "lectern", "eval", "talk", "/nowhere"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "holds no set that can be measured on" in told.stderr
