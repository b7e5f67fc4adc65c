"""Uptake and focusing by likeness to exchanges that raters have judged: support-vector regression.

There are few judged exchanges, and a network learns them by heart. A kernel over overlap and
sentence vectors that nothing was fitted in does not, and errs elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from features.talk.overlap import OVERLAP, overlap
from models.embeddings.interface import Encoder
from models.talk_moves.interface import Exchange

Array = NDArray[np.float32]

FILE = "judged.safetensors"
NUMBERS = len(OVERLAP) + 1
"""Overlap, and the cosine of both turns' vectors."""

WIDTH = 0.01
"""What squared distances are multiplied by in the kernel."""

LARGEST = 4.0
"""Numbers count up to so many standard deviations from their mean."""

VIEWS = ("learner", "tutor", "both")
"""Vectors that are compared: each turn's, and their product, element by element."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How an exchange becomes a row whose distance to another row tells how unlike they are.

    Attributes:
        mean: of the numbers, shape (NUMBERS,).
        deviation: of the numbers, the same shape.
        axes: for each of VIEWS, the matrix of its vectors, shape (dimension, parts).
    """

    mean: Array
    deviation: Array
    axes: Mapping[str, Array]

    def rows(self, exchanges: Sequence[Exchange], encoder: Encoder) -> Array:
        """Return exchanges as rows, shape (exchanges, length of a row)."""
        views = vectors_of(exchanges, encoder)
        scaled = (numbers_of(exchanges, views) - self.mean) / self.deviation
        parts = [scaled.clip(-LARGEST, LARGEST)] + [views[name] @ self.axes[name] for name in VIEWS]
        return np.concatenate(parts, 1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class JudgedExchanges:
    """The regression.

    Attributes:
        support: rows of judged exchanges, shape (exchanges, length of a row).
        duals: what each counts for each output, shape (exchanges, outputs).
        intercepts: shape (outputs,).
    """

    scaling: Scaling
    support: Array
    duals: Array
    intercepts: Array

    def values(self, exchanges: Sequence[Exchange], encoder: Encoder) -> Array:
        """Return z-scores, shape (exchanges, outputs)."""
        rows = self.scaling.rows(exchanges, encoder)
        squares = (rows**2).sum(1)[:, None] + (self.support**2).sum(1) - 2 * rows @ self.support.T
        likeness = np.exp(-WIDTH * squares.clip(0))
        found: Array = (likeness @ self.duals + self.intercepts).astype(np.float32)
        return found

    def save(self, folder: Path) -> str:
        """Write it, vectors in half precision, and return the file's SHA-256."""
        halves = {"support": self.support} | {
            f"axes.{name}": axes for name, axes in self.scaling.axes.items()
        }
        whole = {
            "mean": self.scaling.mean,
            "deviation": self.scaling.deviation,
            "duals": self.duals,
            "intercepts": self.intercepts,
        }
        content = safetensors.numpy.save(
            {name: np.ascontiguousarray(each, np.float16) for name, each in halves.items()}
            | {name: np.ascontiguousarray(each, np.float32) for name, each in whole.items()}
        )
        (folder / FILE).write_bytes(content)
        return hashlib.sha256(content).hexdigest()


def load_judged(folder: Path, sha256: str) -> JudgedExchanges:
    """Return what `save` wrote.

    Raises:
        ValueError: the file is not there, is not the one of this checksum, or is none of this kind.
    """
    try:
        content = (folder / FILE).read_bytes()
        if (digest := hashlib.sha256(content).hexdigest()) != sha256:
            raise ValueError(f"its checksum is {digest}, and the card says {sha256}")
        read = {
            name: each.astype(np.float32) for name, each in safetensors.numpy.load(content).items()
        }
        axes = {name: read[f"axes.{name}"] for name in VIEWS}
        scaling = Scaling(read["mean"], read["deviation"], axes)
        return JudgedExchanges(scaling, read["support"], read["duals"], read["intercepts"])
    except (OSError, SafetensorError, KeyError) as error:
        raise ValueError(f"it cannot be read: {error}") from error


def vectors_of(exchanges: Sequence[Exchange], encoder: Encoder) -> dict[str, Array]:
    """Return the vectors that VIEWS names, each of shape (exchanges, dimension).

    The product is multiplied so that it is about as long as a vector.
    """
    learner = encoder.encode([each.student for each in exchanges])
    tutor = encoder.encode([each.teacher for each in exchanges])
    both: Array = learner * tutor * np.float32(learner.shape[1] ** 0.5)
    return {"learner": learner, "tutor": tutor, "both": both}


def numbers_of(exchanges: Sequence[Exchange], views: Mapping[str, Array]) -> Array:
    """Return overlap and the cosine of both turns, shape (exchanges, NUMBERS)."""
    cosine = (views["learner"] * views["tutor"]).sum(1, keepdims=True)
    if not exchanges:
        return np.zeros((0, NUMBERS), np.float32)
    return np.hstack(
        (np.stack([overlap(each.student, each.teacher) for each in exchanges]), cosine)
    )
