"""How well lessons are divided and linked to problems, on lessons that somebody has marked.

    python -m eval.segmentation [FOLDER]    FOLDER has LessonLink's layout

Without a folder it takes `lessonlink` under `LECTERN_DATA`. Lessons that the shipped model was
fitted on are left out; where there are no others, they are measured all the same, and the title
says so: then only cross-validation (models/segments/card.md) tells what the model is worth.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from eval.data import data_folder
from features.segmentation import WorksheetProblem
from lessons.errors import LecternError
from models.segments.card import lesson_mark
from models.segments.segmenter import Segmenter, shipped_segmenter
from models.segments.streaming import StreamingSegmenter
from training.lesson_link import LinkedLesson, read_lesson_link
from training.segment_report import after_lesson, by_rule, even, linked, live, rows_right
from training.segment_scores import DivisionCounts, score_division
from training.segment_validation import Judged, without_problems

LESSONS_OF_SPEED = 10
"""Lessons that speed is measured on: a few tell."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.segmentation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", nargs="?", type=Path, help="lessons in LessonLink's layout")
    arguments = parser.parse_args()
    try:
        measure(arguments.folder or data_folder() / "lessonlink")
    except LecternError as error:
        sys.exit(str(error))


def measure(folder: Path) -> None:
    """Print the tables of a folder's lessons.

    Raises:
        NotFound: the folder has no lessons.
        InvalidInput: they cannot be read, or the shipped model is damaged.
    """
    segmenter = shipped_segmenter()
    lessons, seen = held_out(read_lesson_link(folder), segmenter)
    known = [judged(segmenter, lesson, lesson.problems) for lesson in lessons]
    unknown = [judged(segmenter, lesson, ()) for lesson in lessons]
    console = Console(width=140)
    console.print(
        division_table(
            f"{len(lessons)} lessons" + (" THAT THE MODEL WAS FITTED ON" if seen else " held out"),
            {
                "every so many rows, as often as in truth": [even(each) for each in lessons],
                "a rule: next question, moving on, number 5": [by_rule(each) for each in lessons],
                "no worksheet": after_lesson(unknown),
                "no worksheet, live": live(unknown),
                "with worksheet": after_lesson(known),
                "with worksheet, live": live(known),
            },
        )
    )
    console.print(linking_table(known))
    few = lessons[:LESSONS_OF_SPEED]
    console.print(
        f"After the lesson: {batch_speed(segmenter, few):,.0f} utterances/s on one core; "
        f"live: {live_speed(segmenter, few):,.0f} utterances/s."
    )


def held_out(
    lessons: Sequence[LinkedLesson], segmenter: Segmenter
) -> tuple[Sequence[LinkedLesson], bool]:
    """Return the lessons that the model never saw, or all of them and True if it saw all."""
    fitted_on = frozenset(segmenter.card.fitted_on)
    others = [each for each in lessons if lesson_mark(each.lesson_id) not in fitted_on]
    return (others, False) if others else (lessons, True)


def judged(
    segmenter: Segmenter, lesson: LinkedLesson, problems: Sequence[WorksheetProblem]
) -> Judged:
    """Return a lesson with what the model makes of it."""
    evidence = segmenter.evidence(lesson.spoken, problems)
    if not problems:
        return Judged(
            lesson,
            without_problems(evidence),
            segmenter.card.weights_without,
            segmenter.card.habits,
        )
    return Judged(lesson, evidence, segmenter.card.weights, segmenter.card.habits)


def division_table(title: str, divisions: Mapping[str, Sequence[DivisionCounts]]) -> Table:
    """Return Pk, WindowDiff and boundary F1 of each way to divide the lessons."""
    table = Table(title=f"{title} (95 % bootstrap intervals over lessons)")
    for heading in ("division", "Pk", "WindowDiff", "boundary F1", "told / true"):
        table.add_column(heading)
    for name, errors in divisions.items():
        score = score_division(errors)
        figures = (score.pk, score.window_diff, score.f1)
        table.add_row(name, *map(str, figures), f"{score.ratio:.2f}")
    return table


def linking_table(known: Sequence[Judged]) -> Table:
    """Return how often the right problem was found."""
    table = Table("problem linking, worksheet known", "share")
    table.add_row("true segments, most words in common", str(linked(known, in_order=False)))
    table.add_row("true segments, words, numbers and order", str(linked(known)))
    table.add_row("utterances of the model's own segments", str(rows_right(known)))
    return table


def batch_speed(segmenter: Segmenter, lessons: Sequence[LinkedLesson]) -> float:
    """Return utterances a second, segments with titles, all in one."""
    began = time.perf_counter()
    for lesson in lessons:
        segmenter.segments(lesson.spoken, lesson.problems)
    return sum(len(each.spoken) for each in lessons) / (time.perf_counter() - began)


def live_speed(segmenter: Segmenter, lessons: Sequence[LinkedLesson]) -> float:
    """Return utterances a second, taken one by one."""
    began = time.perf_counter()
    for lesson in lessons:
        streaming = StreamingSegmenter(segmenter, lesson.problems)
        for line in lesson.spoken:
            streaming.take(line)
        streaming.finish()
    return sum(len(each.spoken) for each in lessons) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
