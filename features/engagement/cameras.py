"""What cameras showed of learners who consented to it: numbers about frames, never the frames."""

from __future__ import annotations

from features.engagement.catalogue import FEATURES, Modality
from features.engagement.columns import SPANS, Columns, rows_of
from features.engagement.table import Count, LearnerTable, Since
from features.engagement.told import Told
from lessons.events import CameraObserved

SILENT_MS = 15_000
"""After this without numbers from a camera, nothing is known of it."""


class Cameras:
    """Reads `camera.observed`; shares count by the frames that they were taken over."""

    def __init__(self, table: LearnerTable) -> None:
        self._table = table

    def read(self, column: int, told: Told) -> None:
        """Read what a camera showed in a span."""
        data: CameraObserved = told.data
        frames = data.frames
        faces = frames * (data.presence or 0.0)
        amounts = {
            Count.FRAMES: frames,
            Count.FACE_FRAMES: faces,
            Count.FACING_SCREEN: faces * (data.facing_screen or 0.0),
            Count.FACING_DESK: faces * (data.facing_desk or 0.0),
            Count.HAND_MOTION: frames * (data.hand_motion or 0.0),
            Count.LARGE_MOTION: frames * (data.large_motion or 0.0),
        }
        for what, amount in amounts.items():
            self._table.spread(what, column, data.start_ms, data.end_ms, amount)
        self._table.see_faces(column, data.end_ms - 1, data.faces_most or 0)
        self._table.mark(Since.CAMERA, column, data.end_ms)

    def put(self, columns: Columns) -> None:
        """Put the most faces, and leave missing what no camera tells now."""
        age_ms = columns.end_ms - self._table.last[Since.CAMERA]
        tells = age_ms <= SILENT_MS
        if tells.any():
            columns.put("faces_most_30s", self._table.most_faces(SPANS["30s"]))
        columns.miss(_ROWS, ~tells)


_ROWS = rows_of(one.name for one in FEATURES if one.modality is Modality.CAMERA)
