"""The face models on drawn faces: found, counted, placed and turned as they were drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from eval.drawn_face import DrawnFace, drawn_picture
from features.camera.face import LANDMARKS, SeenFace
from features.camera.head_pose import Facing, head_pose
from lessons.errors import Unavailable
from models.faces.files import DETECTION, read_model
from models.faces.reader import MediapipeFaces
from tests.face_models import require_faces


@pytest.fixture(scope="module")
def reader() -> MediapipeFaces:
    return require_faces()


def only(faces: tuple[SeenFace, ...]) -> SeenFace:
    (face,) = faces
    return face


def landmarks(face: SeenFace) -> NDArray[np.float32]:
    assert face.landmarks is not None
    return face.landmarks


@settings(max_examples=8, deadline=None)
@given(st.floats(0.3, 0.7), st.floats(0.36, 0.5), st.floats(0.12, 0.26))
def test_a_face_is_found_where_it_is(x: float, y: float, size: float) -> None:
    face = only(require_faces().faces(drawn_picture(DrawnFace(x, y, size))))
    assert (face.box.left + face.box.right) / 2 == pytest.approx(x, abs=0.03)
    assert face.box.top < y < face.box.bottom
    assert face.box.height == pytest.approx(1.8 * size, rel=0.25)
    points = landmarks(face)
    assert points.shape == (LANDMARKS, 3)
    assert points[:, 0].mean() == pytest.approx(640 * x, abs=15)


@pytest.mark.parametrize(("width", "height"), [(854, 480), (480, 640), (320, 240), (240, 426)])
def test_any_shape_of_picture(reader: MediapipeFaces, width: int, height: int) -> None:
    picture = drawn_picture(DrawnFace(size=0.18), width=width, height=height)
    face = only(reader.faces(picture))
    assert (face.box.left + face.box.right) / 2 == pytest.approx(0.5, abs=0.03)
    assert landmarks(face)[:, 0].mean() == pytest.approx(width / 2, abs=0.03 * width)


def test_two_people_are_two_and_the_nearer_one_is_first(reader: MediapipeFaces) -> None:
    picture = drawn_picture(DrawnFace(x=0.25, size=0.13), DrawnFace(x=0.7, size=0.17))
    near, far = reader.faces(picture)
    assert near.box.left > far.box.right
    assert near.landmarks is not None
    assert far.landmarks is None


def test_where_nobody_is_there_is_no_face(reader: MediapipeFaces) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    for picture in (drawn_picture(hand_x=0.5), noise, np.zeros((480, 640, 3), np.uint8)):
        assert reader.faces(picture) == ()


def test_a_head_that_turns_is_seen_to(reader: MediapipeFaces) -> None:
    yaws = []
    for turned in (-50, -25, 0, 25, 50):
        points = landmarks(only(reader.faces(drawn_picture(DrawnFace(yaw=turned)))))
        pose = head_pose(points)
        assert pose is not None
        yaws.append(pose.yaw)
    assert yaws == sorted(yaws)
    assert yaws[0] < -20
    assert yaws[-1] > 20
    assert abs(yaws[2]) < 5


def test_a_face_that_looks_ahead_faces_the_screen(reader: MediapipeFaces) -> None:
    pose = head_pose(landmarks(only(reader.faces(drawn_picture(DrawnFace())))))
    assert pose is not None
    assert pose.facing is Facing.SCREEN


def test_a_model_that_is_absent_says_how_to_get_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with pytest.raises(Unavailable, match="lectern install-faces"):
        MediapipeFaces(tmp_path_factory.mktemp("empty"))


def test_another_file_is_not_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("models")
    (folder / DETECTION).write_bytes(b"TFL3 but not ours")
    with pytest.raises(Unavailable, match="not the file"):
        read_model(folder, DETECTION)
