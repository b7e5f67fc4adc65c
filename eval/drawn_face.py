"""Draws a plain face at a desk, nobody's likeness, which the face models take for a face."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SKIN, SHADE, DARK = (224, 178, 150), (205, 158, 130), (60, 40, 30)
WALL, SHIRT, DESK = (150, 160, 170), (70, 90, 140), (120, 95, 70)
LIPS, WHITE = (180, 80, 80), (245, 245, 245)
BLUR_PIXELS = 1.5


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """One face in a picture.

    Attributes:
        x, y: middle of the face, in fractions of the picture's width and height.
        size: from the middle to the chin, as a fraction of the height.
        yaw: degrees that it is turned to the right of the picture.
        pitch: degrees that it is bent down.
        eyes_closed: whether it blinks.
    """

    x: float = 0.5
    y: float = 0.4
    size: float = 0.2
    yaw: float = 0.0
    pitch: float = 0.0
    eyes_closed: bool = False


def drawn_picture(
    *faces: DrawnFace,
    width: int = 640,
    height: int = 480,
    hand_x: float | None = None,
) -> NDArray[np.uint8]:
    """Return an RGB picture, shape (height, width, 3), of faces behind a desk.

    Args:
        faces: who is there.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        hand_x: where a hand lies on the desk, as a fraction of the width; None: no hand.
    """
    picture = Image.new("RGB", (width, height), WALL)
    draw = ImageDraw.Draw(picture)
    for face in faces:
        _draw(draw, face, face.x * width, face.y * height, face.size * height)
    draw.rectangle((0, 0.9 * height, width, height), fill=DESK)
    if hand_x is not None:
        x, y, radius = hand_x * width, 0.92 * height, 0.06 * height
        draw.ellipse((x - 1.4 * radius, y - radius, x + 1.4 * radius, y + radius), fill=SKIN)
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(BLUR_PIXELS)), np.uint8)


def _draw(draw: ImageDraw.ImageDraw, face: DrawnFace, x: float, y: float, r: float) -> None:
    _ellipse(draw, x, y + 3.2 * r, 2.0 * r, 1.85 * r, SHIRT)
    draw.rectangle((x - 0.45 * r, y + 0.8 * r, x + 0.45 * r, y + 1.7 * r), fill=SHADE)
    _ellipse(draw, x, y - 0.36 * r, 1.02 * r, 1.06 * r, DARK)
    _ellipse(draw, x, y + 0.04 * r, 0.86 * r, 1.16 * r, SKIN)
    # What is nearer to the viewer than the ears moves as the head turns.
    near_x = x + 0.6 * r * math.sin(math.radians(face.yaw))
    near_y = y + 0.6 * r * math.sin(math.radians(face.pitch))
    narrow = math.cos(math.radians(face.yaw))
    for side in (-1, 1):
        _draw_eye(draw, face, near_x + side * 0.36 * r * narrow, near_y - 0.18 * r, r)
    tip = near_y + 0.3 * r
    draw.polygon(
        [(near_x, near_y - 0.15 * r), (near_x + 0.12 * r, tip), (near_x - 0.12 * r, tip)],
        fill=SHADE,
    )
    _ellipse(draw, near_x, near_y + 0.59 * r, 0.3 * r * narrow, 0.09 * r, LIPS)


def _draw_eye(draw: ImageDraw.ImageDraw, face: DrawnFace, x: float, y: float, r: float) -> None:
    draw.line((x - 0.2 * r, y - 0.24 * r, x + 0.2 * r, y - 0.25 * r), DARK, round(0.07 * r))
    if face.eyes_closed:
        draw.line((x - 0.15 * r, y, x + 0.15 * r, y), DARK, round(0.04 * r))
        return
    _ellipse(draw, x, y, 0.18 * r, 0.1 * r, DARK)
    _ellipse(draw, x, y, 0.16 * r, 0.08 * r, WHITE)
    _ellipse(draw, x, y, 0.075 * r, 0.08 * r, DARK)


def _ellipse(
    draw: ImageDraw.ImageDraw,
    x: float,
    y: float,
    across: float,
    down: float,
    colour: tuple[int, int, int],
) -> None:
    draw.ellipse((x - across, y - down, x + across, y + down), fill=colour)
