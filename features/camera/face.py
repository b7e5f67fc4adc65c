"""A face in a picture, as plain numbers: what the features of the camera are computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LANDMARKS = 468
"""Points of the face mesh."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in a picture, in fractions of its width and height; it may reach past the edge.

    Attributes:
        left, top, right, bottom: its edges, 0..1 within the picture.
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Fraction of the picture's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Fraction of the picture's height."""
        return self.bottom - self.top

    def overlap(self, other: Box) -> float:
        """Area that both share over the area that they cover together, 0..1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.width * self.height + other.width * other.height - shared)


@dataclass(frozen=True, slots=True)
class SeenFace:
    """One face of one picture. It is never stored: only numbers that are computed from it are.

    Attributes:
        box: where it is.
        landmarks: float32, shape (468, 3): the mesh in pixels of the picture, x to the right, y
            down, z away from the camera on about the scale of x. None where no mesh was fitted.
    """

    box: Box
    landmarks: NDArray[np.float32] | None = None
