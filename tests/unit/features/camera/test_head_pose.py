"""Where a head is turned, on heads whose turn is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.camera.face import LANDMARKS
from features.camera.head_pose import (
    CHIN,
    FOREHEAD,
    LEFT_EYE,
    RIGHT_EYE,
    Facing,
    HeadPose,
    head_pose,
)
from tests.unit.features.camera.canonical_head import turned_head


def turns(most: float) -> st.SearchStrategy[float]:
    return st.floats(-most, most)


@given(turns(89), turns(80), turns(180), st.floats(0.5, 60), turns(2000), turns(2000))
def test_the_pose_is_the_turn_wherever_and_however_large_and_tilted_the_face_is(
    yaw: float, pitch: float, roll: float, scale: float, x: float, y: float
) -> None:
    pose = head_pose(turned_head(yaw, pitch, roll, scale=scale, place=(x, y, 0.0)))
    assert pose is not None
    assert (pose.yaw, pose.pitch) == pytest.approx((yaw, pitch), abs=0.6)


@given(
    turns(60),
    turns(45),
    st.lists(st.floats(-1, 1), min_size=12, max_size=12),
)
def test_points_that_are_a_little_off_turn_the_head_by_a_few_degrees(
    yaw: float, pitch: float, off: list[float]
) -> None:
    points = turned_head(yaw, pitch)
    height = float(np.linalg.norm(points[FOREHEAD] - points[CHIN]))
    moved = np.asarray(off, np.float32).reshape(4, 3) * 0.01 * height
    points[[RIGHT_EYE, LEFT_EYE, FOREHEAD, CHIN]] += moved
    pose = head_pose(points)
    assert pose is not None
    assert (pose.yaw, pose.pitch) == pytest.approx((yaw, pitch), abs=5)


@given(turns(89), turns(80))
def test_a_mirrored_face_is_turned_the_other_way(yaw: float, pitch: float) -> None:
    one, other = head_pose(turned_head(yaw, pitch)), head_pose(turned_head(-yaw, pitch))
    assert one is not None
    assert other is not None
    assert one.yaw == pytest.approx(-other.yaw, abs=0.5)


@pytest.mark.parametrize(
    ("yaw", "pitch", "facing"),
    [
        (0, 0, Facing.SCREEN),
        (30, 10, Facing.SCREEN),
        (0, -20, Facing.SCREEN),
        (0, 35, Facing.DESK),
        (-50, 40, Facing.DESK),
        (50, 0, Facing.ELSEWHERE),
        (-80, 0, Facing.ELSEWHERE),
        (80, 40, Facing.ELSEWHERE),
        (0, -40, Facing.ELSEWHERE),
    ],
)
def test_facing(yaw: float, pitch: float, facing: Facing) -> None:
    pose = head_pose(turned_head(yaw, pitch))
    assert pose is not None
    assert pose.facing is facing


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_every_pose_faces_something(yaw: float, pitch: float) -> None:
    assert HeadPose(yaw, pitch).facing in Facing


@pytest.mark.parametrize("points", [0.0, np.nan, np.inf])
def test_a_mesh_of_nothing_has_no_pose(points: float) -> None:
    assert head_pose(np.full((LANDMARKS, 3), points, np.float32)) is None
