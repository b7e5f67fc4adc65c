"""Labelled talk: moves of sentences, uptake and focusing of exchanges, as they are published.

A folder holds one file of each set: `talkmoves/*teacher*.tsv` and `*student*.tsv` (Suresh et al.
2022), `uptake/*.csv` (Demszky et al. 2021), `funneling_focusing/*.csv` (Alic et al. 2022); each may
be packed as `.gz`.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

from lessons.errors import InvalidInput, NotFound
from models.talk_moves.interface import (
    CONTEXT_TURNS,
    STUDENT_MOVES,
    TEACHER_MOVES,
    Exchange,
    Role,
    Said,
    Turn,
)

FIELD = "data"
MOVES_FOLDER, UPTAKE_FOLDER, FOCUSING_FOLDER = "talkmoves", "uptake", "funneling_focusing"
_MOVE_COLUMNS = ("text_a", "text_b", "labels")


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    """A sentence whose move raters agreed on.

    Attributes:
        label: place in TEACHER_MOVES or STUDENT_MOVES.
    """

    turn: Turn
    label: int


@dataclass(frozen=True, slots=True)
class LabelledExchange:
    """An exchange as raters saw it; None where they were not asked or did not agree.

    Attributes:
        transcript: the lesson that it is from.
        uptake: average z-score.
        focusing: average z-score among all exchanges.
        focusing_filtered: average z-score among exchanges with a question.
        student_on_task: share of raters.
        teacher_on_task: share of raters.
        student_on_task_majority: 1 or 0.
    """

    transcript: str
    exchange: Exchange
    uptake: float | None = None
    focusing: float | None = None
    focusing_filtered: float | None = None
    student_on_task: float | None = None
    teacher_on_task: float | None = None
    student_on_task_majority: float | None = None


def read_moves(folder: Path, role: Role) -> list[LabelledTurn]:
    """Return the sentences of a role, in the file's order, with up to three turns before each.

    The files hold the sentence before (`text_a`) where it is of the other role, or of anybody for
    learners; what lies before that is taken from the rows above.

    Raises:
        NotFound: the folder has no such file.
        InvalidInput: it is not one of the published form.
    """
    path = _only_file(folder / MOVES_FOLDER, "teacher" if role == "tutor" else "student", ".tsv")
    moves = TEACHER_MOVES if role == "tutor" else STUDENT_MOVES
    found: list[LabelledTurn] = []
    past: list[Said] = []
    for number, row in enumerate(_rows(path, "\t", _MOVE_COLUMNS), 2):
        before, text = row["text_a"].strip(), row["text_b"].strip()
        if before and (not past or past[-1].text != before):
            past.append(Said(before, "learner" if role == "tutor" else "tutor"))
        turn = Turn(text, role, tuple(past[-CONTEXT_TURNS:]))
        found.append(LabelledTurn(turn, _label(path, number, row["labels"], len(moves))))
        past = [*past[-CONTEXT_TURNS:], Said(text, role)]
    return found


def read_uptake(folder: Path) -> list[LabelledExchange]:
    """Return the exchanges whose uptake and being on task were rated.

    Raises:
        NotFound, InvalidInput: as `read_moves`.
    """
    path = _only_file(folder / UPTAKE_FOLDER, "", ".csv")
    wanted = ("obs_id", "student_text", "teacher_text", "uptake_zscore", "student_on_task_majority")
    return [
        LabelledExchange(
            row["obs_id"],
            Exchange(row["student_text"], row["teacher_text"]),
            uptake=_number(row["uptake_zscore"]),
            student_on_task=_number(row["student_on_task"]),
            teacher_on_task=_number(row["teacher_on_task"]),
            student_on_task_majority=_number(row["student_on_task_majority"]),
        )
        for row in _rows(path, ",", (*wanted, "student_on_task", "teacher_on_task"))
    ]


def read_focusing(folder: Path) -> list[LabelledExchange]:
    """Return the exchanges that were rated as focusing, funnelling or neither.

    Raises:
        NotFound, InvalidInput: as `read_moves`.
    """
    path = _only_file(folder / FOCUSING_FOLDER, "", ".csv")
    scores = ("follow_up_unfiltered_zscore", "follow_up_filtered_zscore")
    return [
        LabelledExchange(
            row["obs_id"],
            Exchange(row["student_text"], row["teacher_text"]),
            focusing=_number(row[scores[0]]),
            focusing_filtered=_number(row[scores[1]]),
        )
        for row in _rows(path, ",", ("obs_id", "student_text", "teacher_text", *scores))
    ]


def _only_file(folder: Path, part: str, ending: str) -> Path:
    found = sorted(
        path
        for path in folder.glob("*")
        if part in path.name and path.name.removesuffix(".gz").endswith(ending)
    )
    if len(found) != 1:
        raise NotFound(
            f"{folder} holds {len(found)} files `*{part}*{ending}` or `.gz`, and one is wanted.",
            field=FIELD,
            fix="Give the folder that holds talkmoves/, uptake/ and funneling_focusing/.",
        )
    return found[0]


def _rows(path: Path, delimiter: str, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    with _open(path) as file:
        reader = csv.DictReader(file, delimiter=delimiter)
        if missing := set(columns) - set(reader.fieldnames or ()):
            raise InvalidInput(
                f"{path} has no column {', '.join(sorted(missing))}.",
                field=FIELD,
                fix="It must be the file as its authors publish it.",
            )
        yield from reader


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8", newline=""))
    return path.open(encoding="utf-8", newline="")


def _label(path: Path, number: int, label: str, moves: int) -> int:
    value = _number(label)
    if value is None or not value.is_integer() or not 0 <= value < moves:
        raise InvalidInput(
            f"Line {number} of {path} has the label {label!r}.",
            field=FIELD,
            fix=f"Labels are 0 to {moves - 1}.",
        )
    return int(value)


def _number(text: str) -> float | None:
    try:
        return float(text) if text.strip() not in ("", "NA", "None", "nan") else None
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a number.", field=FIELD) from error
