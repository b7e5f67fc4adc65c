"""The face models come out of one pinned wheel, or not at all."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from lessons.errors import Unavailable
from models.faces.files import models_folder
from models.faces.installing import LICENCE, MEMBERS, are_installed, extract, install
from tests.face_models import require_faces

WHEEL = "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl"


def wheel_of(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / WHEEL
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_files_with_another_checksum_are_refused_and_none_is_kept(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, dict.fromkeys(MEMBERS.values(), b"something else"))
    with pytest.raises(Unavailable, match="not the file that was examined"):
        extract(wheel, tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("members", [{}, {"mediapipe/readme.txt": b"no models"}])
def test_a_wheel_without_them_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    with pytest.raises(Unavailable, match="does not hold"):
        extract(wheel_of(tmp_path, members), tmp_path / "models")


def test_what_is_no_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"<html>Sign in to this network</html>")
    with pytest.raises(Unavailable, match="does not hold"):
        extract(tmp_path / WHEEL, tmp_path / "models")


def test_installed_files_come_with_their_licence() -> None:
    require_faces()
    assert are_installed(models_folder())
    assert "Apache License" in (models_folder() / LICENCE).read_text("utf-8")


def test_a_folder_without_them_is_told(tmp_path: Path) -> None:
    assert not are_installed(tmp_path / "nowhere")


def test_pip_takes_no_other_wheel_of_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel_of(
        tmp_path,
        {
            "mediapipe-0.10.21.dist-info/METADATA": b"Metadata-Version: 2.1\nName: mediapipe\n"
            b"Version: 0.10.21\n",
            "mediapipe-0.10.21.dist-info/WHEEL": b"Wheel-Version: 1.0\n",
        },
    )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(Unavailable, match="DO NOT MATCH THE HASHES"):
        install(tmp_path / "models")


def test_without_an_index_it_is_said_that_all_else_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(Unavailable, match="everything else works"):
        install(tmp_path / "models")
