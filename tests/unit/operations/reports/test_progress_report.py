from __future__ import annotations

import base64
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from PIL import Image
from pypdf import PdfReader

from lessons.tenants import Brand
from operations.reports.progress_report import (
    ChartPoint,
    ProgressReport,
    ReportedHomework,
    ReportedObjective,
    progress_report_pdf,
)

MONDAY = date(2026, 9, 7)


def report(objectives: int = 3) -> ProgressReport:
    points = [
        ChartPoint(MONDAY + timedelta(weeks=week), 0.5, 0.2 + week / 50, 0.8) for week in range(8)
    ]
    return ProgressReport(
        learner="Zoë Ольга",
        first_week=MONDAY,
        last_week=MONDAY + timedelta(weeks=10),
        as_of=datetime(2026, 11, 22, 12, tzinfo=UTC),
        lessons_attended=1,
        statuses=[("mastered", 1), ("developing", 0)],
        objectives=[
            ReportedObjective(
                code=f"add.{number}",
                statement="Add unlike fractions " * (1 + number % 4),
                status="needs reinforcement",
                mastery=(0.42, 0.2, 0.66) if number else None,
                right=2,
                answers=5,
                points=points[: number % 9],
                reasons=["3 of the latest 4 answers were wrong."],
            )
            for number in range(objectives)
        ],
        homework=[ReportedHomework("Worksheet 4", None, overdue=True)],
        model="The model.",
    )


def text_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_it_says_what_there_is_to_say_in_the_tenants_brand() -> None:
    (text,) = text_of(progress_report_pdf(report(), Brand(name="Hügelschule")))
    for words in (
        "Hügelschule",
        "Zoë Ольга",
        "7 September 2026",
        "1 lesson attended",
        "1 mastered",
        "Worksheet 4 (overdue)",
        "42% (20% to 66%)",
        "2 of 5 answers right",
        "3 of the latest 4 answers were wrong.",
        "1 of 1",
    ):
        assert words in text


def test_many_objectives_go_over_pages_and_none_is_cut() -> None:
    pages = text_of(progress_report_pdf(report(60), Brand(name="Hill School")))
    assert len(pages) > 3
    assert all("Hill School" in page for page in pages)
    for number in range(60):
        (page,) = [page for page in pages if f"add.{number}\n" in page]
        after = page.partition(f"add.{number}\n")[2].partition("add.")[0]
        assert "3 of the latest 4" in after


def test_the_same_report_gives_the_same_file() -> None:
    assert progress_report_pdf(report(), Brand()) == progress_report_pdf(report(), Brand())


def test_a_learner_without_a_record_gets_a_report_that_says_so() -> None:
    (text,) = text_of(progress_report_pdf(report(0), Brand()))
    assert "There is no record on any objective yet." in text


def logo(data: bytes, kind: str = "png") -> Brand:
    return Brand(logo_url=f"data:image/{kind};base64,{base64.b64encode(data).decode()}")


def test_the_logo_is_on_the_page() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "#14532d").save(picture, "PNG")
    reader = PdfReader(io.BytesIO(progress_report_pdf(report(), logo(picture.getvalue()))))
    assert len(reader.pages[0].images) == 1


@pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n", b"\0"])
def test_a_broken_logo_is_left_out(content: bytes) -> None:
    reader = PdfReader(io.BytesIO(progress_report_pdf(report(), logo(content))))
    assert len(reader.pages[0].images) == 0


def test_a_logo_of_too_many_pixels_is_left_out() -> None:
    picture = io.BytesIO()
    Image.new("1", (5000, 5000)).save(picture, "PNG")
    reader = PdfReader(io.BytesIO(progress_report_pdf(report(), logo(picture.getvalue()))))
    assert len(reader.pages[0].images) == 0
