"""Aligns spellings with pronunciations: which phones each letter of a word stands for."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Chunk = tuple[str, ...]
"""The phones of one letter: none, one or two."""

MOST_PHONES = 2
ROUNDS = 6
SILENT_SHARE = 0.15
"""Of a letter's weight in the first round, to being silent; two phones share as much."""
RAREST = 1e-6
"""Probability of what a letter was never seen to stand for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One listed pronunciation of a word."""

    word: str
    phones: tuple[str, ...]


class LetterAligner:
    """Finds the likeliest phones of each letter; fitted by repeating what it found before.

    Args:
        entries: pronunciations to fit on.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._costs = _costs(_first_guess(entries))
        for _ in range(ROUNDS):
            counts: defaultdict[str, Counter[Chunk]] = defaultdict(Counter)
            for entry in entries:
                for letter, chunk in zip(entry.word, self.align(entry) or (), strict=False):
                    counts[letter][chunk] += 1
            self._costs = _costs(counts)

    def align(self, entry: Entry) -> list[Chunk] | None:
        """Return the phones of each letter, by Viterbi; None where there are too many phones."""
        phones, length = entry.phones, len(entry.phones)
        best: list[float] = [0.0] + [math.inf] * length
        steps: list[list[int]] = []
        for letter in entry.word:
            costs, unseen = self._costs[letter], -math.log(RAREST)
            reached, taken = [math.inf] * (length + 1), [0] * (length + 1)
            for start, cost in enumerate(best):
                if cost == math.inf:
                    continue
                for count in range(min(MOST_PHONES, length - start) + 1):
                    total = cost + costs.get(phones[start : start + count], unseen)
                    if total < reached[start + count]:
                        reached[start + count], taken[start + count] = total, count
            best = reached
            steps.append(taken)
        return None if best[length] == math.inf else _traced(phones, steps)


def _traced(phones: tuple[str, ...], steps: Sequence[Sequence[int]]) -> list[Chunk]:
    chunks, end = [], len(phones)
    for taken in reversed(steps):
        start = end - taken[end]
        chunks.append(phones[start:end])
        end = start
    return chunks[::-1]


def _first_guess(entries: Sequence[Entry]) -> Mapping[str, Counter[Chunk]]:
    """Count what stands near each letter, so that the first alignment is no accident."""
    near: defaultdict[str, Counter[Chunk]] = defaultdict(Counter)
    for entry in entries:
        for place, letter in enumerate(entry.word):
            for chunk, distance in _chunks(entry, place):
                near[letter][chunk] += math.exp(-3 * distance)  # type: ignore[assignment]
    for counts in near.values():
        pairs = sum(weight for chunk, weight in counts.items() if len(chunk) == MOST_PHONES)
        for chunk in counts:
            if len(chunk) == MOST_PHONES:
                counts[chunk] *= SILENT_SHARE / max(pairs, 1e-9)  # type: ignore[assignment]
        single = sum(weight for chunk, weight in counts.items() if len(chunk) == 1)
        for chunk in counts:
            if len(chunk) == 1:
                counts[chunk] *= (1 - 2 * SILENT_SHARE) / max(single, 1e-9)  # type: ignore[assignment]
        counts[()] = SILENT_SHARE  # type: ignore[assignment]
    return near


def _chunks(entry: Entry, place: int) -> Iterator[tuple[Chunk, float]]:
    """Give the chunks of a pronunciation and how far each lies from a letter, in phones."""
    scale = len(entry.phones) / len(entry.word)
    for count in (1, MOST_PHONES):
        for start in range(len(entry.phones) - count + 1):
            middle = start + count / 2
            yield entry.phones[start : start + count], abs(middle - (place + 0.5) * scale)


def _costs(counts: Mapping[str, Counter[Chunk]]) -> defaultdict[str, dict[Chunk, float]]:
    """Return negative log-probabilities of a letter's chunks."""
    costs: defaultdict[str, dict[Chunk, float]] = defaultdict(dict)
    for letter, chunks in counts.items():
        total = sum(chunks.values())
        costs[letter] = {
            chunk: -math.log(weight / total) for chunk, weight in chunks.items() if weight > 0
        }
    return costs
