"""Five seconds of a learner's camera as a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.camera.face import Box, SeenFace
from features.camera.head_pose import Facing, head_pose
from features.camera.motion import Motion, Thumbnail, motion

WINDOW_MS = 5_000
"""Windows lie at whole multiples of this on the lesson clock."""

STILL_MS = 15_000
"""A face in which nothing at all moved for so long is a picture of one: people blink, breathe and
sway, and thirty pictures in a row would have to miss all of it."""

REMEMBERED_FACE_MS = 10_000
"""How long the place of a face tells where the desk is after the face bent out of sight."""

PAIR_MS = 2_500
"""Pictures further apart than this are not compared: anything may have happened in between."""


@dataclass(frozen=True, slots=True)
class SeenPicture:
    """What is computed from one picture before it is dropped.

    Attributes:
        at_ms: lesson-clock time, in milliseconds.
        faces: the largest first.
        thumbnail: the coarse greys that the next picture is compared with.
    """

    at_ms: float
    faces: Sequence[SeenFace]
    thumbnail: Thumbnail


@dataclass(frozen=True, slots=True)
class CameraWindow:
    """What a camera showed in [start_ms, end_ms). Shares are 0..1; None: there is nothing to say.

    Attributes:
        frames: pictures that were looked at.
        presence: share of them with a face that is not a still picture of one.
        faces_most: most faces in one of them, still pictures of faces left out.
        facing_screen: of those with a face whose pose is known, the share turned to the screen.
        facing_desk: of the same, the share bent to the desk.
        hand_motion: of those that follow on another, the share with motion below the face alone.
        large_motion: of the same, the share in which much of the picture changed.
    """

    start_ms: int
    end_ms: int
    frames: int
    presence: float | None
    faces_most: int | None
    facing_screen: float | None
    facing_desk: float | None
    hand_motion: float | None
    large_motion: float | None


class CameraWindows:
    """Turns the pictures of one camera, in order, into windows.

    Between two pictures it keeps the earlier one's thumbnail and where its face was, nothing else.
    """

    def __init__(self) -> None:
        self._thumbnail: Thumbnail | None = None
        self._at_ms = -1.0
        self._face: Box | None = None
        self._face_at_ms = 0.0
        self._stirred_at_ms: float | None = None
        self._open: _OpenWindow | None = None
        self._closed_ms = 0

    def take(self, picture: SeenPicture) -> CameraWindow | None:
        """Take the next picture; return the window before it, where it begins a new one.

        A picture that is older than the one before, or of a window that is closed, is passed over.
        """
        if picture.at_ms <= self._at_ms or picture.at_ms < self._closed_ms:
            return None
        closed = self.close(picture.at_ms)
        if self._open is None:
            self._open = _OpenWindow(int(picture.at_ms // WINDOW_MS) * WINDOW_MS)
        moved = self._compare(picture)
        self._open.add(self._living_faces(picture, moved), moved)
        self._thumbnail, self._at_ms = picture.thumbnail, picture.at_ms
        return closed

    def close(self, now_ms: float) -> CameraWindow | None:
        """Return the window that is over by now, if one is open and is."""
        if self._open is None or now_ms < self._open.start_ms + WINDOW_MS:
            return None
        closed, self._open = self._open.closed(), None
        self._closed_ms = closed.end_ms
        return closed

    def _compare(self, picture: SeenPicture) -> Motion | None:
        if picture.faces:
            self._face, self._face_at_ms = picture.faces[0].box, picture.at_ms
        elif picture.at_ms - self._face_at_ms > REMEMBERED_FACE_MS:
            self._face = None
        if self._thumbnail is None or picture.at_ms - self._at_ms > PAIR_MS:
            return None
        return motion(self._thumbnail, picture.thumbnail, self._face)

    def _living_faces(self, picture: SeenPicture, moved: Motion | None) -> Sequence[SeenFace]:
        """The faces without the nearest one, where that has been still for too long to be alive."""
        if not picture.faces:
            if self._face is None:
                self._stirred_at_ms = None
            return ()
        if self._stirred_at_ms is None or moved is None or moved.face_stirs:
            self._stirred_at_ms = picture.at_ms
        still = picture.at_ms - self._stirred_at_ms >= STILL_MS
        return picture.faces[1:] if still else picture.faces


class _OpenWindow:
    """Counts of a window that is not over."""

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self._frames = 0
        self._with_face = 0
        self._faces_most = 0
        self._posed = 0
        self._facing = dict.fromkeys(Facing, 0)
        self._pairs = 0
        self._hand = 0
        self._large = 0

    def add(self, faces: Sequence[SeenFace], moved: Motion | None) -> None:
        self._frames += 1
        self._with_face += bool(faces)
        self._faces_most = max(self._faces_most, len(faces))
        landmarks = faces[0].landmarks if faces else None
        pose = None if landmarks is None else head_pose(landmarks)
        if pose is not None:
            self._posed += 1
            self._facing[pose.facing] += 1
        if moved is not None:
            self._pairs += 1
            self._hand += moved.hand
            self._large += moved.large

    def closed(self) -> CameraWindow:
        return CameraWindow(
            start_ms=self.start_ms,
            end_ms=self.start_ms + WINDOW_MS,
            frames=self._frames,
            presence=_share(self._with_face, self._frames),
            faces_most=self._faces_most,
            facing_screen=_share(self._facing[Facing.SCREEN], self._posed),
            facing_desk=_share(self._facing[Facing.DESK], self._posed),
            hand_motion=_share(self._hand, self._pairs),
            large_motion=_share(self._large, self._pairs),
        )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
