"""A recap taken apart by whose words its lines are in, as the ledger seals it, and put together.

A recap is its child's and sealed under the child's key. A line in somebody else's words, such as
homework that a tutor only said aloud, is sealed under that person's key, so that it goes with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lessons.recaps.content import MOST_LINES, RecapContent, RecapLine

Section = Literal["did", "went_well", "practise", "activities", "homework"]


class PlacedLine(BaseModel):
    """A line in somebody's words, and where on the page it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    section: Section = Field(description="Part of the page that it is in")
    place: Annotated[int, Field(ge=0, lt=MOST_LINES)] = Field(description="Its place there, from 0")
    line: RecapLine = Field(description="The line")


def parted(
    content: RecapContent, speakers: Mapping[str, str]
) -> tuple[RecapContent, Mapping[str, list[PlacedLine]]]:
    """Return what is the child's, and the lines in others' words by their participant ids.

    Args:
        speakers: whose words claims tell, by claim id, but for the child's own.
    """
    told: defaultdict[str, list[PlacedLine]] = defaultdict(list)
    own: dict[str, list[RecapLine]] = {}
    for name, lines in content.sections():
        own[name] = []
        for place, line in enumerate(lines):
            speaker = next(iter(told_in(line, speakers)), None)
            if speaker is None:
                own[name].append(line)
            else:
                placed = {"section": name, "place": place, "line": line}
                told[speaker].append(PlacedLine.model_validate(placed))
    return RecapContent.model_validate(own), told


def assembled(content: RecapContent, placed: Iterable[PlacedLine]) -> RecapContent:
    """Return a recap with the lines in others' words at their places, as far as they still are."""
    merged = {name: list(lines) for name, lines in content.sections()}
    for one in sorted(placed, key=lambda one: one.place):
        merged[one.section].insert(one.place, one.line)
    return RecapContent.model_validate(merged)


def told_in(line: RecapLine, speakers: Mapping[str, str]) -> list[str]:
    """Return whose words a line tells, but for the child's own: each once."""
    return sorted({speakers[one] for one in line.claim_ids if one in speakers})
