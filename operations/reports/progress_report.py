"""A learner's progress as a PDF for the learner, the guardian or the tutor to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fpdf.enums import XPos, YPos

from lessons.tenants import Brand
from operations.reports.branded_document import MARGIN, Block, BrandedDocument, day_of

CHART_WIDTH = 42.0
CHART_HEIGHT = 12.0
ROW_HEIGHT = 18.0
"""Millimetres, as all lengths here."""

_STATUS_WIDTH = 42.0
_GREY = (110, 110, 110)
_LIGHT = (225, 225, 225)

EXPLANATION = (
    "Mastery is the estimated probability that an objective is known, from the learner's own first "
    "answers without help; 90 % of the belief lies between the two figures in brackets. With few "
    "answers it says little, and then that is what is said. It is no grade."
)


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """What was believed at the end of a week, all in 0..1; `week` is its Monday."""

    week: date
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ReportedObjective:
    """One objective of the report.

    Attributes:
        status: where the learner stands, in words.
        mastery: estimate, low and high in 0..1; None where there is no answer.
        points: week by week, oldest first.
        reasons: why it needs more work, in sentences.
    """

    code: str
    statement: str
    status: str
    mastery: tuple[float, float, float] | None
    right: int
    answers: int
    points: Sequence[ChartPoint]
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReportedHomework:
    """Homework that is not done yet."""

    title: str
    due_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """Everything that the report says.

    Attributes:
        lessons_attended: within the weeks of the report.
        statuses: how many objectives there are of each status, in words.
        model: which model made the estimates, and what it was fitted on.
    """

    learner: str
    first_week: date
    last_week: date
    as_of: datetime
    lessons_attended: int
    statuses: Sequence[tuple[str, int]]
    objectives: Sequence[ReportedObjective]
    homework: Sequence[ReportedHomework]
    model: str


def progress_report_pdf(report: ProgressReport, brand: Brand) -> bytes:
    """Return the report as a PDF file; the same report gives the same bytes."""
    document = BrandedDocument(brand, f"Progress of {report.learner}", report.as_of)
    document.add_page()
    _opening(document, report)
    if report.homework:
        _homework(document, report.homework)
    document.heading("Objectives")
    if not report.objectives:
        document.paragraph("There is no record on any objective yet.")
    weeks = (report.first_week, report.last_week)
    for objective in report.objectives:
        _objective(document, objective, weeks)
    document.ln(4)
    document.paragraph(EXPLANATION, colour=_GREY, size=8)
    document.paragraph(report.model, colour=_GREY, size=8)
    return bytes(document.output())


def _opening(document: BrandedDocument, report: ProgressReport) -> None:
    document.title_line(report.learner)
    lessons = "1 lesson" if report.lessons_attended == 1 else f"{report.lessons_attended} lessons"
    document.paragraph(
        f"Weeks of {day_of(report.first_week)} to {day_of(report.last_week)}: {lessons} attended."
    )
    counted = [f"{count} {status}" for status, count in report.statuses if count]
    if counted:
        document.paragraph(f"Objectives: {', '.join(counted)}.")


def _homework(document: BrandedDocument, homework: Sequence[ReportedHomework]) -> None:
    document.heading("Open homework")
    for each in homework:
        due = f", due {day_of(each.due_at)}" if each.due_at else ""
        late = " (overdue)" if each.overdue else ""
        document.paragraph(f"\u2022 {each.title}{due}{late}")


def _objective(
    document: BrandedDocument, objective: ReportedObjective, weeks: tuple[date, date]
) -> None:
    """Write one objective: what it is, where the learner stands, the weeks, and the reasons."""
    width = document.epw - CHART_WIDTH - _STATUS_WIDTH - 6
    texts = (
        Block(objective.code, width, size=9.5, bold=True),
        Block(objective.statement, width, size=9),
    )
    reasons = [Block(reason, document.epw, size=8.5) for reason in objective.reasons]
    height = max(sum(map(document.height_of, texts)), ROW_HEIGHT - 3)
    document.keep_together(height + sum(map(document.height_of, reasons)) + 4)
    top = document.get_y() + 1
    document.set_draw_color(*_LIGHT)
    document.line(MARGIN, top, MARGIN + document.epw, top)
    document.set_xy(MARGIN, top + 1.5)
    for text in texts:
        document.block(text)
    _standing(document, objective, MARGIN + width + 3, top + 1.5)
    _chart(document, objective.points, weeks, MARGIN + document.epw - CHART_WIDTH, top + 2.5)
    document.set_xy(MARGIN, top + 1.5 + height)
    for reason in reasons:
        document.block(reason, colour=document.accent)


def _standing(
    document: BrandedDocument, objective: ReportedObjective, left: float, top: float
) -> None:
    document.set_xy(left, top)
    document.ink(size=9, bold=True)
    document.cell(_STATUS_WIDTH, 4.5, objective.status, new_x=XPos.LEFT, new_y=YPos.NEXT)
    document.ink(size=9)
    if objective.mastery is not None:
        estimate, low, high = objective.mastery
        document.cell(
            _STATUS_WIDTH,
            4.2,
            f"{estimate:.0%} ({low:.0%} to {high:.0%})",
            new_x=XPos.LEFT,
            new_y=YPos.NEXT,
        )
        document.ink(size=8, colour=_GREY)
        document.cell(_STATUS_WIDTH, 4, f"{objective.right} of {objective.answers} answers right")


def _chart(
    document: BrandedDocument,
    points: Sequence[ChartPoint],
    weeks: tuple[date, date],
    left: float,
    top: float,
) -> None:
    """Draw the weeks: a band from low to high, and the estimate as a line in it."""
    if not points:
        return
    document.set_draw_color(*_LIGHT)
    document.rect(left, top, CHART_WIDTH, CHART_HEIGHT)
    span = max(7, (weeks[1] - weeks[0]).days)

    def place(week: date, value: float) -> tuple[float, float]:
        share = min(1.0, max(0.0, (week - weeks[0]).days / span))
        return left + share * CHART_WIDTH, top + (1 - value) * CHART_HEIGHT

    upper = [place(point.week, point.high) for point in points]
    lower = [place(point.week, point.low) for point in points]
    line = [place(point.week, point.estimate) for point in points]
    document.set_fill_color(*document.tint)
    if len(points) > 1:
        document.polygon([*upper, *reversed(lower)], style="F")
    document.set_draw_color(*document.primary)
    document.set_line_width(0.5)
    document.polyline(line)
    document.set_fill_color(*document.primary)
    document.circle(*line[-1], 0.9, style="F")
    document.set_line_width(0.2)
