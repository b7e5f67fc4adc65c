"""Counts n-grams of letters with their phones, and smooths them (interpolated Kneser-Ney)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.captions.letter_to_phone import BITS, END, START, Keys, NgramTable

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Counted:
    """The n-grams of one order, sorted, and how often each was seen."""

    keys: Keys
    counts: Counts


def ngram_tables(words: Sequence[Sequence[int]], order: int) -> list[NgramTable]:
    """Return tables of order 1 up to `order` for words as sequences of units."""
    counted = _count(words, order)
    backoffs = [*map(_backoffs, counted[1:]), {}]
    return [
        _table(each.keys, probabilities, weights)
        for each, probabilities, weights in zip(
            counted, _interpolated(counted), backoffs, strict=True
        )
    ]


def _count(words: Sequence[Sequence[int]], order: int) -> list[_Counted]:
    """Count the highest order as it was seen, each lower one by what was seen before it."""
    highest = np.fromiter(
        (
            key
            for word in words
            for key in _packed([START] * (order - 1) + list(word) + [END], order)
        ),
        np.uint64,
    )
    keys, seen = np.unique(highest, return_counts=True)
    counted = [_Counted(keys, seen.astype(np.float64))]
    for size in range(order - 1, 0, -1):
        mask = np.uint64((1 << BITS * size) - 1)
        keys, seen = np.unique(counted[0].keys & mask, return_counts=True)
        counted.insert(0, _Counted(keys, seen.astype(np.float64)))
    return counted


def _packed(units: list[int], order: int) -> list[int]:
    keys, mask, key = [], (1 << BITS * order) - 1, 0
    for place, unit in enumerate(units):
        key = ((key << BITS) | unit) & mask
        if place >= order - 1:
            keys.append(key)
    return keys


def _interpolated(counted: Sequence[_Counted]) -> list[Counts]:
    """Return the probability of every n-gram's last unit after the others."""
    probabilities: list[Counts] = []
    for size, each in enumerate(counted, start=1):
        context_of, totals, kinds = _contexts(each)
        discount = _discount(each.counts)
        own = np.maximum(each.counts - discount, 0) / totals[context_of]
        rest = discount * kinds[context_of] / totals[context_of]
        if size == 1:
            lower = np.full(len(each.keys), 1 / len(each.keys))
        else:
            shorter = each.keys & np.uint64((1 << BITS * (size - 1)) - 1)
            lower = probabilities[-1][np.searchsorted(counted[size - 2].keys, shorter)]
        probabilities.append(own + rest * lower)
    return probabilities


def _contexts(each: _Counted) -> tuple[NDArray[np.intp], Counts, Counts]:
    """Return each n-gram's context, and every context's total count and number of n-grams."""
    _, context_of = np.unique(each.keys >> np.uint64(BITS), return_inverse=True)
    totals = np.bincount(context_of, weights=each.counts).astype(np.float64)
    kinds = np.bincount(context_of).astype(np.float64)
    return context_of.astype(np.intp), totals, kinds


def _backoffs(longer: _Counted) -> dict[int, float]:
    """Return the weight that each context leaves to shorter ones, as log-probability."""
    _, totals, kinds = _contexts(longer)
    contexts = np.unique(longer.keys >> np.uint64(BITS))
    weights = np.log(_discount(longer.counts) * kinds / totals)
    return dict(zip(contexts.tolist(), weights.tolist(), strict=True))


def _discount(counts: Counts) -> float:
    """Return Ney's absolute discount, from how many n-grams were seen once and twice."""
    once, twice = float(np.sum(counts == 1)), float(np.sum(counts == 2))
    return min(0.95, once / (once + 2 * twice)) if once and twice else 0.5


def _table(keys: Keys, probabilities: Counts, backoffs: dict[int, float]) -> NgramTable:
    """Join the n-grams of one order with those that only occur as contexts."""
    scores = dict(zip(keys.tolist(), np.log(probabilities).tolist(), strict=True))
    joined = sorted(scores.keys() | backoffs.keys())
    return NgramTable(
        np.array(joined, np.uint64),
        np.array([scores.get(key, -100.0) for key in joined], np.float32),
        np.array([backoffs.get(key, 0.0) for key in joined], np.float32),
    )
