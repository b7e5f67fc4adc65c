"""A person's whole record as one HTML page that anybody can read, in the tenant's brand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lessons.events import CaptionFinal, CaptionTranslated
from lessons.store.personal_record import PersonalRecord, RecordedLesson
from lessons.tenants import Brand

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "personal_record.html"


def personal_record_page(record: PersonalRecord, brand: Brand) -> str:
    """Return the page: self-contained, without scripts, everything from the record escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = _clock
    environment.filters["moment"] = _moment
    environment.filters["cell"] = _cell
    return environment.get_template(TEMPLATE).render(
        record=record,
        brand=brand,
        lessons=[_shown(lesson) for lesson in record.lessons],
        tables=[
            {"what": section.what, "rows": section.rows, "columns": list(section.rows[0])}
            for section in record.sections
        ],
    )


def _shown(lesson: RecordedLesson) -> dict[str, Any]:
    """Split a lesson's events into the person's words and all else that they did."""
    said = [event for event in lesson.events if event["type"] == CaptionFinal.type]
    heard = (CaptionFinal.type, CaptionTranslated.type)
    did = [event for event in lesson.events if event["type"] not in heard]
    return {"lesson": lesson, "said": said, "did": did, "counts": _counts(did)}


def _counts(events: Sequence[dict[str, Any]]) -> list[tuple[str, int]]:
    return sorted(Counter(event["type"] for event in events).items())


def _clock(milliseconds: int) -> str:
    """Return a time on the lesson clock as `mm:ss`."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes:02}:{seconds:02}"


def _moment(value: datetime | None) -> str:
    return "–" if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


def _cell(value: object) -> str:
    """Return a value of any column as a reader wants to see it."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_cell(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value)) or "–"
    return str(value)
