"""Navigation in the lesson's material: which page, slide or exercise was opened."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Name, Ordinal


class ContentOpened(EventData):
    """The subject opened a page, slide, exercise or other piece of the material."""

    type = "content.opened"
    needs_subject = True
    example: ClassVar = {
        "content_id": "slides-3/7",
        "kind": "slide",
        "title": "Unlike denominators",
        "text": "The lowest common denominator of 1/6 and 1/4",
        "position": 7,
        "of": 20,
        "objective_id": "fractions.add",
    }

    content_id: Name = Field(description="The platform's id of the piece")
    kind: Literal["page", "slide", "exercise", "document", "video", "link"] = Field(
        description="What it is"
    )
    title: str | None = Field(default=None, max_length=500, description="As the reader sees it")
    text: str | None = Field(
        default=None,
        max_length=5_000,
        description="What is to be read on it; the captions listen for its words",
    )
    position: Ordinal | None = Field(default=None, description="Its place in its whole, from 1")
    of: Ordinal | None = Field(default=None, description="How many pieces the whole has")
    previous_content_id: Name | None = Field(
        default=None, description="What was open before it, if known"
    )
    objective_id: Name | None = Field(default=None, description="Objective that it is about")


CONTENT = Family(
    "content",
    "Content",
    "What of the lesson's material was opened, by whom and when.",
    posted=(ContentOpened,),
)
