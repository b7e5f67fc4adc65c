"""What the worker would note of a simulated learner's camera: numbers every five seconds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lessons.events import CameraObserved
from models.engagement.states import AWAY
from training.simulated_lessons.happenings import Attendance, Happening, Window

FRAMES = 10
"""Two a second."""

CONCENTRATION = 12.0
"""How near a window's shares lie to what is usual for the state (beta distribution)."""

MISSED = 0.03
"""Share of windows in which the detector finds no face that is there: light, hair, a hand."""


def camera_happenings(
    attendance: Attendance, generator: np.random.Generator
) -> Iterator[Happening]:
    """Yield observations as long as there is a camera whose use is consented to."""
    learner = attendance.learner
    for window in attendance.windows():
        if window.end_ms > learner.equipment.camera_until_ms:
            return
        observed = (
            _photo(window)
            if learner.program.has_photo and window.state == AWAY
            else _person(attendance, window, generator)
        )
        yield Happening(window.end_ms, observed, learner.participant_id)


def _photo(window: Window) -> CameraObserved:
    return _observed(window, np.array([1.0, 1.0, 0.0, 0.0, 0.0]), 1)


def _person(
    attendance: Attendance, window: Window, generator: np.random.Generator
) -> CameraObserved:
    conduct = window.conduct
    means = np.array(
        [conduct.face, conduct.screen, conduct.desk, conduct.hand_motion, conduct.large_motion]
    ).clip(0.01, 0.99)
    shares = generator.beta(means * CONCENTRATION, (1 - means) * CONCENTRATION)
    if generator.random() < MISSED:
        shares[0] = 0.0
    if shares[1] + shares[2] > 1.0:
        shares[1:3] /= shares[1:3].sum()
    faces = 0 if shares[0] < 0.5 / FRAMES else 1
    if faces and attendance.learner.program.faces > 1 and generator.random() < 0.7:
        faces = attendance.learner.program.faces
    return _observed(window, shares, faces)


def _observed(window: Window, shares: np.ndarray, faces: int) -> CameraObserved:
    presence, screen, desk, hand_motion, large_motion = (round(float(each), 3) for each in shares)
    facing = (screen, desk) if faces else (None, None)
    return CameraObserved(
        start_ms=window.start_ms,
        end_ms=window.end_ms,
        frames=FRAMES,
        presence=presence,
        faces_most=faces,
        facing_screen=facing[0],
        facing_desk=facing[1],
        hand_motion=hand_motion,
        large_motion=large_motion,
        model="simulated",
        model_version="1",
    )
