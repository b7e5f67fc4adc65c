"""What a recap says: a page of short lines, each with the claims of the summary it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST_LINE = 400
MOST_LINES = 6
MOST_CLAIMS = 20

SECTIONS = ("did", "went_well", "practise", "activities", "homework")
"""In the order of the page."""


class RecapLine(BaseModel):
    """One or two sentences. They mention people as `{participant id}`, as a summary's do."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_LINE)] = Field(
        description="What it says; people stand in it as `{participant id}`"
    )
    claim_ids: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default_factory=list,
        max_length=MOST_CLAIMS,
        description="Claims of the summary that it rests on; none: a template or a person wrote it",
    )


Lines = Annotated[list[RecapLine], Field(max_length=MOST_LINES)]


class RecapContent(BaseModel):
    """The page without its head and foot."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    did: Lines = Field(default_factory=list, description="What the child did")
    went_well: Lines = Field(default_factory=list, description="What went well")
    practise: Lines = Field(default_factory=list, description="What to practise")
    activities: Lines = Field(default_factory=list, description="What to do for it at home")
    homework: Lines = Field(default_factory=list, description="Homework as it was agreed")

    def sections(self) -> Iterator[tuple[str, list[RecapLine]]]:
        """Yield each part by its name, in the order of the page."""
        for name in SECTIONS:
            yield name, getattr(self, name)

    def lines(self) -> list[RecapLine]:
        """Return all lines, in the order of the page."""
        return [line for _, lines in self.sections() for line in lines]
