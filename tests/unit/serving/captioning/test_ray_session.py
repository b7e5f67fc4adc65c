"""What can be known of Ray without starting it."""

import os
from pathlib import Path

import pytest

from lessons.errors import InvalidInput
from serving.captioning.local_ray import LocalRay, ray_folder
from serving.captioning.ray_session import ClusterRay, open_session
from serving.settings import Settings

SOCKET_PATH_BYTES = 107
SOCKET_BELOW_FOLDER = "/session_2026-11-22_19-04-32_106334_4194304/sockets/plasma_store.1"


@pytest.mark.parametrize("depth", [1, 10, 100])
def test_rays_sockets_fit_however_deep_the_data_lies(tmp_path: Path, depth: int) -> None:
    folder = ray_folder(tmp_path / ("d" * depth))
    assert len(os.fsencode(folder)) + len(SOCKET_BELOW_FOLDER) <= SOCKET_PATH_BYTES
    assert folder.stat().st_mode & 0o077 == 0
    folder.rmdir()


def test_a_short_data_folder_holds_rays_folder() -> None:
    data_dir = Path("/tmp/lectern-test") / str(os.getpid())  # noqa: S108
    try:
        assert ray_folder(data_dir) == data_dir / "ray"
    finally:
        (data_dir / "ray").rmdir()
        data_dir.rmdir()


def test_two_data_folders_never_share_rays_folder(tmp_path: Path) -> None:
    one, again, other = (ray_folder(tmp_path / (letter * 60)) for letter in "aab")
    assert one == again != other
    one.rmdir()
    other.rmdir()


def test_a_link_in_place_of_rays_folder_is_refused(tmp_path: Path) -> None:
    data_dir = tmp_path / ("c" * 60)
    folder = ray_folder(data_dir)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    try:
        with pytest.raises(InvalidInput) as refusal:
            ray_folder(data_dir)
        assert refusal.value.field == "LECTERN_DATA_DIR"
    finally:
        folder.unlink()


def test_an_address_means_a_cluster_of_somebody_else(tmp_path: Path) -> None:
    assert isinstance(open_session(Settings(data_dir=tmp_path)), LocalRay)
    joined = open_session(Settings(data_dir=tmp_path, ray_address="10.0.0.1:6379"))
    assert isinstance(joined, ClusterRay)
