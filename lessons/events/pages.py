"""The catalogue's documentation: one Markdown page per family, made from the schemas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lessons.events.catalogue import FAMILIES, PLATFORM_TYPES
from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.fields import field_rows
from lessons.events.upcasting import UPCASTERS

INDEX = "README"
"""Name of the page that lists the others."""

_NOTE = "<!-- Made from lessons/events by tests/contracts/test_event_pages.py: change it there. -->"

_INTRODUCTION = """# Learning events

A learning event is one typed, versioned, immutable fact about a lesson. On the wire it is a
[CloudEvents 1.0](https://github.com/cloudevents/spec) JSON object; what it says is in `data`, by
its `type`. A platform posts events to `POST /v1/lessons/{id}/events`, one or up to 500 at a time,
and reads them from `GET /v1/lessons/{id}/events` as a page or as a stream. The same catalogue, with
the JSON schema of every type, is at `GET /v1/event-types`.

```json
{
  "id": "platform-4711",
  "type": "poll.answered",
  "subject": "par_01kb9x5t7v0000000000000000",
  "time": "2026-11-22T10:15:30Z",
  "data": {"poll_id": "poll-7", "options": [0], "response_time_ms": 8200}
}
```

- `id` is unique within the lesson. Posting the same id and body again changes nothing; another body
  under the same id is refused with 409.
- `subject` is the participant whose doing it is.
- `time` and `lessontimems` (milliseconds on the lesson clock) may be left out; then it happened
  when it arrived. A time more than five minutes ahead, or more than a day before the lesson was
  created, is refused.
- `dataschema` says which version of its type the data has (`urn:lectern:event:<type>:<version>`);
  without it, the newest. Data of an older version is taken and read as the newest. A new optional
  field keeps the version; any other change raises it.
- A field that the type does not have is refused, naming the nearest one that it has.
- A lesson that ended takes events for `late_events_minutes` of its tenant, a day unless set. Types
  that come later by their nature are taken at any time.
"""


def pages() -> dict[str, str]:
    """Return every page's Markdown by its name: the families' and the index."""
    return {INDEX: index_page(), **{family.name: family_page(family) for family in FAMILIES}}


def index_page() -> str:
    """Return the page that explains what all events share and lists the families."""
    rows = [
        [f"[{family.title}]({family.name}.md)", _list(f"`{data.type}`" for data in family.types)]
        for family in FAMILIES
    ]
    return "\n".join([_NOTE, _INTRODUCTION, _table(["Family", "Types"], rows), ""])


def family_page(family: Family) -> str:
    """Return the page of one family."""
    sections = [_section(data) for data in family.types]
    return "\n".join([_NOTE, f"# {family.title}", "", family.description, "", *sections])


def description_of(data: type[EventData]) -> str:
    """Return what the type is, as one paragraph per paragraph of its docstring."""
    paragraphs = (data.__doc__ or "").strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _section(data: type[EventData]) -> str:
    rows = [[f"`{row.name}`", row.kind, row.meaning] for row in field_rows(data)]
    fields = _table(["Field", "Value", "Meaning"], rows) if rows else "It has no fields."
    example = json.dumps(_plain(data.example), indent=2, ensure_ascii=False)
    parts = [
        f"## `{data.type}`",
        description_of(data),
        _facts(data),
        fields,
        f"```json\n{example}\n```",
    ]
    return "\n\n".join(parts) + "\n"


def _facts(data: type[EventData]) -> str:
    facts = [
        f"Version {data.version}{_older(data)}.",
        _origin(data),
        "It needs a `subject`." if data.needs_subject else "",
        _readers(data),
        "It is taken at any time after the lesson." if data.after_lesson else "",
    ]
    return " ".join(fact for fact in facts if fact)


def _origin(data: type[EventData]) -> str:
    if data.type not in PLATFORM_TYPES:
        return "Recorded by Lectern."
    if data.by_teachers:
        return "Posted by a platform's server, or with the token of somebody who teaches."
    return "Posted by a platform's server or with a participant's token."


def _readers(data: type[EventData]) -> str:
    some_are_for_some = data.readers is not EventData.readers
    if data.shared:
        everybody = "Everybody in the lesson may read it"
        return (
            f"{everybody}, unless it is for some of them." if some_are_for_some else f"{everybody}."
        )
    if some_are_for_some:
        return "It is for the participant whom it is about, and for those who teach."
    if data.for_teachers:
        return "It is for those who teach, and for nobody else."
    whom = "its subject and for those" if data.needs_subject else "those"
    return f"It is for {whom} who teach."


def _older(data: type[EventData]) -> str:
    older = sorted(version for name, version in UPCASTERS if name == data.type)
    return f" (version {_list(str(version) for version in older)} is read as it)" if older else ""


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
