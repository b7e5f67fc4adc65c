"""Where a head is turned, from the mesh over its face: to the screen, to the desk, or elsewhere.

It says how a head is held, not what anybody attends to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

RIGHT_EYE = 33
LEFT_EYE = 263
FOREHEAD = 10
CHIN = 152
"""Points of the mesh: the outer corners of the person's own right and left eye, the middle of the
hairline and the lowest point of the chin. In MediaPipe's canonical face the two lines through them
are at right angles, and the plane that they span is upright to within a degree."""

SCREEN_YAW = 35.0
"""Degrees to either side that are still to a screen: the edge of a wide one, near the eyes."""
SCREEN_PITCH_UP = 25.0
"""Degrees above the camera that are still to a screen: a camera may stand below it."""
DESK_PITCH = 25.0
"""Degrees below the camera from which a head is bent to the desk. The lower edge of a laptop's
screen is about 25 degrees below its camera, and eyes take a part of the way without the head."""
DESK_YAW = 60.0
"""Degrees to either side that are still to the desk: paper lies beside a keyboard."""


class Facing(StrEnum):
    """What is in front of a face."""

    SCREEN = "screen"
    DESK = "desk"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class HeadPose:
    """How a head is turned against the camera.

    Attributes:
        yaw: degrees to the right of the picture, which is the person's own left.
        pitch: degrees downwards.
    """

    yaw: float
    pitch: float

    @property
    def facing(self) -> Facing:
        """What is in front of the face, where screen and desk are as usual."""
        if self.pitch > DESK_PITCH:
            return Facing.DESK if abs(self.yaw) <= DESK_YAW else Facing.ELSEWHERE
        if self.pitch >= -SCREEN_PITCH_UP and abs(self.yaw) <= SCREEN_YAW:
            return Facing.SCREEN
        return Facing.ELSEWHERE


def head_pose(landmarks: NDArray[np.float32]) -> HeadPose | None:
    """Return the pose of a mesh, shape (468, 3): x right, y down, z away; None of no real face.

    Neither the place nor the size nor the tilt of the face in the picture matters.
    """
    right, left, top, bottom = landmarks[[RIGHT_EYE, LEFT_EYE, FOREHEAD, CHIN]].astype(np.float64)
    if not np.isfinite([right, left, top, bottom]).all():
        return None
    forward = np.cross(bottom - top, left - right)
    length = float(np.linalg.norm(forward))
    if length == 0:
        return None
    x, y, z = (forward / length).tolist()
    return HeadPose(
        yaw=math.degrees(math.atan2(x, -z)),
        pitch=math.degrees(math.asin(max(-1.0, min(1.0, y)))),
    )
