"""Fits the model that pronounces what no dictionary lists, and measures it on words held out.

    python -m training.train_pronunciations            measure, write nothing
    python -m training.train_pronunciations --write    and replace what ships in models/captions

Both use the dictionary that pocketsphinx carries (CMUdict for US English, BSD-2-Clause). Words that
share their first five letters are on one side of the split: `fraction` says how to pronounce
`fractions`, and that would flatter.
"""

from __future__ import annotations

import argparse
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from models.captions.letter_to_phone import STEP, LetterToPhone, NgramTable
from training.joint_ngrams import ngram_tables
from training.letter_alignment import Chunk, Entry, LetterAligner

FOLDER = Path(__file__).parents[1] / "models" / "captions"
WEIGHTS, CARD = FOLDER / "pronunciations.npz", FOLDER / "pronunciations_card.md"

ORDER = 5
"""Units of the longest n-gram. Orders 6 and 7 were no better on the first split, and larger."""
RAREST_UNIT = 5
"""Times that a letter has to stand for some phones to become a unit."""
ALIGNED_ON = 12_000
"""Entries that the aligner is fitted on; it then aligns all."""
SHARED_LETTERS = 5
HELD_OUT_OF = 10
"""One group of words in ten is held out."""
MEASURED_WORDS = 4_000
RESAMPLES = 2_000
SEED = 20_261_125

SHORTEST_PART = 3
"""Letters of the shortest listed word that a joined one is made of."""

