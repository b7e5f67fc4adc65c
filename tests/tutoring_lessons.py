"""Made-up tutoring lessons for tests of segmentation: what is said, and where segments begin."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from features.segmentation import WorksheetProblem


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance."""

    text: str
    start_ms: int
    end_ms: int
    participant_id: str = "par_tutor"
    role: str = "tutor"
    language: str | None = "en"


PROBLEMS = {
    1: "A bakery sells muffins for 3 dollars each. How many muffins were sold on Tuesday?",
    2: "The circle above has radius 5 inches. What is the circumference of the circle?",
    3: "A train travels 240 miles in 4 hours. What is the speed of the train in miles per hour?",
    4: "In the triangle above, what is the length of the hypotenuse in centimeters?",
}
WORKSHEET = tuple(
    WorksheetProblem(str(number), text, frozenset({number})) for number, text in PROBLEMS.items()
)

_COLUMNS = (
    "split",
    "lesson",
    "ps",
    "text",
    "startTimestamp",
    "endTimestamp",
    "speaker",
    "speaker_id",
    "actual_segment",
    "actual_question_id",
)

_WORK = {
    1: ("so we count the muffins", "each muffin is three dollars", "the bakery sold forty muffins"),
    2: ("the radius of the circle is five", "two pi times the radius", "so the circumference is"),
    3: ("the train goes so many miles", "divide the miles by the hours", "that is the speed"),
    4: ("the hypotenuse is the longest", "so this triangle is right angled", "use the square root"),
}
_OPENING = (
    "Hi everyone, how are you today?",
    "Welcome to the session, we will wait a minute for the others.",
    "Can everybody hear me? I will share my screen.",
    "Okay, please start the practice test, you have twenty minutes.",
)
_CLOSING = ("Thank you everyone for coming today.", "See you next week, good luck!", "Bye bye.")


@dataclass
class MadeUpLesson:
    """A lesson, and which rows its segments begin at and are about."""

    said: list[Said] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    problems: list[int] = field(default_factory=list)
    clock_ms: int = 0

    def say(self, text: str, speaker: str = "par_tutor", pause_ms: int = 500) -> None:
        """Add an utterance."""
        start = self.clock_ms + pause_ms
        self.clock_ms = start + 400 * len(text.split())
        role = "tutor" if speaker == "par_tutor" else "learner"
        self.said.append(Said(text, start, self.clock_ms, speaker, role))

    def begin(self, problem: int) -> None:
        """Let the next utterance be the first of a segment: 0 for talk."""
        self.begins.append(len(self.said))
        self.problems.append(problem)


def made_up_lesson(seed: int = 0, order: Sequence[int] = (1, 2, 3, 4)) -> MadeUpLesson:
    """Return a lesson that opens, goes through problems in an order, and closes."""
    chance = random.Random(seed)
    lesson = MadeUpLesson()
    lesson.begin(0)
    for _ in range(4):
        for text in _OPENING:
            lesson.say(text)
    for problem in order:
        lesson.begin(problem)
        lesson.say(f"Okay, let's move on to question {problem}.", pause_ms=6_000)
        lesson.say(PROBLEMS[problem])
        for turn in range(chance.randint(10, 16)):
            speaker = "par_tutor" if turn % 3 else "par_learner"
            lesson.say(chance.choice(_WORK[problem]), speaker)
        lesson.say("Does that make sense? Any questions on that one?")
    lesson.begin(0)
    for text in _CLOSING:
        lesson.say(text, pause_ms=3_000)
    return lesson


def write_lesson_link(folder: Path, lessons: int) -> None:
    """Write made-up lessons in LessonLink's layout."""
    began = datetime(2026, 1, 5, 9, tzinfo=UTC)
    with gzip.open(folder / "lessonlink.csv.gz", "wt", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, _COLUMNS)
        rows.writeheader()
        for number in range(lessons):
            lesson = made_up_lesson(number, random.Random(number).sample(list(PROBLEMS), 4))
            for row, each in enumerate(lesson.said):
                place = sum(begin <= row for begin in lesson.begins) - 1
                problem = lesson.problems[place]
                times = [began + timedelta(milliseconds=ms) for ms in (each.start_ms, each.end_ms)]
                cells = (
                    "train",
                    f"lesson-{number}",
                    "7.0" if number % 2 else "7 (A1)",
                    each.text,
                    *(time.isoformat(timespec="milliseconds") for time in times),
                    "tutor" if each.role == "tutor" else "student",
                    each.participant_id,
                    str(place + 1),
                    f"{problem}.0" if problem else "",
                )
                rows.writerow(dict(zip(_COLUMNS, cells, strict=True)))
    print_of = {"7": {str(number): text for number, text in PROBLEMS.items()}}
    (folder / "problems_ocr.json").write_text(json.dumps(print_of), "utf-8")
