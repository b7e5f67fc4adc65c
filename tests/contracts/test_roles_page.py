"""The page that shows the decision matrix is made from the matrix that decides."""

from __future__ import annotations

from pathlib import Path

from lessons.policy.page import roles_page

PAGE = Path(__file__).parents[2] / "docs" / "roles.md"


def test_the_page_shows_the_table_that_decides() -> None:
    made = "run `python -m lessons.policy.page > docs/roles.md`"
    assert PAGE.read_text(encoding="utf-8") == roles_page(), made
