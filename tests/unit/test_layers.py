"""The layers of imports hold, and a violation would be seen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGES = [
    "lectern",
    "lessons",
    "integrations",
    "operations",
    "media_ingest",
    "features",
    "models",
    "serving",
    "training",
    "eval",
]
LINT_IMPORTS = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            REPOSITORY / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("__pycache__", "*.opus"),
        )
    shutil.copy(REPOSITORY / ".importlinter", tmp_path)
    return tmp_path


def test_the_layers_hold() -> None:
    result = lint_imports(REPOSITORY)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("lessons/roles.py", "import serving.settings", "Upper layers may import lower ones"),
        ("models/captions/agreement.py", "import media_ingest.peer", "nothing but its plain"),
        ("features/engagement/table.py", "import lessons.store", "Features are pure"),
        ("features/engagement/table.py", "import models.mastery", "Upper layers may import lower"),
        ("media_ingest/peer.py", "import fastapi", "Only serving knows Ray and FastAPI"),
        (
            "integrations/webhooks/schedule.py",
            "import media_ingest",
            "Adapters to other systems and reports know",
        ),
        ("serving/jobs/recordings.py", "import av", "Only media_ingest knows aiortc and av"),
        ("serving/jobs/recordings.py", "import eval", "does not depend on what trains or measures"),
        ("serving/app.py", "import training", "does not depend on what trains or measures"),
    ],
)
def test_a_planted_violation_is_caught(copy: Path, module: str, line: str, contract: str) -> None:
    planted = copy / module
    planted.write_text(f"{planted.read_text('utf-8')}\n{line}\n", "utf-8")
    result = lint_imports(copy)
    assert result.returncode != 0
    broken = [row for row in result.stdout.splitlines() if "BROKEN" in row]
    assert any(contract in row for row in broken), result.stdout
