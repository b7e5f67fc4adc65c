"""Finds faces: BlazeFace for a camera near the face (Bazarevsky et al. 2019, arXiv:1907.05047)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.camera.face import Box
from models.faces.litert import Array, LiteRtModel

INPUT_PIXELS = 128
LEAST_SCORE = 0.5
"""Probability from which a place counts as a face; MediaPipe's own choice."""
SAME_FACE_OVERLAP = 0.3
"""Boxes that overlap by more are of one face; MediaPipe's own choice."""
MOST_FACES = 5
SCORE_LIMIT = 100.0
"""Scores are cut off here before the exponential, as in MediaPipe."""
GRIDS = ((16, 2), (8, 6))
"""Cells along each side of the picture, and anchors in each cell."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A face that was found, in fractions of the picture.

    Attributes:
        box: where the face is, from the forehead to the chin.
        score: how likely it is one, 0..1.
        right_eye, left_eye: the person's own right and left, as (x, y).
    """

    box: Box
    score: float
    right_eye: tuple[float, float]
    left_eye: tuple[float, float]


class FaceDetector:
    """Finds the faces of a picture, the likeliest first.

    Args:
        content: the .tflite file.
    """

    def __init__(self, content: bytes) -> None:
        self._model = LiteRtModel(content)
        self._anchors = _anchors()

    def detect(self, picture: Image.Image) -> list[Detection]:
        """Return at most `MOST_FACES` faces of an RGB picture."""
        side = max(picture.size)
        outputs = self._model.run(_letterboxed(picture))
        scores = _probabilities(outputs["classificators"].reshape(-1))
        kept = np.flatnonzero(scores >= LEAST_SCORE)
        points = outputs["regressors"].reshape(-1, 8, 2)[kept] / np.float32(INPUT_PIXELS)
        places = _in_picture(points, self._anchors[kept], picture.size, side)
        order = np.argsort(-scores[kept])
        return _distinct([_detection(places[i], float(scores[kept][i])) for i in order])


def _letterboxed(picture: Image.Image) -> Array:
    """A picture in the middle of a black square, as the model reads it: -1..1."""
    scale = INPUT_PIXELS / max(picture.size)
    width, height = (max(1, round(scale * length)) for length in picture.size)
    small = picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    square = Image.new("RGB", (INPUT_PIXELS, INPUT_PIXELS))
    square.paste(small, ((INPUT_PIXELS - width) // 2, (INPUT_PIXELS - height) // 2))
    return (np.asarray(square, np.float32) / 127.5 - 1.0)[None]


def _anchors() -> Array:
    """Centres of the anchors in the square, shape (896, 2), in the order of the outputs."""
    grids = []
    for cells, in_each in GRIDS:
        along = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        across, down = np.meshgrid(along, along)
        grids.append(np.repeat(np.stack([across.ravel(), down.ravel()], axis=1), in_each, axis=0))
    return np.concatenate(grids)


def _probabilities(scores: Array) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(scores.astype(np.float64), -SCORE_LIMIT, SCORE_LIMIT)))


def _in_picture(points: Array, anchors: Array, size: tuple[int, int], side: int) -> Array:
    """Turn regressions into fractions of the picture.

    Args:
        points: shape (faces, 8, 2): centre, size, and six places of the face; all but the size
            are relative to the anchor.
        anchors: shape (faces, 2).
        size: width and height of the picture, in pixels.
        side: the longer of both.
    """
    placed = points.copy()
    placed[:, [0, 2, 3, 4, 5, 6, 7]] += anchors[:, None]
    scale = side / np.array(size, np.float32)
    margin = (1 - 1 / scale) / 2
    placed[:, [0, 2, 3, 4, 5, 6, 7]] = (placed[:, [0, 2, 3, 4, 5, 6, 7]] - margin) * scale
    placed[:, 1] *= scale
    return placed


def _detection(place: Array, score: float) -> Detection:
    (x, y), (width, height) = place[0].tolist(), place[1].tolist()
    box = Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    right, left = place[2].tolist(), place[3].tolist()
    return Detection(box, score, (right[0], right[1]), (left[0], left[1]))


def _distinct(found: list[Detection]) -> list[Detection]:
    """Of boxes that overlap, keep the likeliest, which comes first."""
    kept: list[Detection] = []
    for one in found:
        if all(one.box.overlap(other.box) <= SAME_FACE_OVERLAP for other in kept):
            kept.append(one)
    return kept[:MOST_FACES]
