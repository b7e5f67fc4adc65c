"""The network that scores each utterance: does a segment begin here, and what is it part of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from features.segmentation import FEATURES, Array, Spoken, row_features, tokens
from lessons.errors import InvalidInput
from models.segments.card import SegmentCard

WORDS_READ = 48
"""Words and pairs of an utterance that the network reads; the rest is left out."""

REACH = 15
"""Rows before and after a row that its scores depend on, its own features apart."""

Words = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RowInputs:
    """What the network reads of consecutive utterances, at least one.

    Attributes:
        scaled: shape (rows, features).
        words: shape (rows, `WORDS_READ`), see `word_places`.
    """

    scaled: Array
    words: Words

    def __len__(self) -> int:
        return len(self.scaled)


class RowModel(Protocol):
    """Gives the logits of rows. It keeps nothing between calls."""

    def logits(self, inputs: Sequence[RowInputs]) -> list[Array]:
        """Return the logits of several lessons' rows, shape (rows, 4) each."""
        ...


@dataclass(frozen=True, slots=True)
class RowScores:
    """What the network says of each utterance.

    Attributes:
        boundary: shape (rows,), logit that a segment begins at the row.
        labels: shape (rows, 3), log-probability of talk, an unknown problem, a known problem.
    """

    boundary: Array
    labels: Array

    def __getitem__(self, rows: slice) -> RowScores:
        return RowScores(self.boundary[rows], self.labels[rows])

    def followed_by(self, other: RowScores) -> RowScores:
        """Return these and then the other's rows."""
        return RowScores(
            np.concatenate([self.boundary, other.boundary]),
            np.concatenate([self.labels, other.labels]),
        )

    @classmethod
    def of(cls, logits: Array) -> RowScores:
        """Return the scores of the network's output, shape (rows, 4)."""
        labels = logits[:, 1:]
        normal = np.logaddexp.reduce(labels, axis=1, keepdims=True)
        return cls(logits[:, 0], labels - normal)


class OnnxRows:
    """A `RowModel` of dilated convolutions over utterances, run by onnxruntime on one thread.

    Raises:
        InvalidInput: the network is not the one that the card tells of.
    """

    def __init__(self, card: SegmentCard, network: bytes) -> None:
        digest = hashlib.sha256(network).hexdigest()
        if digest != card.sha256:
            raise InvalidInput(
                f"The network's checksum is {digest}, and its card says {card.sha256}.",
                field="segments.onnx",
                fix="Fetch it again, or write both: python -m training.train_segments --write.",
            )
        self._no_word = len(card.vocabulary)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            network, options, providers=["CPUExecutionProvider"]
        )

    def logits(self, inputs: Sequence[RowInputs]) -> list[Array]:
        """See `RowModel`; lessons of about the same length go through the network together."""
        logits: dict[int, Array] = {}
        for together in _alike_in_length(inputs):
            joined = self._joined([inputs[place] for place in together])
            for place, rows in zip(together, joined, strict=True):
                logits[place] = rows[: len(inputs[place])]
        return [logits[place] for place in range(len(inputs))]

    def _joined(self, inputs: Sequence[RowInputs]) -> Array:
        """Return logits of shape (lessons, rows of the longest, 4)."""
        shape = len(inputs), max(len(one) for one in inputs)
        scaled = np.zeros((*shape, inputs[0].scaled.shape[1]), np.float32)
        words = np.full((*shape, WORDS_READ), self._no_word, np.int64)
        there = np.zeros(shape, np.float32)
        for place, one in enumerate(inputs):
            scaled[place, : len(one)], words[place, : len(one)] = one.scaled, one.words
            there[place, : len(one)] = 1.0
        fed = {"scaled": scaled, "words": words, "there": there}
        (logits,) = self._session.run(None, fed)
        return np.asarray(logits, np.float32)


def shipped_rows(card: SegmentCard) -> OnnxRows:
    """Return the network that comes with Lectern.

    Raises:
        InvalidInput: it is not the one that the card tells of.
    """
    return OnnxRows(card, files("models.segments").joinpath("segments.onnx").read_bytes())


def _alike_in_length(inputs: Sequence[RowInputs]) -> Iterator[list[int]]:
    """Yield places of inputs, none of which is more than twice as long as another beside it."""
    together: list[int] = []
    for place in sorted(range(len(inputs)), key=lambda place: len(inputs[place])):
        if together and len(inputs[place]) > 2 * len(inputs[together[0]]):
            yield together
            together = []
        together.append(place)
    if together:
        yield together


class SegmentNetwork:
    """Scores utterances by what a row model says of their words and cues.

    Args:
        rows: the network that the card tells of, in this process or elsewhere.

    Raises:
        InvalidInput: features changed since the network was fitted.
    """

    def __init__(self, card: SegmentCard, rows: RowModel) -> None:
        if tuple(card.features) != FEATURES:
            raise InvalidInput(
                "The card's features are not those that are computed.",
                field="segments.json",
                fix="Write it anew: python -m training.train_segments --write.",
            )
        self._mean = np.array(card.mean, np.float32)
        self._deviation = np.array(card.deviation, np.float32)
        self._places = {word: place for place, word in enumerate(card.vocabulary)}
        self._rows = rows

    def scores(
        self,
        spoken: Sequence[Spoken],
        before: Spoken | None = None,
        rows_before: int = 0,
        began_ms: int | None = None,
    ) -> RowScores:
        """Return the scores of utterances in order of time.

        Args:
            before: the utterance just before these, if they are not the lesson's first.
            rows_before: how many utterances the lesson had before these.
            began_ms: when the lesson's first utterance began; None: these are the first.
        """
        if not spoken:
            return RowScores.of(np.zeros((0, 4), np.float32))
        if before is None:
            features = row_features(spoken)
        else:
            features = row_features([before, *spoken], rows_before - 1, began_ms)[1:]
        scaled = (features - self._mean) / self._deviation
        words = word_places([tokens(each.text) for each in spoken], self._places)
        (logits,) = self._rows.logits([RowInputs(scaled, words)])
        return RowScores.of(logits)

    def known_words(self, spoken: Sequence[Spoken]) -> float:
        """Return the share of words that training had seen: low in another language."""
        said = [word for each in spoken for word in tokens(each.text)[1:] if " " not in word]
        return sum(word in self._places for word in said) / len(said) if said else 0.0


def word_places(said: Sequence[Sequence[str]], places: Mapping[str, int]) -> Words:
    """Return the numbers of each utterance's words, shape (utterances, `WORDS_READ`), padded.

    Args:
        said: `tokens` of each utterance.
        places: numbers from 0 on; the one after the last stands for none.
    """
    rows = np.full((len(said), WORDS_READ), len(places), np.int64)
    for row, words in enumerate(said):
        found = dict.fromkeys(places[word] for word in words if word in places)
        kept = list(found)[:WORDS_READ]
        rows[row, : len(kept)] = kept
    return rows
