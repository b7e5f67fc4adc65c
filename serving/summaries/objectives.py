"""The objectives that a lesson may address: its course's, and those that its events name."""

from __future__ import annotations

from collections.abc import Iterable

from features.reading.material import Material
from features.reading.parts import Objective
from lessons.courses import Objective as CourseObjective


def objectives_of(course: Iterable[CourseObjective], material: Material) -> list[Objective]:
    """Return objectives by the names that the lesson's events use, in the course's order.

    One that only events name is called as the plan's item that is about it alone, or by its name.
    """
    used = _named(material)
    found: dict[str, Objective] = {}
    for one in course:
        names = {one.id, one.code, one.external_id} & used.keys()
        if one.retired_at is None or names:
            name = min((each for each in names if each), default=one.id)
            found[name] = Objective(name, one.statement)
            for other in names:
                used.pop(other or "", None)
    for name, title in used.items():
        found.setdefault(name, Objective(name, title))
    return list(found.values())


def _named(material: Material) -> dict[str, str]:
    """Return the names of objectives in a lesson's events, each with the best title for it."""
    titles: dict[str, str] = {}
    for item in material.plan:
        for name in item.objective_ids:
            alone = len(item.objective_ids) == 1
            titles.setdefault(name, item.title if alone else name)
    answered = [one.objective_id for one in material.answers if one.objective_id is not None]
    marked = [one.objective_id for one in material.marked]
    set_ = [name for one in material.homework for name in one.objective_ids]
    for name in (*answered, *marked, *set_):
        titles.setdefault(name, name)
    return titles
