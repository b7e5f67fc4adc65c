"""A recap as a guardian reads it: one HTML page, or plain text, in the tenant's brand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from lessons.recaps.content import RecapContent
from lessons.recaps.label import AiLabel
from lessons.summary import named
from lessons.tenants import Brand
from operations.recaps.reading_level import TARGET_GRADE

TEMPLATES = Path(__file__).parents[1] / "templates"
SOMEBODY = "somebody"
"""Stands for whoever is mentioned and was erased since, or may not be named."""


@dataclass(frozen=True, slots=True)
class RecapPage:
    """All that a page says.

    Attributes:
        names: of those whom its lines may name, by participant id.
        held_on: the day of the lesson; None where it never began.
        reading_grade: Flesch-Kincaid grade of its lines.
        address: where the page is read on the web; None leaves it out.
    """

    child: str
    held_on: date | None
    content: RecapContent
    names: Mapping[str, str]
    label: AiLabel
    reading_grade: float
    brand: Brand
    address: str | None = None

    @property
    def title(self) -> str:
        """The page's one large line."""
        return f"{self.child}: the lesson" + (f" of {self.day}" if self.day else "")

    @property
    def day(self) -> str | None:
        """The day as people write it: `7 September 2026`."""
        return f"{self.held_on.day} {self.held_on:%B %Y}" if self.held_on else None

    @property
    def sections(self) -> list[tuple[str, list[str]]]:
        """The parts that say something: their headings and lines, with people's names in them."""
        headings = {
            "did": f"What {self.child} did",
            "went_well": "What went well",
            "practise": "What to practise",
            "activities": "Try this at home",
            "homework": "Homework",
        }
        return [
            (headings[name], [named(line.text, self.names, SOMEBODY) for line in lines])
            for name, lines in self.content.sections()
            if lines
        ]

    @property
    def reading_words(self) -> str:
        """The reading level in words."""
        grade = max(1, round(self.reading_grade))
        return f"Reading level: school year {grade} (our aim: {TARGET_GRADE:.0f} or less)."

    def html(self) -> str:
        """Return the page: self-contained, without scripts, everything in it escaped."""
        return _render("recap.html", self)

    def text(self) -> str:
        """Return the same as plain text."""
        return _render("recap.txt", self)


def plain_text(content: RecapContent, names: Mapping[str, str]) -> str:
    """Return the lines of a recap as they are read, one below the other."""
    return "\n".join(named(line.text, names, SOMEBODY) for line in content.lines())


def _render(template: str, page: RecapPage) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(page=page, brand=page.brand)
