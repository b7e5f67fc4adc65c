from __future__ import annotations

import pytest

from lessons.errors import InvalidInput
from lessons.objectives import read_csv


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_of_any_locale_are_read(delimiter: str) -> None:
    rows = [
        ["Code", "Statement", "Prerequisites"],
        ["compare", '"Compare, first"', ""],
        ["add", "Zähler und Nenner", '"compare"'],
        ["mixed", "Both", '"compare; add | compare"'],
        ["", "", ""],
    ]
    text = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows)
    compare, add, mixed = read_csv(text.encode()).objectives
    assert (compare.code, compare.statement) == ("compare", "Compare, first")
    assert (add.statement, add.prerequisites) == ("Zähler und Nenner", ("compare",))
    assert mixed.prerequisites == ("compare", "add")


@pytest.mark.parametrize(
    ("text", "field", "word"),
    [
        ("", "header", "code"),
        ("code,statment\na,A", "header", "statement"),
        ("code\na", "header", "statement"),
        ("code,statement,code\n", "header", "twice"),
        ("code,statement\n", "objectives", "1 to"),
        ("code,statement\na,A,B\n", "line 2", "3 cells"),
        ("code,statement\na,\n", "line 2, statement", "empty"),
        (f"code,statement\n{'a' * 201},A\n", "line 2, code", "200"),
        ('code,statement\na,"A\n', "body", "not CSV"),
        ("code,statement\na,A\na,B\n", "code", "'a'"),
        ("code,statement,prerequisites\na,A,b\n", "prerequisites", "'b'"),
        ("code,statement,parent\na,A,b\n", "parent", "'b'"),
        ("code,statement,prerequisites\na,A,b\nb,B,a\n", "prerequisites", "circle"),
        ("code,statement\na,A\0\n", "body", "NUL"),
    ],
)
def test_a_bad_file_is_refused_by_place_and_reason(text: str, field: str, word: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_csv(text.encode())
    assert refused.value.field == field
    assert word in str(refused.value)


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_csv(b"code,statement\na,\xff\xfe\n")
    assert "UTF-8" in str(refused.value)
