"""Fits the network of segments on lessons, and counts how lessons are built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from features.segmentation import Array, ProblemFit, content_words, row_features, tokens
from models.segments.decoding import Evidence
from models.segments.network import WORDS_READ, RowScores, word_places
from training.lesson_link import NO_PROBLEM, OTHER_PROBLEM, LinkedLesson
from training.segment_network import SegmentNetwork

EPOCHS = 6
BATCH = 8
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 3e-2
BOUNDARIES_COUNT = 8.0
LABELS_COUNT = 0.5
"""What the two losses count: boundaries are rare, labels are learnt on the way."""

KNOWN_WORDS = 4_000
SAID_IN = 12
"""Utterances that a word or pair must be said in to be known."""

COMMON_LESSONS = 3
"""Lessons that a content word must be said in for its frequency to be written down."""


@dataclass(frozen=True, slots=True)
class Row:
    """A lesson made ready for the network."""

    features: Array
    words: NDArray[np.int64]
    begins: NDArray[np.bool_]
    labels: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FittedNetwork:
    """A network and what its inputs are scaled by."""

    network: SegmentNetwork
    mean: Array
    deviation: Array

    def scores(self, row: Row) -> RowScores:
        """Return what it says of a lesson."""
        self.network.eval()
        scaled, words, there, *_ = _padded(self, [row])
        with torch.no_grad():
            return RowScores.of(self.network(scaled, words, there)[0].numpy())


@dataclass(frozen=True, slots=True)
class ReadLesson:
    """What is read of a lesson whatever the vocabulary.

    Attributes:
        said: words and pairs of each utterance.
    """

    features: Array
    said: Sequence[Sequence[str]]
    labels: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SegmentModel:
    """A fitted network with all that it reads by.

    Attributes:
        places: numbers of the words that it knows.
        common: how often content words are said, in a million.
    """

    fitted: FittedNetwork
    places: Mapping[str, int]
    common: Mapping[str, float]

    def evidence(self, lesson: LinkedLesson, read: ReadLesson) -> Evidence:
        """Return what decoding needs of a lesson."""
        fit = ProblemFit(lesson.problems, self.common)
        scores = self.fitted.scores(made_ready(lesson, read, self.places))
        return Evidence(scores, fit.words(lesson.spoken), fit.numbers(lesson.spoken))


def fit_model(
    lessons: Sequence[LinkedLesson], read: Sequence[ReadLesson], epochs: int, seed: int = 0
) -> SegmentModel:
    """Fit a network, its vocabulary and the frequency of words on lessons and on nothing else."""
    places = {word: place for place, word in enumerate(known_words(read))}
    rows = [made_ready(lesson, each, places) for lesson, each in zip(lessons, read, strict=True)]
    return SegmentModel(fit_network(rows, len(places), seed, epochs), places, common_words(lessons))


def read_lesson(lesson: LinkedLesson) -> ReadLesson:
    """Return what the network may read of a lesson, and what each row is part of."""
    labels = np.full(len(lesson.problem), 2)
    labels[lesson.problem == NO_PROBLEM] = 0
    labels[lesson.problem == OTHER_PROBLEM] = 1
    said = [tokens(line.text) for line in lesson.spoken]
    return ReadLesson(row_features(lesson.spoken), said, labels)


def known_words(lessons: Sequence[ReadLesson]) -> list[str]:
    """Return the words and pairs that are said often, the most frequent first."""
    said = Counter[str]()
    for lesson in lessons:
        for words in lesson.said:
            said.update(set(words))
    # Equals in alphabetical order: sets come in another one in every process.
    ordered = sorted(said.items(), key=lambda each: (-each[1], each[0]))
    return [word for word, n in ordered[:KNOWN_WORDS] if n >= SAID_IN]


def common_words(lessons: Sequence[LinkedLesson]) -> dict[str, float]:
    """Return how often content words are said, in a million of them."""
    said, where = Counter[str](), Counter[str]()
    for lesson in lessons:
        words = Counter(word for line in lesson.spoken for word in set(content_words(line.text)))
        said.update(words)
        where.update(words.keys())
    total = said.total()
    return {
        word: round(1e6 * n / total, 1)
        for word, n in sorted(said.items())
        if where[word] >= COMMON_LESSONS
    }


def made_ready(lesson: LinkedLesson, read: ReadLesson, places: Mapping[str, int]) -> Row:
    """Return what the network reads of a lesson, and what it should say."""
    return Row(read.features, word_places(read.said, places), lesson.begins, read.labels)


def fit_network(rows: Sequence[Row], vocabulary: int, seed: int, epochs: int) -> FittedNetwork:
    """Fit on lessons; the same ones and seed give the same network on the same machine."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    everything = np.concatenate([row.features for row in rows])
    mean, deviation = everything.mean(axis=0), everything.std(axis=0) + 1e-3
    network = SegmentNetwork(everything.shape[1], vocabulary)
    fitted = FittedNetwork(network, mean, deviation)
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    batches = epochs * -(-len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=batches)
    generator = np.random.default_rng(seed)
    network.train()
    for _ in range(epochs):
        order = generator.permutation(len(rows))
        for start in range(0, len(order), BATCH):
            _step(fitted, [rows[place] for place in order[start : start + BATCH]], optimiser)
            schedule.step()
    return fitted


def _step(fitted: FittedNetwork, rows: Sequence[Row], optimiser: torch.optim.Optimizer) -> None:
    scaled, words, there, begins, labels = _padded(fitted, rows)
    logits = fitted.network(scaled, words, there)
    boundary = nn.functional.binary_cross_entropy_with_logits(
        logits[..., 0], begins, reduction="none"
    )
    label = nn.functional.cross_entropy(logits[..., 1:].transpose(1, 2), labels, reduction="none")
    loss = ((BOUNDARIES_COUNT * boundary + LABELS_COUNT * label) * there).sum() / there.sum()
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    nn.utils.clip_grad_norm_(fitted.network.parameters(), 1.0)
    optimiser.step()


def _padded(fitted: FittedNetwork, rows: Sequence[Row]) -> tuple[Tensor, ...]:
    """Return lessons side by side; where one has ended, there is nothing."""
    longest = max(len(row.begins) for row in rows)
    scaled = np.zeros((len(rows), longest, len(fitted.mean)), np.float32)
    nothing = fitted.network.nothing
    words = np.full((len(rows), longest, WORDS_READ), nothing, np.int64)
    there, begins = np.zeros((2, len(rows), longest), np.float32)
    labels = np.zeros((len(rows), longest), np.int64)
    for place, row in enumerate(rows):
        kept = slice(0, len(row.begins))
        scaled[place, kept] = (row.features - fitted.mean) / fitted.deviation
        words[place, kept], there[place, kept] = row.words, 1.0
        begins[place, kept], labels[place, kept] = row.begins, row.labels
    return tuple(map(torch.from_numpy, (scaled, words, there, begins, labels)))
