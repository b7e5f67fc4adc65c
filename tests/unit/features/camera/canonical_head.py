"""A head of four points that can be turned: all that the pose is read from."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from features.camera.face import LANDMARKS, Box, SeenFace
from features.camera.head_pose import CHIN, FOREHEAD, LEFT_EYE, RIGHT_EYE

UPRIGHT = {
    RIGHT_EYE: (-4.446, -2.664, 1.0),
    LEFT_EYE: (4.446, -2.664, 1.0),
    FOREHEAD: (0.0, -8.262, 0.0),
    CHIN: (0.0, 9.403, 0.0),
}
"""Of MediaPipe's canonical face, in centimetres: x right, y down, z away from the camera."""


def turned_head(
    yaw: float = 0.0,
    pitch: float = 0.0,
    roll: float = 0.0,
    *,
    scale: float = 10.0,
    place: tuple[float, float, float] = (320.0, 240.0, 0.0),
) -> NDArray[np.float32]:
    """Landmarks of a head bent down by `pitch` degrees and turned to the right by `yaw`."""
    points = np.zeros((LANDMARKS, 3))
    for number, point in UPRIGHT.items():
        points[number] = point
    rotated = points @ (_about_y(yaw) @ _about_x(pitch) @ _about_z(roll)).T
    return (rotated * scale + place).astype(np.float32)


def face_at(
    x: float = 0.5, y: float = 0.4, *, yaw: float = 0.0, pitch: float = 0.0, size: float = 0.15
) -> SeenFace:
    box = Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    return SeenFace(box, turned_head(yaw, pitch))


def _about_x(degrees: float) -> NDArray[np.float64]:
    # Forward is (0, 0, -1), and down is +y: bending down moves forward towards +y.
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def _about_y(degrees: float) -> NDArray[np.float64]:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])


def _about_z(degrees: float) -> NDArray[np.float64]:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
