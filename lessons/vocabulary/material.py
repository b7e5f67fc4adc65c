"""What a lesson's own words are taken from. Plain texts; the store gathers them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Correction:
    """A caption that a person put right: what the engine had heard, and what was said."""

    heard: str
    said: str


@dataclass(frozen=True, slots=True)
class Material:
    """The texts of a lesson, each kind newest first.

    Attributes:
        language: ISO 639-1 code of the lesson.
        explicit: the terms that the lesson was created with, dearest first.
        corrections: of this lesson and of the last ones of its course.
        plan: the lesson's title, its plan's items, and the objectives that they are about.
        content: titles and texts of the slides and pages that were opened.
        objectives: what else the lesson's course is about.
        names: of the people in the lesson.
    """

    language: str
    explicit: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    plan: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
