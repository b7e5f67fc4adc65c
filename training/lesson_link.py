"""Tutoring lessons with their segments and problems, as LessonLink was published.

LessonLink (Wang et al. 2024, "Problem-Oriented Segmentation and Retrieval", in the repository
rosewang2008/posr) is Apache-2.0: live online lessons on practice tests in mathematics, a row an
utterance.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.segmentation import WorksheetProblem
from lessons.errors import InvalidInput, NotFound

PRINTED_BEFORE: Mapping[str, int] = {"495": 24, "492": 18, "489": 10}
"""Problems of a test that stand before the first of those whose print was recognised.

`problems_ocr.json` counts from 1, while `actual_question_id` goes by the whole test's numbers.
Tutors say either.
"""

NO_PROBLEM, OTHER_PROBLEM = 0, -1
"""What `problem` holds where a segment is about none, or about one that the worksheet has not."""


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance, as `features.segmentation.Spoken` asks for it."""

    participant_id: str
    role: str
    start_ms: int
    end_ms: int
    text: str
    language: str | None = "en"


@dataclass(frozen=True, slots=True)
class LinkedLesson:
    """One lesson with what somebody marked in it.

    Attributes:
        worksheet: the worksheet's number.
        spoken: utterances in order of time.
        begins: shape (rows,), where a segment begins, but for the first.
        problem: shape (rows,), number of the problem, or `NO_PROBLEM`, or `OTHER_PROBLEM`.
        part: "train" or "test" as published.
    """

    lesson_id: str
    worksheet: str
    part: str
    spoken: Sequence[Line]
    begins: NDArray[np.bool_]
    problem: NDArray[np.int64]
    problems: Sequence[WorksheetProblem]


def read_lesson_link(folder: Path) -> list[LinkedLesson]:
    """Read `lessonlink.csv.gz` and `problems_ocr.json` of a folder.

    Raises:
        NotFound: one of them is not there.
        InvalidInput: a column is missing or a cell cannot be read.
    """
    table, print_of = folder / "lessonlink.csv.gz", folder / "problems_ocr.json"
    for path in (table, print_of):
        if not path.is_file():
            raise NotFound(
                f"There is no {path}.",
                field="folder",
                fix="Name the folder that holds lessonlink.csv.gz and problems_ocr.json.",
            )
    worksheets = _worksheets(json.loads(print_of.read_text("utf-8")))
    with gzip.open(table, "rt", encoding="utf-8", newline="") as file:
        return list(linked_lessons(csv.DictReader(file), worksheets))


def linked_lessons(
    rows: Iterable[Mapping[str, str]], worksheets: Mapping[str, Sequence[WorksheetProblem]]
) -> Iterator[LinkedLesson]:
    """Yield the lessons of rows with LessonLink's columns; rows of a lesson stand together.

    Raises:
        InvalidInput: a column is missing or a cell cannot be read.
    """
    try:
        for lesson_id, group in groupby(rows, key=lambda row: row["lesson"]):
            yield _lesson(lesson_id, list(group), worksheets)
    except (KeyError, ValueError) as wrong:
        raise InvalidInput(
            f"A row cannot be read: {wrong}.",
            field="lessonlink.csv.gz",
            fix="It needs the columns that LessonLink was published with.",
        ) from wrong


def _lesson(
    lesson_id: str,
    rows: Sequence[Mapping[str, str]],
    worksheets: Mapping[str, Sequence[WorksheetProblem]],
) -> LinkedLesson:
    # "490 (B1)" and "490.0" are the same worksheet.
    worksheet = rows[0]["ps"].partition(" ")[0].partition(".")[0]
    began = datetime.fromisoformat(rows[0]["startTimestamp"])
    segment = [float(row["actual_segment"]) for row in rows]
    return LinkedLesson(
        lesson_id,
        worksheet,
        rows[0]["split"],
        [_line(row, began) for row in rows],
        np.diff(segment, prepend=segment[0]) != 0,
        np.array([int(float(row["actual_question_id"] or NO_PROBLEM)) for row in rows]),
        worksheets.get(worksheet, ()),
    )


def _line(row: Mapping[str, str], began: datetime) -> Line:
    start, end = (
        round((datetime.fromisoformat(row[name]) - began).total_seconds() * 1_000)
        for name in ("startTimestamp", "endTimestamp")
    )
    role = "tutor" if row["speaker"] == "tutor" else "learner"
    return Line(row["speaker_id"], role, start, end, row["text"])


def _worksheets(
    print_of: Mapping[str, Mapping[str, str]],
) -> Mapping[str, Sequence[WorksheetProblem]]:
    worksheets = {}
    for worksheet, problems in print_of.items():
        before = PRINTED_BEFORE.get(worksheet, 0)
        worksheets[worksheet] = tuple(
            WorksheetProblem(
                str(int(number) + before), text, frozenset({int(number), int(number) + before})
            )
            for number, text in sorted(problems.items(), key=lambda each: int(each[0]))
        )
    return worksheets
