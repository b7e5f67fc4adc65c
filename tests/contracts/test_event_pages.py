"""The documentation of the event types is what the schemas say.

After a change of a type: `python tests/contracts/test_event_pages.py` writes the pages anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lessons.events import DATA_TYPES, FAMILIES
from lessons.events.fields import field_rows
from lessons.events.pages import INDEX, pages

FOLDER = Path(__file__).parents[2] / "docs" / "events"
PAGES = pages()


def test_every_family_has_its_page() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {INDEX, *(f.name for f in FAMILIES)}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_the_one_of_the_schemas(name: str) -> None:
    assert (FOLDER / f"{name}.md").read_text(encoding="utf-8") == PAGES[name]


@pytest.mark.parametrize("name", DATA_TYPES)
def test_every_field_of_every_type_is_explained(name: str) -> None:
    assert [row.name for row in field_rows(DATA_TYPES[name]) if not row.meaning] == []


def test_every_link_of_the_index_leads_to_a_page() -> None:
    links = re.findall(r"\]\((\w+)\.md\)", PAGES[INDEX])
    assert links == [family.name for family in FAMILIES]


if __name__ == "__main__":
    for page, text in PAGES.items():
        (FOLDER / f"{page}.md").write_text(text, encoding="utf-8")
