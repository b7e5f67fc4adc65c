"""A lesson in parts that a language model can take, with labels for its people and lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lessons.summary import mention
from models.reading.lesson_reading import LessonReading
from models.summaries.record import Item, LessonRecord, record_of

LONGEST_CHUNK = 6_000
"""Characters of one part: about 1,500 tokens, some ten minutes of talk."""

LONGEST_LINE = 600
"""Characters of a line past which it is cut; nobody says more in one caption."""

LINE_OVERHEAD = 10
"""Characters of a line beside what was said: its label and who said it."""

LEAST_CONFIDENCE = 0.5
_LABEL = re.compile(r"\b([TLO]\d{1,4})\b")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One part of a lesson.

    Attributes:
        lines: as the model reads them, with their labels.
        cites: id of the caption or event by label.
        learners: id of the learner who said it, by label of the line; of others there is none.
    """

    lines: Sequence[str]
    cites: Mapping[str, str]
    learners: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels in the place of names, so that no name goes to a model."""

    by_person: Mapping[str, str]

    def person(self, label: str) -> str | None:
        """Return whose label it is."""
        owners = (who for who, known in self.by_person.items() if known == label)
        return next(owners, None)

    def mentioned(self, text: str) -> str:
        """Return a text with mentions of people in the place of their labels."""
        plain = text.replace("{", "(").replace("}", ")")
        return _LABEL.sub(lambda found: self._mention(found.group(1)), plain)

    def _mention(self, label: str) -> str:
        who = self.person(label)
        return mention(who) if who is not None else label


def labels_of(reading: LessonReading) -> Labels:
    """Give each person a label: T1 for who teaches, L1 for a learner, O1 for others."""
    letters = {"tutor": "T", "learner": "L", "other": "O"}
    counts = dict.fromkeys(letters, 0)
    found = {}
    for person in reading.people:
        counts[person.role] += 1
        found[person.participant_id] = f"{letters[person.role]}{counts[person.role]}"
    return Labels(found)


def chunks_of(
    reading: LessonReading, labels: Labels, longest: int = LONGEST_CHUNK
) -> Iterator[Chunk]:
    """Cut what was said and set into parts, in time."""
    part: list[Item] = []
    length = 0
    for item in _items(record_of(reading)):
        longer = len(_plain(item.text)) + LINE_OVERHEAD
        if part and length + longer > longest:
            yield _chunk(part, labels)
            part, length = [], 0
        part.append(item)
        length += longer
    if part:
        yield _chunk(part, labels)


def _chunk(items: Sequence[Item], labels: Labels) -> Chunk:
    named = [
        (f"{'c' if item.kind == 'caption' else 'e'}{number}", item)
        for number, item in enumerate(items, start=1)
    ]
    return Chunk(
        lines=[f"{label} {_who(item, labels)}: {_plain(item.text)}" for label, item in named],
        cites={label: item.item_id for label, item in named},
        learners={
            label: item.participant_id
            for label, item in named
            if item.role == "learner" and item.participant_id is not None
        },
    )


def _items(record: LessonRecord) -> list[Item]:
    told = [
        item
        for item in record.items.values()
        if (item.kind == "caption" and _heard(item)) or item.kind == "homework"
    ]
    return sorted(told, key=lambda item: (item.start_ms, item.item_id))


def _heard(item: Item) -> bool:
    return item.confidence is None or item.confidence >= LEAST_CONFIDENCE


def _who(item: Item, labels: Labels) -> str:
    if item.participant_id is None:
        return "homework"
    return labels.by_person.get(item.participant_id, "O0")


def _plain(text: str) -> str:
    return " ".join(text.split())[:LONGEST_LINE]
