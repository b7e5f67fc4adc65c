"""What cross-validation found of segmentation and of problem linking, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.segments.decoding import Scoring, Span
from models.segments.linking import link
from models.segments.rolling import RollingDecoder
from training.lesson_link import LinkedLesson
from training.rare_event_scores import Interval
from training.segment_habits import segments_of
from training.segment_scores import (
    DivisionCounts,
    DivisionScore,
    count_errors,
    over_lessons,
    score_division,
)
from training.segment_validation import Judged, Validation, errors_of

GOES_ON = re.compile(
    r"\b(next (one|question|problem)|mov(e|ing) on|(question|number|problem) \d+"
    r"|last (one|question|problem)|thank you)\b",
    re.IGNORECASE,
)
"""What tutors say where they go on: a rule without a model, to compare with."""

_TARGET = 0.15


def report(validation: Validation) -> str:
    """Return the figures of lessons that no network was fitted on."""
    known, unknown = validation.with_worksheet, validation.without
    lessons = [each.lesson for each in known]
    after, after_without = after_lesson(known), after_lesson(unknown)
    others = [
        place for place, one in enumerate(lessons) if one.lesson_id not in validation.looked_at
    ]
    unseen = f"the same, the {len(others)} lessons that no weight was set on"
    divisions = (
        ("every so many rows, as often as in truth", [even(each) for each in lessons]),
        ('a rule: "next question", "moving on", "number 5"', [by_rule(each) for each in lessons]),
        ("**model, no worksheet, after the lesson**", after_without),
        (unseen, [after_without[place] for place in others]),
        ("model, no worksheet, live", live(unknown)),
        ("**model with worksheet, after the lesson**", after),
        (unseen, [after[place] for place in others]),
        ("model with worksheet, live", live(known)),
    )
    lines = [
        "|  | Pk | WindowDiff | boundary F1 | boundaries told / true |",
        "|---|---|---|---|---|",
        *(_line(name, score_division(errors)) for name, errors in divisions if errors),
        "",
        f"{len(lessons)} lessons, {sum(len(each.spoken) for each in lessons)} utterances. "
        f"Target: Pk at most {_TARGET}.",
        "",
        "| problem linking, worksheet known | |",
        "|---|---|",
        f"| top-1 on true segments, most words in common | {linked(known, in_order=False)} |",
        f"| top-1 on true segments, words, numbers and order | {linked(known)} |",
        f"| utterances of the model's own segments with the right problem | {rows_right(known)} |",
    ]
    return "\n".join(lines) + "\n"


def after_lesson(judged: Sequence[Judged]) -> list[DivisionCounts]:
    """Return the errors of dividing whole lessons."""
    return [errors_of(each.lesson, each.spans()) for each in judged]


def live(judged: Sequence[Judged]) -> list[DivisionCounts]:
    """Return the errors of the segments that are told while lessons go on."""
    return [errors_of(each.lesson, live_spans(each)) for each in judged]


def live_spans(judged: Judged) -> list[Span]:
    """Return the spans that a lesson's rows let close, one row after the other."""
    scoring = Scoring(judged.weights, judged.habits, judged.evidence.fit.shape[1])
    rolling = RollingDecoder(scoring)
    rows, firsts = scoring.scores(judged.evidence)
    spans = list[Span]()
    for row in range(len(rows)):
        rolling.add(rows[row : row + 1], firsts[row : row + 1])
        if closed := rolling.closed():
            spans.append(closed)
    return spans + rolling.finish()


def even(lesson: LinkedLesson) -> DivisionCounts:
    """Return the errors of segments that are all equally long, as many as there are in truth."""
    count = int(lesson.begins.sum()) + 1
    told = np.zeros(len(lesson.begins), np.bool_)
    told[np.linspace(0, len(told), count, endpoint=False).astype(np.int64)[1:]] = True
    return count_errors(lesson.begins, told)


def by_rule(lesson: LinkedLesson) -> DivisionCounts:
    """Return the errors of beginning a segment wherever the tutor says that it goes on."""
    told = np.array(
        [each.role == "tutor" and bool(GOES_ON.search(each.text)) for each in lesson.spoken]
    )
    told[0] = False
    return count_errors(lesson.begins, told)


def linked(judged: Sequence[Judged], *, in_order: bool = True) -> Interval:
    """Return the share of true segments about a known problem that are given the right one."""
    return over_lessons([_links(each, in_order) for each in judged], _share)


def _links(judged: Judged, in_order: bool) -> tuple[int, int]:
    starts, kinds, problems = segments_of(judged.lesson)
    ends = np.append(starts[1:], len(judged.lesson.problem))
    known = [
        (int(start), int(end))
        for start, end in zip(starts[kinds == 2], ends[kinds == 2], strict=True)
    ]
    evidence = judged.evidence
    if in_order:
        places = link(evidence, known, judged.weights, judged.habits)
    else:
        places = [int(evidence.fit[start:end].sum(axis=0).argmax()) for start, end in known]
    told = [judged.lesson.problems[place].problem_id for place in places]
    right = sum(one == str(true) for one, true in zip(told, problems[kinds == 2], strict=True))
    return right, len(known)


def rows_right(judged: Sequence[Judged]) -> Interval:
    """Return the share of utterances about a known problem that are given the right one."""
    return over_lessons([_rows(each) for each in judged], _share)


def _rows(judged: Judged) -> tuple[int, int]:
    told: NDArray[np.int64] = np.zeros(len(judged.lesson.problem), np.int64)
    ids = [int(each.problem_id) for each in judged.lesson.problems]
    for span in judged.spans():
        place = span.label - 2
        told[span.start : span.end] = ids[place] if 0 <= place < len(ids) else 0
    true = judged.lesson.problem
    return int((told == true)[true > 0].sum()), int((true > 0).sum())


def _share(counts: Sequence[tuple[int, int]]) -> float:
    return sum(right for right, _ in counts) / max(1, sum(there for _, there in counts))


def _line(name: str, score: DivisionScore) -> str:
    figures = (score.pk, score.window_diff, score.f1)
    return f"| {name} | {' | '.join(map(str, figures))} | {score.ratio:.2f} |"