Listed = Mapping[str, Sequence[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class PhoneErrors:
    """One way to pronounce, measured on words held out.

    Attributes:
        rate, low, high: phone error rate with its 95 % bootstrap interval, drawing groups of words.
        right: share of words pronounced as the dictionary has it.
        words: how many were measured.
    """

    name: str
    rate: float
    low: float
    high: float
    right: float
    words: int


def main() -> None:
    """Fit, measure and print; write the weights and their card if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--write", action="store_true", help="replace what ships")
    write = parser.parse_args().write
    entries = listed_pronunciations()
    fitted_on = [entry for entry in entries if not is_held_out(entry.word)]
    units, words = aligned_units(fitted_on)
    tables = ngram_tables(words, ORDER)
    rows = measure(entries, units, words, LetterToPhone(units, tables))
    text = figures(rows, len(fitted_on))
    print(text)
    if write:
        write_weights(WEIGHTS, units, tables)
        before, _, rest = CARD.read_text("utf-8").partition("<!-- figures -->")
        _, _, after = rest.partition("<!-- /figures -->")
        marked = f"<!-- figures -->\n{text}\n<!-- /figures -->"
        CARD.write_text(f"{before}{marked}{after}", "utf-8")


def listed_pronunciations() -> list[Entry]:
    """Return the dictionary's words of letters alone, each with every pronunciation listed."""
    path = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    entries = []
    for line in path.read_text("utf-8").splitlines():
        name, *phones = line.split()
        word = re.sub(r"\(\d+\)$", "", name)
        if re.fullmatch("[a-z']+", word):
            entries.append(Entry(word, tuple(phones)))
    return entries


def is_held_out(word: str) -> bool:
    """Tell whether a word is measured on; words with the same beginning always go together."""
    return zlib.crc32(_group(word)) % HELD_OUT_OF == 0


def _group(word: str) -> bytes:
    return word[:SHARED_LETTERS].encode()


def aligned_units(entries: Sequence[Entry]) -> tuple[list[tuple[str, Chunk]], list[list[int]]]:
    """Return the units that words are made of, and every word as numbers of units."""
    drawn = np.random.default_rng(SEED).choice(len(entries), min(ALIGNED_ON, len(entries)), False)
    aligner = LetterAligner([entries[index] for index in drawn])
    aligned = [
        list(zip(entry.word, chunks, strict=True))
        for entry in entries
        if (chunks := aligner.align(entry)) is not None
    ]
    seen = Counter(unit for word in aligned for unit in word)
    units = sorted(unit for unit, times in seen.items() if times >= RAREST_UNIT)
    numbers = {unit: number for number, unit in enumerate(units, start=2)}
    words = [
        [numbers[unit] for unit in word]
        for word in aligned
        if all(unit in numbers for unit in word)
    ]
    return units, words


def measure(
    entries: Sequence[Entry],
    units: Sequence[tuple[str, Chunk]],
    words: Sequence[Sequence[int]],
    model: LetterToPhone,
) -> list[PhoneErrors]:
    """Measure the model and what it stands beside, on a fixed draw of the words held out."""
    held_out: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    fitted_on: dict[str, str] = {}
    for entry in entries:
        if is_held_out(entry.word):
            held_out[entry.word].append(entry.phones)
        else:
            fitted_on.setdefault(entry.word, " ".join(entry.phones))
    drawn = np.random.default_rng(SEED).permutation(sorted(held_out))[:MEASURED_WORDS]
    chosen = {str(word): held_out[str(word)] for word in drawn}
    letters = LetterToPhone(units, ngram_tables(words, 1))
    compounds = {word: held_out[word] for word in chosen if joined(word, fitted_on)}
    by_compound = {word: joined(word, fitted_on) for word in compounds}
    by_model = {word: model.pronounce(word) for word in chosen}
    by_letter = {word: letters.pronounce(word) for word in chosen}
    return [
        phone_errors("each letter by itself", chosen, by_letter),
        phone_errors(f"the model (order {ORDER})", chosen, by_model),
        phone_errors("words that are two listed ones: joined", compounds, by_compound),
        phone_errors("words that are two listed ones: the model", compounds, by_model),
    ]


def joined(word: str, listed: Mapping[str, str]) -> list[str]:
    """Return the pronunciation of two listed words in one, of those whose shorter part is longest.

    The model is better, so this is only what it is held against.
    """
    cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    for cut in sorted(cuts, key=lambda cut: abs(2 * cut - len(word))):
        if word[:cut] in listed and word[cut:] in listed:
            return [f"{listed[word[:cut]]} {listed[word[cut:]]}"]
    return []


def phone_errors(name: str, listed: Listed, said: Mapping[str, Sequence[str]]) -> PhoneErrors:
    """Compare the first of what is said with the nearest listed pronunciation of each word."""
    groups: defaultdict[bytes, NDArray[np.int64]] = defaultdict(lambda: np.zeros(2, np.int64))
    right = 0
    for word, references in listed.items():
        phones = tuple(said[word][0].split())
        errors, length = min((_distance(phones, each), len(each)) for each in references)
        groups[_group(word)] += (errors, length)
        right += errors == 0
    counts = np.array(list(groups.values()))
    drawn = np.random.default_rng(SEED).integers(0, len(counts), (RESAMPLES, len(counts)))
    resampled = counts[drawn].sum(axis=1)
    low, high = np.quantile(resampled[:, 0] / resampled[:, 1], [0.025, 0.975])
    errors, phones_count = counts.sum(axis=0)
    rate = float(errors / phones_count)
    return PhoneErrors(name, rate, float(low), float(high), right / len(listed), len(listed))


def _distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Return substitutions, deletions and insertions between two pronunciations."""
    row = list(range(len(second) + 1))
    for place, phone in enumerate(first, start=1):
        previous, row[0] = row[0], place
        for column, other in enumerate(second, start=1):
            changed = previous + (phone != other)
            previous = row[column]
            row[column] = min(row[column] + 1, row[column - 1] + 1, changed)
    return row[-1]


def figures(rows: Sequence[PhoneErrors], fitted_on: int) -> str:
    """Return the measurements as a Markdown table."""
    lines = [
        f"Fitted on {fitted_on} pronunciations; measured on words of other beginnings.",
        "",
        "| how | words | phone error rate (95 %) | words right |",
        "|---|---|---|---|",
    ]
    for row in rows:
        interval = f"{row.rate:.1%} ({row.low:.1%} to {row.high:.1%})"
        lines.append(f"| {row.name} | {row.words} | {interval} | {row.right:.1%} |")
    return "\n".join(lines)


def write_weights(
    path: Path, units: Sequence[tuple[str, Chunk]], tables: Sequence[NgramTable]
) -> None:
    """Store units and tables: keys as differences, log-probabilities in bytes."""
    stored: dict[str, NDArray[np.generic]] = {
        "units": np.array([letter + " ".join(phones) for letter, phones in units])
    }
    for order, table in enumerate(tables, start=1):
        stored[f"keys_{order}"] = np.diff(table.keys, prepend=np.uint64(0))
        stored[f"scores_{order}"] = _in_bytes(table.scores)
        stored[f"backoffs_{order}"] = _in_bytes(table.backoffs)
    np.savez_compressed(path, **stored)  # type: ignore[arg-type]


def _in_bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.round(-values / STEP), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
