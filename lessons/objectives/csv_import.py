"""Curricula as CSV (RFC 4180): one objective per row.

Columns: `code` and `statement`, and if wanted `prerequisites` (codes with `;` or `|` between them),
`parent` (a code), `kind` and `external_id`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from lessons.errors import InvalidInput
from lessons.objectives.drafts import (
    MAX_CODE_CHARACTERS,
    MAX_STATEMENT_CHARACTERS,
    CurriculumDraft,
    ObjectiveDraft,
)

REQUIRED = ("code", "statement")
COLUMNS = (*REQUIRED, "prerequisites", "parent", "kind", "external_id")
_DELIMITERS = (",", ";", "\t")
_BETWEEN_CODES = re.compile(r"\s*[;|]\s*")
_LIMITS = {"statement": MAX_STATEMENT_CHARACTERS, "prerequisites": MAX_STATEMENT_CHARACTERS}


def read_csv(content: bytes) -> CurriculumDraft:
    """Return the curriculum of a CSV file: UTF-8, with a header; comma, semicolon or tab.

    Raises:
        InvalidInput: it is no such file, or its rows contradict each other; names row and column.
    """
    rows = _rows(_text(content))
    columns = _columns(next(rows, (1, []))[1])
    objectives = [_objective(number, columns, cells) for number, cells in rows if any(cells)]
    return CurriculumDraft(title=None, external_id=None, objectives=objectives)


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"Byte {error.start} is not UTF-8.", field="body", fix="Save the file as UTF-8."
        ) from error
    if "\0" in text:
        raise InvalidInput("The file has a NUL character.", field="body", fix="Send plain text.")
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's last line number and its cells, without blanks around them."""
    header = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise InvalidInput(
            f"Line {reader.line_num} is not CSV: {error}.",
            field="body",
            fix="Close every quotation mark, and double those within a cell.",
        ) from error


def _columns(header: Sequence[str]) -> list[str]:
    names = [name.lower().replace(" ", "_") for name in header]
    for name in names:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            fix = f"Did you mean {near[0]!r}?" if near else f"Columns: {', '.join(COLUMNS)}."
            raise InvalidInput(f"There is no column {name!r}.", field="header", fix=fix)
        if names.count(name) > 1:
            raise InvalidInput(f"The column {name!r} is there twice.", field="header")
    for name in REQUIRED:
        if name not in names:
            raise InvalidInput(
                f"The column {name!r} is missing.",
                field="header",
                fix=f"Begin the file with a header such as '{','.join(COLUMNS[:3])}'.",
            )
    return names


def _objective(line: int, columns: Sequence[str], cells: Sequence[str]) -> ObjectiveDraft:
    if len(cells) > len(columns):
        raise InvalidInput(
            f"The row has {len(cells)} cells, the header {len(columns)}.",
            field=f"line {line}",
            fix="Put cells that hold the delimiter into quotation marks.",
        )
    row = dict(zip(columns, cells, strict=False))
    _check(line, row)
    prerequisites = [code for code in _BETWEEN_CODES.split(row.get("prerequisites", "")) if code]
    return ObjectiveDraft(
        code=row["code"],
        statement=row["statement"],
        external_id=row.get("external_id") or None,
        kind=row.get("kind") or None,
        parent=row.get("parent") or None,
        prerequisites=tuple(dict.fromkeys(prerequisites)),
    )


def _check(line: int, row: Mapping[str, str]) -> None:
    for name in REQUIRED:
        if not row.get(name):
            raise InvalidInput("It is empty.", field=f"line {line}, {name}")
    for name, value in row.items():
        limit = _LIMITS.get(name, MAX_CODE_CHARACTERS)
        if len(value) > limit:
            raise InvalidInput(
                f"It is longer than {limit} characters.", field=f"line {line}, {name}"
            )
