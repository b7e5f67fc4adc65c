"""Runs one .tflite model by LiteRT, on one thread."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

NOTICE = b"Created TensorFlow Lite XNNPACK delegate"
STANDARD_ERROR = 2
"""Its file descriptor."""


class LiteRtModel:
    """One model with one input. Not for several threads at once.

    Args:
        content: the .tflite file.
    """

    def __init__(self, content: bytes) -> None:
        # Every ingest worker knows this module, and few ever look at a camera.
        from ai_edge_litert.interpreter import Interpreter

        with _without_notice():
            self._interpreter = Interpreter(model_content=content, num_threads=1)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = {
            entry["name"]: entry["index"] for entry in self._interpreter.get_output_details()
        }

    def run(self, picture: Array) -> dict[str, Array]:
        """Return the outputs by name for a float32 picture of shape (1, height, width, 3)."""
        self._interpreter.set_tensor(self._input, picture)
        self._interpreter.invoke()
        return {
            name: np.asarray(self._interpreter.get_tensor(index), np.float32)
            for name, index in self._outputs.items()
        }


@contextmanager
def _without_notice() -> Iterator[None]:
    """Keep LiteRT's line about its delegate out of the log; what else is written meanwhile stays.

    It writes past Python and in no format, and a line of a log is JSON. No setting silences it.
    """
    error = os.dup(STANDARD_ERROR)
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), STANDARD_ERROR)
        try:
            yield
        finally:
            os.dup2(error, STANDARD_ERROR)
            written.seek(0)
            for line in written:
                if NOTICE not in line:
                    os.write(error, line)
            os.close(error)
