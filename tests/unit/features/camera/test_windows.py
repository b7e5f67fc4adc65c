"""Windows of a camera, made of pictures whose faces and motion are known."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.camera.face import SeenFace
from features.camera.motion import Thumbnail
from features.camera.windows import STILL_MS, WINDOW_MS, CameraWindow, CameraWindows, SeenPicture
from tests.unit.features.camera.canonical_head import face_at

STEP_MS = 500
CALM = np.full((60, 80), 120, np.float32)


def stirring(number: int) -> Thumbnail:
    """A picture in which one cell of the face blinks."""
    picture = CALM.copy()
    picture[24, 40] += 20 * (number % 2)
    return picture


def watched(
    faces: Callable[[int], Sequence[SeenFace]],
    pictures: Callable[[int], Thumbnail] = stirring,
    seconds: float = 5,
) -> list[CameraWindow]:
    """The windows of a camera at two pictures a second."""
    windows = CameraWindows()
    count = round(1000 * seconds / STEP_MS)
    seen = [SeenPicture(n * STEP_MS, faces(n), pictures(n)) for n in range(count)]
    return finished(windows, seen, 1000 * seconds)


def finished(
    windows: CameraWindows, pictures: Iterable[SeenPicture], until_ms: float
) -> list[CameraWindow]:
    closed = [windows.take(picture) for picture in pictures]
    return [one for one in (*closed, windows.close(until_ms)) if one is not None]


def test_a_learner_at_the_screen() -> None:
    assert watched(lambda _: [face_at()]) == [
        CameraWindow(
            start_ms=0,
            end_ms=5000,
            frames=10,
            presence=1.0,
            faces_most=1,
            facing_screen=1.0,
            facing_desk=0.0,
            hand_motion=0.0,
            large_motion=0.0,
        )
    ]


def test_a_learner_who_writes_is_bent_to_the_desk_with_a_moving_hand() -> None:
    def writing(number: int) -> Thumbnail:
        picture = stirring(number)
        picture[48:54, 30 + 3 * (number % 2) : 36 + 3 * (number % 2)] = 200
        return picture

    (window,) = watched(lambda _: [face_at(pitch=40)], writing)
    assert (window.facing_screen, window.facing_desk) == (0.0, 1.0)
    assert (window.hand_motion, window.large_motion) == (1.0, 0.0)


def test_nobody_there_faces_nothing() -> None:
    (window,) = watched(lambda _: [])
    assert (window.presence, window.faces_most) == (0.0, 0)
    assert (window.facing_screen, window.facing_desk) == (None, None)


def test_two_people_at_one_device() -> None:
    def second_comes(number: int) -> list[SeenFace]:
        return [face_at(x=0.3), face_at(x=0.7, size=0.1)][: 1 + (number > 6)]

    (window,) = watched(second_comes)
    assert window.faces_most == 2


def test_a_face_without_a_mesh_is_present_and_faces_nothing_known() -> None:
    (window,) = watched(lambda _: [SeenFace(face_at().box)])
    assert (window.presence, window.facing_screen) == (1.0, None)


def test_a_photo_before_the_camera_is_nobody() -> None:
    windows = watched(lambda _: [face_at()], lambda _: CALM, seconds=30)
    assert [window.presence for window in windows] == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    assert [window.faces_most for window in windows[3:]] == [0, 0, 0]
    assert [window.facing_screen for window in windows[3:]] == [None, None, None]


def test_a_photo_that_the_detector_loses_now_and_then_is_still_nobody() -> None:
    windows = watched(lambda n: [] if n % 7 == 0 else [face_at()], lambda _: CALM, seconds=30)
    assert windows[-1].presence == 0.0


def test_who_comes_back_before_the_photo_is_there_again() -> None:
    def until_then(number: int) -> Thumbnail:
        return CALM if number < 40 else stirring(number + 1)

    windows = watched(lambda _: [face_at()], until_then, seconds=25)
    assert [window.presence for window in windows] == [1.0, 1.0, 1.0, 0.0, 1.0]


def test_somebody_beside_a_photo_is_somebody() -> None:
    windows = watched(lambda _: [face_at(x=0.3), face_at(x=0.7)], lambda _: CALM, seconds=25)
    assert (windows[-1].presence, windows[-1].faces_most) == (1.0, 1)


def test_one_picture_alone_has_no_motion() -> None:
    windows = CameraWindows()
    (window,) = finished(windows, [SeenPicture(7_000, [face_at()], CALM)], 10_000)
    assert (window.start_ms, window.frames) == (5_000, 1)
    assert (window.hand_motion, window.large_motion) == (None, None)


def test_a_window_is_not_closed_before_its_end_nor_twice() -> None:
    windows = CameraWindows()
    assert windows.take(SeenPicture(100, [], CALM)) is None
    assert windows.close(4_999) is None
    assert windows.close(5_000) is not None
    assert windows.close(10_000) is None


def test_pictures_far_apart_are_not_compared() -> None:
    dark, bright = CALM, np.flipud(np.linspace(0, 255, 80 * 60, dtype=np.float32).reshape(60, 80))
    pictures = [SeenPicture(0, [], dark), SeenPicture(4_000, [], bright)]
    (window,) = finished(CameraWindows(), pictures, 5_000)
    assert window.large_motion is None


def test_no_point_of_a_face_outlives_its_picture() -> None:
    windows, face = CameraWindows(), face_at()
    assert face.landmarks is not None
    points = weakref.ref(face.landmarks)
    windows.take(SeenPicture(0, [face], CALM))
    del face
    assert points() is None


pictures_at = st.lists(
    st.tuples(st.floats(0, 60_000), st.integers(0, 3), st.integers(0, 1_000)), max_size=60
)


@given(pictures_at)
def test_whatever_comes_the_shares_are_shares_and_each_picture_counts_once(
    drawn: list[tuple[float, int, int]],
) -> None:
    windows, newest, taken = CameraWindows(), -1.0, 0
    closed = []
    for at_ms, faces, seed in drawn:
        taken += at_ms > newest
        newest = max(newest, at_ms)
        greys = np.random.default_rng(seed).uniform(0, 255, (12, 16)).astype(np.float32)
        closed.append(windows.take(SeenPicture(at_ms, [face_at()] * faces, greys)))
    closed.append(windows.close(70_000))
    found = [window for window in closed if window is not None]
    assert sum(window.frames for window in found) == taken
    starts = [window.start_ms for window in found]
    assert starts == sorted(set(starts))
    for window in found:
        assert window.start_ms % WINDOW_MS == 0
        shares = (
            window.presence, window.facing_screen, window.facing_desk,
            window.hand_motion, window.large_motion,
        )  # fmt: skip
        assert all(share is None or 0 <= share <= 1 for share in shares)
        assert (window.facing_screen or 0) + (window.facing_desk or 0) <= 1.001


@pytest.mark.parametrize("seconds", [10, 14])
def test_somebody_very_calm_is_no_photo(seconds: int) -> None:
    still = STILL_MS // STEP_MS

    def rarely(number: int) -> Thumbnail:
        return stirring(number // (still - 2))

    windows = watched(lambda _: [face_at()], rarely, seconds=6 * seconds)
    assert {window.presence for window in windows} == {1.0}
