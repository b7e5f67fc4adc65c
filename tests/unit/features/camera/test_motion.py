"""What moved between two pictures: drawn ones, with a camera's noise and changing light."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from eval.drawn_face import DrawnFace, drawn_picture
from features.camera.face import Box
from features.camera.motion import LONGER_SIDE_CELLS, Motion, motion, thumbnail

FACE = Box(0.37, 0.27, 0.63, 0.62)
"""Where the detector finds the face that is drawn in the middle."""

NOTHING = Motion(large=False, hand=False, face_stirs=False)


def moved(
    before: NDArray[np.uint8], after: NDArray[np.uint8], face: Box | None = FACE
) -> Motion | None:
    return motion(thumbnail(before), thumbnail(after), face)


def noisy(picture: NDArray[np.uint8], seed: int, level: float = 3.0) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, level, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_a_thumbnail_is_too_coarse_to_tell_who_is_in_it() -> None:
    for width, height in [(640, 480), (854, 480), (160, 120), (480, 640), (33, 17)]:
        rows, columns = thumbnail(np.zeros((height, width, 3), np.uint8)).shape
        assert max(rows, columns) <= 1.3 * LONGER_SIDE_CELLS


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 8), st.integers(-15, 15))
def test_noise_and_light_are_no_motion(seed: int, level: float, brighter: int) -> None:
    picture = drawn_picture(DrawnFace()).astype(np.int16)
    lit = np.clip(picture + brighter, 0, 255).astype(np.uint8)
    before = noisy(picture.astype(np.uint8), seed, level)
    assert moved(before, noisy(lit, seed + 1, level)) == NOTHING


@pytest.mark.parametrize("shift", [0.04, -0.1, 0.2])
def test_a_hand_on_the_desk_is_hand_motion_and_nothing_else(shift: float) -> None:
    before = noisy(drawn_picture(DrawnFace(), hand_x=0.5), 1)
    after = noisy(drawn_picture(DrawnFace(), hand_x=0.5 + shift), 2)
    assert moved(before, after) == Motion(large=False, hand=True, face_stirs=False)
    assert moved(before, after, face=None) == Motion(large=False, hand=True, face_stirs=None)


@pytest.mark.parametrize(
    "after",
    [
        DrawnFace(eyes_closed=True),
        DrawnFace(x=0.505),
        DrawnFace(y=0.405),
        DrawnFace(yaw=8),
        DrawnFace(pitch=8),
    ],
    ids=["blink", "sway", "breath", "turn", "nod"],
)
def test_whatever_lives_stirs(after: DrawnFace) -> None:
    seen = moved(noisy(drawn_picture(DrawnFace()), 1), noisy(drawn_picture(after), 2))
    assert seen is not None
    assert seen.face_stirs
    assert not seen.hand
    assert not seen.large


def test_somebody_who_leaves_is_large_motion() -> None:
    before = drawn_picture(DrawnFace(size=0.28))
    assert moved(before, drawn_picture()) == Motion(large=True, hand=False, face_stirs=True)


def test_a_camera_that_is_moved_is_large_motion() -> None:
    rng = np.random.default_rng(3)
    room = np.kron(rng.integers(0, 255, (30, 40, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    seen = moved(room, np.roll(room, 60, axis=1), face=None)
    assert seen is not None
    assert seen.large


def test_pictures_of_other_sizes_are_not_compared() -> None:
    assert moved(drawn_picture(), drawn_picture(width=480, height=640)) is None


@settings(max_examples=50)
@given(
    st.tuples(*[st.floats(-1, 2)] * 4),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 1000),
)
def test_any_box_on_any_picture_is_borne(
    edges: tuple[float, float, float, float], rows: int, columns: int, seed: int
) -> None:
    left, top, right, bottom = edges
    box = Box(min(left, right), min(top, bottom), max(left, right), max(top, bottom))
    rng = np.random.default_rng(seed)
    one, other = rng.uniform(0, 255, (2, rows, columns)).astype(np.float32)
    seen = motion(one, other, box)
    assert seen is not None
    assert not (seen.large and seen.hand)
