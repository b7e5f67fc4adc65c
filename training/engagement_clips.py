"""Published clips with engagement labels: DAiSEE and EngageNet folders, as their authors lay them.

    python -m training.engagement_clips daisee FOLDER
    python -m training.engagement_clips engagenet FOLDER

says what is there: clips, people and levels of each split, and whether anybody is in two of them.

Both are for research only: what is fitted on them never ships. DAiSEE labels boredom, confusion and
frustration beside engagement; these are emotions, Lectern infers none (EU AI Act, Article 5(1)(f)),
and only the column of engagement is read.

Sources: Gupta, D'Cunha, Awasthi and Balasubramanian 2016, "DAiSEE: Towards User Engagement
Recognition in the Wild"; Singh, Verma, Singh, Dhall 2023, "Do I Have Your Attention: A Large Scale
Engagement Prediction Dataset and Baselines" (EngageNet).
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from openpyxl import load_workbook

from lessons.errors import InvalidInput, LecternError

Split = Literal["train", "validation", "test"]

FOLDERS: dict[Split, str] = {"train": "Train", "validation": "Validation", "test": "Test"}
DAISEE_LABELS = "{folder}Labels.csv"
DAISEE_SUFFIXES = (".avi", ".mp4")
ENGAGENET_LABELS: dict[Split, str] = {
    "train": "train_engagement_labels",
    "validation": "validation_engagement_labels",
    "test": "test_engagement_labels",
}
ENGAGENET_LEVELS = {"not-engaged": 0, "barely-engaged": 1, "engaged": 2, "highly-engaged": 3}
SUBJECT_NOT_PRESENT = "snp(subject not present)"


@dataclass(frozen=True, slots=True)
class EngagementClip:
    """One clip.

    Attributes:
        person: the data set's own number of who is in it.
        level: of engagement as observers rated it, 0 to 3; None: nobody is in the picture.
    """

    path: Path
    person: str
    split: Split
    level: int | None


def read_daisee(folder: Path) -> list[EngagementClip]:
    """Return the clips of a DAiSEE folder: `DataSet/<split>/<person>/<clip>/<clip>.avi`, `Labels/`.

    Labels without a clip, of which the published set has some, are left out.

    Raises:
        InvalidInput: a table of labels is missing or is none.
    """
    clips = []
    for split, name in FOLDERS.items():
        table = folder / "Labels" / DAISEE_LABELS.format(folder=name)
        for row in _rows(table, ("ClipID", "Engagement")):
            clip = Path(row["ClipID"]).stem
            person = clip[:6]
            place = folder / "DataSet" / name / person / clip / clip
            path = next(filter(Path.is_file, map(place.with_suffix, DAISEE_SUFFIXES)), None)
            if path is not None:
                clips.append(EngagementClip(path, person, split, _level(table, row["Engagement"])))
    return clips


def read_engagenet(folder: Path) -> list[EngagementClip]:
    """Return the clips of an EngageNet folder: `<split>/subject_<person>_....mp4`, labels beside.

    The labels are `.xlsx` for two splits and `.csv` for the third, as published; either does.

    Raises:
        InvalidInput: a table of labels is missing, is none, or has an unknown label.
    """
    clips = []
    for split, name in FOLDERS.items():
        tables = [folder / f"{ENGAGENET_LABELS[split]}{suffix}" for suffix in (".csv", ".xlsx")]
        table = next((each for each in tables if each.exists()), tables[0])
        for row in _rows(table, ("chunk", "label")):
            path = folder / name / Path(row["chunk"]).name
            if path.is_file():
                level = _named_level(table, row["label"])
                clips.append(EngagementClip(path, _person(table, row["chunk"]), split, level))
    return clips


def _rows(table: Path, columns: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Yield some columns of a table and nothing else of it."""
    try:
        lines = _sheet(table) if table.suffix == ".xlsx" else _lines(table)
        header = [str(each or "").strip() for each in next(lines, ())]
        places = {name: header.index(name) for name in columns}
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"There are no labels in {table.name}: {error}",
            field="folder",
            fix="Unpack the data set as it was published, and name its top folder.",
        ) from error
    for line in lines:
        if len(line) > max(places.values()):
            yield {name: str(line[place]).strip() for name, place in places.items()}


def _lines(table: Path) -> Iterator[Sequence[Any]]:
    return iter(list(csv.reader(table.read_text("utf-8-sig").splitlines())))


def _sheet(table: Path) -> Iterator[Sequence[Any]]:
    sheet = load_workbook(table, read_only=True, data_only=True).active
    return iter(list(sheet.iter_rows(values_only=True))) if sheet else iter(())


def _level(table: Path, told: str) -> int:
    if told not in {"0", "1", "2", "3"}:
        raise _unknown(table, told, "0 to 3")
    return int(told)


def _named_level(table: Path, told: str) -> int | None:
    if told.lower() == SUBJECT_NOT_PRESENT:
        return None
    try:
        return ENGAGENET_LEVELS[told.lower()]
    except KeyError as error:
        raise _unknown(table, told, ", ".join(ENGAGENET_LEVELS)) from error


def _person(table: Path, chunk: str) -> str:
    """Return the number of the person, from `subject_<number>_<rest>.mp4`."""
    parts = Path(chunk).name.split("_")
    if len(parts) < 3 or parts[0].lower() != "subject":
        raise _unknown(table, chunk, "clips named subject_<number>_<rest>.mp4")
    return parts[1]


def _unknown(table: Path, told: str, known: str) -> InvalidInput:
    return InvalidInput(
        f"{table.name} says {told!r}, and knows {known}.",
        field="label",
        fix="Fetch the labels again.",
    )


READERS = {"daisee": read_daisee, "engagenet": read_engagenet}


def summary(clips: Sequence[EngagementClip]) -> str:
    """Return what is there, and who is in more than one split: there must be nobody."""
    lines = []
    for split in FOLDERS:
        chosen = [each for each in clips if each.split == split]
        levels = Counter("nobody" if each.level is None else str(each.level) for each in chosen)
        told = ", ".join(f"{level}: {levels[level]}" for level in sorted(levels))
        people = len({each.person for each in chosen})
        lines.append(f"{split}: {len(chosen)} clips of {people} people; levels {told or 'none'}")
    places = Counter(person for person, _ in {(each.person, each.split) for each in clips})
    twice = sorted(person for person, count in places.items() if count > 1)
    lines.append(f"in more than one split: {', '.join(twice) or 'nobody'}")
    return "\n".join(lines)


def main() -> None:
    """Say what a folder holds."""
    parser = argparse.ArgumentParser(
        prog="python -m training.engagement_clips",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("dataset", choices=sorted(READERS), help="as which data set to read it")
    parser.add_argument("folder", type=Path, help="its top folder")
    arguments = parser.parse_args()
    try:
        print(summary(READERS[arguments.dataset](arguments.folder)))
    except LecternError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
