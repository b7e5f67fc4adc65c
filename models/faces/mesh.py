"""Lays a mesh of 468 points over a face (Kartynnik et al. 2019, arXiv:1907.06724)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from features.camera.face import LANDMARKS
from models.faces.detection import Detection
from models.faces.litert import Array, LiteRtModel

INPUT_PIXELS = 192
MARGIN = 1.5
"""Side of the square that the model reads, over the longer side of the face; MediaPipe's own."""
LEAST_SCORE = 0.5
"""Probability from which there is a face under the mesh; MediaPipe's own choice."""


class FaceMesh:
    """Fits the mesh to faces that a detector found.

    Args:
        content: the .tflite file.
    """

    def __init__(self, content: bytes) -> None:
        self._model = LiteRtModel(content)

    def fit(self, picture: Image.Image, face: Detection) -> Array | None:
        """Return the points in pixels of the picture, shape (468, 3); None without a face there."""
        square = _Square.around(face, picture.size)
        outputs = self._model.run(square.cut(picture))
        if 1.0 / (1.0 + math.exp(-float(outputs["conv2d_31"].item()))) < LEAST_SCORE:
            return None
        return square.placed(outputs["conv2d_21"].reshape(LANDMARKS, 3))


@dataclass(frozen=True, slots=True)
class _Square:
    """The part of a picture that the model reads: upright by the eyes, in pixels."""

    centre_x: float
    centre_y: float
    side: float
    angle: float

    @classmethod
    def around(cls, face: Detection, size: tuple[int, int]) -> _Square:
        width, height = size
        right, left = face.right_eye, face.left_eye
        angle = math.atan2((left[1] - right[1]) * height, (left[0] - right[0]) * width)
        return cls(
            (face.box.left + face.box.right) / 2 * width,
            (face.box.top + face.box.bottom) / 2 * height,
            MARGIN * max(face.box.width * width, face.box.height * height),
            angle,
        )

    def cut(self, picture: Image.Image) -> Array:
        """The square as the model reads it: float32, shape (1, 192, 192, 3), 0..1."""
        (a, b), (c, d) = self._turn() * (self.side / INPUT_PIXELS)
        half = INPUT_PIXELS / 2
        matrix = (
            a, b, self.centre_x - (a + b) * half,
            c, d, self.centre_y - (c + d) * half,
        )  # fmt: skip
        size = (INPUT_PIXELS, INPUT_PIXELS)
        square = picture.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
        return (np.asarray(square, np.float32) / 255.0)[None]

    def placed(self, points: Array) -> Array:
        """Points of the square, shape (n, 3), as points of the picture."""
        scale = self.side / INPUT_PIXELS
        placed = points * scale
        flat = (points[:, :2] - INPUT_PIXELS / 2) * scale
        placed[:, :2] = flat @ self._turn().T + (self.centre_x, self.centre_y)
        return placed

    def _turn(self) -> Array:
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        return np.array([[cosine, -sine], [sine, cosine]], np.float32)
