"""The wheel holds every tracked file of the packages and nothing else, and it runs by itself."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest

REPOSITORY = Path(__file__).parents[2]
LAUNCHER = "lectern"
NOT_SHIPPED = {"tests", "docs", "dashboards", ".ci"}
"""Top folders that a user of the wheel has no use for."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the tracked files as they stand, built where nothing else lies about."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked_files():
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((REPOSITORY / name).read_bytes())
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def tracked_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    return [name for name in listed.stdout.split("\0") if name and (REPOSITORY / name).exists()]


def test_the_wheel_holds_the_tracked_files_and_only_the_name_lectern(wheel: Path) -> None:
    expected = set()
    for name in tracked_files():
        folders = PurePosixPath(name).parts[:-1]
        if folders and folders[0] not in NOT_SHIPPED:
            expected.add(name if folders[0] == LAUNCHER else f"{LAUNCHER}/_app/{name}")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected


def test_the_wheel_runs_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r}); sys.argv = ['lectern', 'version'];"
        "import lectern.__main__ as m; m.put_first(m.application_root());"
        "import lessons, serving.samples as s; print(lessons.__file__);"
        "print(all(one.path.exists() for one in s.sample_script().speakers)); m.main()"
    )
    # -S and our own path entry: the development install of this repository must not help.
    ours = [entry for entry in sys.path if entry.endswith("site-packages")]
    result = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(ours), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    where, samples, version = result.stdout.split()
    assert Path(where).is_relative_to(site / "lectern" / "_app")
    assert samples == "True"
    assert version == "0.1.0"


def test_every_dependency_has_a_lower_bound() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [name for names in project["optional-dependencies"].values() for name in names]
    unbounded = [
        name for name in project["dependencies"] + extras if ">=" not in name and "==" not in name
    ]
    assert unbounded == []
