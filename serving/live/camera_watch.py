"""One learner's camera while it is looked at: pictures in, `camera.observed` out."""

from __future__ import annotations

from collections.abc import Callable

from features.camera.windows import CameraWindow, CameraWindows, SeenPicture
from lessons.events import CameraObserved, EventDraft
from media_ingest.frames import VideoFrame
from models.faces.reader import FaceReader

LATE_MS = 1_000
"""How long after its end a window waits for pictures that are still being looked at."""


class CameraWatch:
    """Follows one camera until it is told to stop.

    Args:
        participant_id: whose camera it is.
        now_ms: the lesson clock, in milliseconds.
        record: takes the events.
        offer: hands a picture to whoever looks.
    """

    def __init__(
        self,
        participant_id: str,
        now_ms: Callable[[], float],
        record: Callable[[EventDraft], None],
        offer: Callable[[CameraWatch, VideoFrame], None],
    ) -> None:
        self.stopped = False
        self._participant_id = participant_id
        self._now_ms = now_ms
        self._record = record
        self._offer = offer
        self._windows = CameraWindows()
        self._looked: tuple[str, str] = ("", "")

    def feed(self, frame: VideoFrame) -> None:
        """Take a picture; returns at once, and the picture may never be looked at."""
        if not self.stopped:
            self._offer(self, frame)

    def take(self, picture: SeenPicture, reader: FaceReader) -> None:
        """Take what was seen in a picture."""
        if self.stopped:
            return
        self._looked = (reader.name, reader.version)
        self._tell(self._windows.take(picture))

    def tick(self) -> None:
        """Close what is over; to be called a few times a second, pictures or not."""
        if not self.stopped:
            self._tell(self._windows.close(self._now_ms() - LATE_MS))

    def stop(self) -> None:
        """Look no more; what was seen since the last window is forgotten."""
        self.stopped = True
        self._windows = CameraWindows()

    def _tell(self, window: CameraWindow | None) -> None:
        if window is None:
            return
        model, version = self._looked
        observed = CameraObserved(
            start_ms=window.start_ms,
            end_ms=window.end_ms,
            frames=window.frames,
            presence=window.presence,
            faces_most=window.faces_most,
            facing_screen=window.facing_screen,
            facing_desk=window.facing_desk,
            hand_motion=window.hand_motion,
            large_motion=window.large_motion,
            model=model,
            model_version=version,
        )
        self._record(EventDraft(observed, window.end_ms, self._participant_id))
