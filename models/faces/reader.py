"""Pictures in, faces out; the one door to the face models."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.camera.face import SeenFace
from models.faces.detection import Detection, FaceDetector
from models.faces.files import DETECTION, MESH, NAME, VERSION, models_folder, read_model
from models.faces.mesh import FaceMesh


class FaceReader(Protocol):
    """Finds the faces of pictures. Keeps nothing of any picture.

    Attributes:
        name: the models that it runs.
        version: theirs.
    """

    name: str
    version: str

    def faces(self, pixels: NDArray[np.uint8]) -> tuple[SeenFace, ...]:
        """Return the faces of an RGB picture, shape (height, width, 3); the largest one first.

        The largest has landmarks, if the mesh fits. Not for several threads at once.
        """
        ...


class MediapipeFaces:
    """MediaPipe's face detection and face mesh.

    Args:
        folder: where the files are; None: where set-up puts them.

    Raises:
        Unavailable: they are not there, or are other files.
    """

    name = NAME
    version = VERSION

    def __init__(self, folder: Path | None = None) -> None:
        place = folder or models_folder()
        self._detector = FaceDetector(read_model(place, DETECTION))
        self._mesh = FaceMesh(read_model(place, MESH))

    def faces(self, pixels: NDArray[np.uint8]) -> tuple[SeenFace, ...]:
        """As in `FaceReader`."""
        picture = Image.fromarray(pixels)
        found = sorted(self._detector.detect(picture), key=_size, reverse=True)
        return tuple(
            SeenFace(one.box, self._mesh.fit(picture, one) if number == 0 else None)
            for number, one in enumerate(found)
        )


def _size(face: Detection) -> float:
    return face.box.width * face.box.height
