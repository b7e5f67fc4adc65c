from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lectern import __version__
from lessons.errors import InvalidInput, Unavailable
from lessons.roles import Role
from serving.cli import app
from serving.commands.speaker_names import parse_speaker

COMMANDS = [
    "up",
    "gateway",
    "ingest",
    "models",
    "jobs",
    "engagement",
    "postgres",
    "migrate",
    "key",
    "process",
    "publish",
    "install-faces",
    "version",
]


def lectern(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lectern", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_help_names_every_command() -> None:
    output = CliRunner().invoke(app, ["--help"]).output
    assert [command for command in COMMANDS if command not in output] == []


def test_version_from_any_folder(tmp_path: Path) -> None:
    assert lectern("version", cwd=tmp_path).stdout.strip() == __version__


def test_an_error_is_plain_words_and_an_exit_code(tmp_path: Path) -> None:
    missing = lectern("process", "missing.mp4", "--database-url", "postgresql:///x", cwd=tmp_path)
    assert missing.returncode == 2
    assert "There is no file missing.mp4" in missing.stderr
    assert "Traceback" not in missing.stderr


def test_an_unreachable_database_is_told(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    result = lectern("migrate", "--database-url", url, cwd=tmp_path)
    assert result.returncode == 1
    assert "cannot be migrated" in result.stderr
    assert "Traceback" not in result.stderr


def test_face_models_that_cannot_be_fetched_stop_only_who_insists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    optional = CliRunner().invoke(app, ["install-faces", "--optional"])
    assert optional.exit_code == 0
    assert "everything else works" in optional.output
    insisting = CliRunner().invoke(app, ["install-faces"])
    assert isinstance(insisting.exception, Unavailable)


def test_speakers() -> None:
    assert parse_speaker("Ada") == ("Ada", Role.LEARNER)
    assert parse_speaker("Ms Okafor:instructor") == ("Ms Okafor", Role.INSTRUCTOR)
    for malformed in ("", ":learner", "Ada:wizard"):
        with pytest.raises(InvalidInput):
            parse_speaker(malformed)
