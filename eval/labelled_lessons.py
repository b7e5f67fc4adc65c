"""Lessons written for measurement, with claims about them that were judged by hand.

Half of the lessons are for tuning and half for reporting; traps are lessons in which it is easy to
claim what is not so. No sentence in them was said by a real person.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from features.reading.parts import (
    Answer,
    HomeworkItem,
    Objective,
    Person,
    PlanItem,
    Utterance,
    speaker_role,
)
from lessons.roles import Role
from models.reading.lesson_reading import LessonReading
from models.summaries.interface import DraftClaim

FILE = Path(__file__).with_name("labelled_lessons.json")
Half = Literal["tuning", "held_out", "trap"]
WORD_MS = 400
CONFIDENCE = 0.92


@dataclass(frozen=True, slots=True)
class LabelledClaim:
    """A claim with what two readers found: whether the record supports it, and why.

    Attributes:
        supported: what holds: where the readers differ, what they settled on.
        first: the author's label.
        second: that of a reader who had not seen the first.
        resolution: where they differ, why it was settled so.
    """

    claim: DraftClaim
    supported: bool
    why: str
    first: bool
    second: bool
    resolution: str | None = None


@dataclass(frozen=True, slots=True)
class LabelledLesson:
    """A lesson as it was read, and claims about it.

    Attributes:
        never: kinds of claims (`taught|response`) with a pattern that no such claim may have.
    """

    name: str
    reading: LessonReading
    claims: Sequence[LabelledClaim]
    never: Sequence[tuple[str, str]]


def labelled_lessons(half: Half) -> list[LabelledLesson]:
    """Return the lessons of one half, or the traps."""
    rows = json.loads(FILE.read_text("utf-8"))["lessons"]
    return [_lesson(row) for row in rows if row["half"] == half]


def participant(name: str) -> str:
    """Return the id of a person of these lessons."""
    return f"par_{name}"


def _lesson(row: Mapping[str, Any]) -> LabelledLesson:
    return LabelledLesson(
        name=row["name"],
        reading=_reading(row),
        claims=[_claim(one) for one in row["claims"]],
        never=[(kinds, pattern) for kinds, pattern in row.get("never", [])],
    )


def _claim(row: Mapping[str, Any]) -> LabelledClaim:
    subject = participant(row["subject"]) if row["subject"] else None
    claim = DraftClaim(row["kind"], row["text"], tuple(row["cites"]), subject)
    first, second = row["supported"], row["second"]
    held = row["resolved"] if first != second else first
    return LabelledClaim(claim, held, row["why"], first, second, row.get("resolution"))


def _reading(row: Mapping[str, Any]) -> LessonReading:
    people = tuple(
        Person(participant(key), name, speaker_role(Role(role)))
        for key, (name, role) in row["people"].items()
    )
    utterances = tuple(_utterances(row, {one.participant_id: one for one in people}))
    ends = [one.end_ms for one in utterances] + [1000 * event[3] for event in row["events"]]
    return LessonReading(
        lesson_id=f"les_{row['name']}",
        title=row["title"],
        language="en",
        duration_ms=max(ends),
        people=people,
        utterances=utterances,
        objectives=tuple(Objective(code, title) for code, title in row["objectives"].items()),
        answers=tuple(_answers(row)),
        plan=tuple(_plan(row)),
        homework=tuple(_homework(row)),
    )


def _utterances(row: Mapping[str, Any], people: Mapping[str, Person]) -> Iterator[Utterance]:
    for caption_id, who, second, text in row["turns"]:
        person = people[participant(who)]
        start_ms = 1000 * second
        yield Utterance(
            caption_id=caption_id,
            event_id=f"event-{caption_id}",
            revision=1,
            participant_id=person.participant_id,
            role=person.role,
            start_ms=start_ms,
            end_ms=start_ms + WORD_MS * len(text.split()),
            text=text,
            confidence=CONFIDENCE,
            language="en",
        )


def _answers(row: Mapping[str, Any]) -> Iterator[Answer]:
    for event_id, kind, who, second, data in row["events"]:
        if kind == "answer":
            yield Answer(
                event_id=event_id,
                participant_id=participant(who),
                at_ms=1000 * second,
                assessment_id=None,
                item_id=data["item_id"],
                attempt=data.get("attempt", 1),
                response=data["response"],
                correct=data["correct"],
                duration_ms=None,
                objective_id=data.get("objective_id"),
                hints=0,
            )


def _plan(row: Mapping[str, Any]) -> Iterator[PlanItem]:
    for event_id, kind, _, second, data in row["events"]:
        if kind == "plan_completed":
            title, at_ms = data.get("title", data["item_id"]), 1000 * second
            yield PlanItem((event_id,), data["item_id"], title, (), at_ms, at_ms, data["outcome"])


def _homework(row: Mapping[str, Any]) -> Iterator[HomeworkItem]:
    for event_id, kind, _, second, data in row["events"]:
        if kind == "homework":
            objectives = tuple(data["objective_ids"])
            yield HomeworkItem(
                event_id,
                data["homework_id"],
                data["title"],
                None,
                objectives,
                None,
                None,
                1000 * second,
            )
