"""How a word that no dictionary lists may be said: a model of letters and their phones.

A joint n-gram model (Bisani and Ney 2008): every letter with its phones (none, one or two) is one
unit, and a unit depends on those before it. Trained by `training/train_pronunciations.py` on the
dictionary that pocketsphinx carries; the card beside the weights says how well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BITS = 8
"""Bits of a unit in the key of an n-gram."""
START, END = 0, 1
"""Units that stand before and behind every word."""
STEP = 1 / 16
"""Nats of one step of a stored log-probability; they fit a byte from 0 down to -16."""
BEAM = 24
"""Spellings-with-phones that are followed at a time."""
LONGEST_WORD = 40

Keys = NDArray[np.uint64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NgramTable:
    """The n-grams of one order, sorted by key: the units packed oldest first, BITS bits each.

    Attributes:
        keys: uint64, shape (n,).
        scores: natural log-probability of the last unit after the others, shape (n,).
        backoffs: what is added where this n-gram is a context that lacks the next unit, shape (n,).
    """

    keys: Keys
    scores: Floats
    backoffs: Floats

    def find(self, keys: Keys) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return the place of each key, and whether it is there at all."""
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return places, self.keys[places] == keys


class LetterToPhone:
    """Pronounces words by their letters.

    Args:
        units: the letter and the phones of every unit, from unit 2 on.
        tables: n-grams of order 1, 2, ... without a gap.
    """

    def __init__(
        self, units: Sequence[tuple[str, tuple[str, ...]]], tables: Sequence[NgramTable]
    ) -> None:
        self._phones = [(), (), *(phones for _, phones in units)]
        self._tables = tables
        by_letter: defaultdict[str, list[int]] = defaultdict(list)
        for unit, (letter, _) in enumerate(units, start=END + 1):
            by_letter[letter].append(unit)
        self._of_letter = {
            letter: np.array(found, np.uint64) for letter, found in by_letter.items()
        }

    def pronounce(self, word: str, most: int = 1) -> list[str]:
        """Return up to `most` pronunciations as ARPAbet phones, the likeliest first.

        Empty for a word with a letter that English words do not have.
        """
        letters = word.lower()
        known = all(letter in self._of_letter for letter in letters)
        if not known or not 0 < len(letters) <= LONGEST_WORD:
            return []
        histories = np.zeros(1, np.uint64)  # Units before the word are all START, which is 0.
        scores = np.zeros(1, np.float32)
        paths = np.zeros((1, 0), np.uint64)
        for letter in letters:
            units = self._of_letter[letter]
            totals = scores[:, None] + self._score(histories, units)
            kept = np.argsort(-totals, axis=None, kind="stable")[:BEAM]
            parents, chosen = np.divmod(kept, len(units))
            added = units[chosen]
            histories = (histories[parents] << np.uint64(BITS)) | added
            scores = totals.reshape(-1)[kept]
            paths = np.hstack([paths[parents], added[:, None]])
        scores = scores + self._score(histories, np.array([END], np.uint64))[:, 0]
        return self._spoken(paths, scores)[:most]

    def _spoken(self, paths: Keys, scores: Floats) -> list[str]:
        """Return the phones of the paths, the likeliest first; several may say the same."""
        sums: defaultdict[str, float] = defaultdict(float)
        for path, score in zip(paths, scores, strict=True):
            phones = " ".join(phone for unit in path for phone in self._phones[int(unit)])
            sums[phones] += float(np.exp(score))
        return sorted((phones for phones in sums if phones), key=lambda phones: -sums[phones])

    def _score(self, histories: Keys, units: Keys) -> Floats:
        """Return log-probabilities of units after histories, shape (histories, units)."""
        shape = (len(histories), len(units))
        scores = np.zeros(shape, np.float32)
        open_ = np.ones(shape, bool)
        for order in range(len(self._tables), 0, -1):
            context = histories & np.uint64((1 << BITS * (order - 1)) - 1)
            keys = (context[:, None] << np.uint64(BITS)) | units[None, :]
            places, there = self._tables[order - 1].find(keys)
            scores += np.where(open_ & there, self._tables[order - 1].scores[places], 0)
            open_ &= ~there
            if order > 1:
                shorter = self._tables[order - 2]
                places, there = shorter.find(context)
                backoff = np.where(there, shorter.backoffs[places], 0)
                scores += np.where(open_, backoff[:, None], 0)
        return scores


def load_letter_to_phone(path: Path) -> LetterToPhone:
    """Read weights as `write_weights` of the training stores them."""
    with np.load(path) as stored:
        return _of_arrays(stored)


@cache
def shipped_letter_to_phone() -> LetterToPhone:
    """Return the model that ships, read once in a process."""
    with (
        (files("models.captions") / "pronunciations.npz").open("rb") as file,
        np.load(file) as all_,
    ):
        return _of_arrays(all_)


def _of_arrays(stored: Mapping[str, NDArray[np.generic]]) -> LetterToPhone:
    units = [(str(unit)[0], tuple(str(unit)[1:].split())) for unit in stored["units"]]
    tables, order = [], 1
    while f"keys_{order}" in stored:
        tables.append(
            NgramTable(
                np.cumsum(stored[f"keys_{order}"].astype(np.uint64), dtype=np.uint64),
                stored[f"scores_{order}"].astype(np.float32) * np.float32(-STEP),
                stored[f"backoffs_{order}"].astype(np.float32) * np.float32(-STEP),
            )
        )
        order += 1
    return LetterToPhone(units, tables)
