"""What moved between two pictures: under the face, everywhere, and in the face itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.camera.face import Box

LONGER_SIDE_CELLS = 80
"""Cells along the longer side of a thumbnail: too few to tell who is in it."""
LEAST_CHANGE = 5.0
"""Grey levels of 256 by which a cell must change to count, where the picture is free of noise..."""
MOST_CHANGE = 12.0
"""... and from which it counts whatever the noise: else motion everywhere would pass for noise."""
LEAST_STIR = 2.0
"""The same for one cell of a face: a blink or a breath is enough."""
NOISE_WEIGHT = 4.0
"""How many standard deviations of the picture's own noise a change must exceed..."""
STIR_NOISE_WEIGHT = 6.0
"""... and in a face, where a single cell decides."""
DEVIATIONS_PER_MEDIAN = 1.4826
"""Standard deviations of normal noise over its median absolute deviation."""
LARGE_SHARE = 0.3
"""Share of the picture that changes when somebody leaves their place or the camera is moved."""
DESK_SHARE = 0.01
"""Share of the desk zone that changes when a hand moves there."""
DESK_OVER_REST = 2.0
"""A hand moves where the desk zone changes by so many times more than the rest of the picture."""
NO_FACE_DESK_TOP = 2 / 3
"""Where the desk zone begins while no face tells, as a fraction of the height."""
DESK_FACE_WIDTHS = 1.5
"""How far to each side of the face the desk zone reaches, in widths of the face."""

Thumbnail = NDArray[np.float32]
"""Grey levels 0..255, shape (rows, columns)."""


@dataclass(frozen=True, slots=True)
class Motion:
    """What changed from one picture to the next.

    Attributes:
        large: whether much of the picture changed.
        hand: whether the desk zone changed, and little else.
        face_stirs: whether anything within the face changed; None without a face.
    """

    large: bool
    hand: bool
    face_stirs: bool | None


def thumbnail(pixels: NDArray[np.uint8]) -> Thumbnail:
    """Return the means of an RGB picture's cells, shape (height, width, 3) in."""
    picture = Image.fromarray(pixels)
    cell = max(1, round(max(picture.size) / LONGER_SIDE_CELLS))
    return np.asarray(picture.reduce(cell).convert("L"), np.float32)


def motion(before: Thumbnail, after: Thumbnail, face: Box | None) -> Motion | None:
    """Return what moved between two pictures of one camera; None where their sizes differ.

    What changes everywhere by the same amount is light, not motion.

    Args:
        face: where the face is, or was last; None where none was seen.
    """
    if before.shape != after.shape:
        return None
    difference = after - before
    difference = np.abs(difference - np.median(difference))
    noise = DEVIATIONS_PER_MEDIAN * float(np.median(difference))
    changed = difference > min(max(LEAST_CHANGE, NOISE_WEIGHT * noise), MOST_CHANGE)
    large = float(changed.mean()) >= LARGE_SHARE
    stirs = None
    if face is not None:
        inside = difference[_cells(face, difference.shape)]
        stirs = bool((inside > max(LEAST_STIR, STIR_NOISE_WEIGHT * noise)).any())
    return Motion(large, not large and _hand_moves(changed, face), stirs)


def _hand_moves(changed: NDArray[np.bool_], face: Box | None) -> bool:
    zone = _cells(_desk_zone(face), changed.shape)
    cells, inside = changed[zone].size, int(changed[zone].sum())
    if cells == 0 or inside / cells < DESK_SHARE:
        return False
    outside = (int(changed.sum()) - inside) / max(1, changed.size - cells)
    return inside / cells >= DESK_OVER_REST * outside


def _desk_zone(face: Box | None) -> Box:
    """The part of a picture in which hands write: below the chin, or the lower third."""
    if face is None:
        return Box(0.0, NO_FACE_DESK_TOP, 1.0, 1.0)
    reach = DESK_FACE_WIDTHS * face.width
    # The box ends at the chin; half a face lower is the collar, which moves with the head.
    return Box(face.left - reach, face.bottom + face.height / 2, face.right + reach, 1.0)


def _cells(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    rows, columns = shape[0], shape[1]
    return (
        slice(_cell(box.top, rows), _cell(box.bottom, rows)),
        slice(_cell(box.left, columns), _cell(box.right, columns)),
    )


def _cell(edge: float, cells: int) -> int:
    return round(min(max(edge, 0.0), 1.0) * cells)
