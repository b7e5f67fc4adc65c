from __future__ import annotations

from datetime import date

from lessons.recaps.content import RecapContent, RecapLine
from lessons.recaps.label import label_of
from lessons.summary import mention
from lessons.tenants import Brand
from operations.recaps.page import RecapPage


def page(text: str = "Well done.", **changes: object) -> RecapPage:
    given = {
        "child": "Ada",
        "held_on": date(2026, 11, 22),
        "content": RecapContent(did=[RecapLine(text=text)]),
        "names": {"par_ada": "Ada"},
        "label": label_of("recap-templates", "1", is_edited=False, is_approved=True),
        "reading_grade": 3.4,
        "brand": Brand(name="Hügelschule", primary_colour="#7a1f5c"),
        "address": "https://school.example/#/recap",
    }
    return RecapPage(**{**given, **changes})  # type: ignore[arg-type]


def test_it_is_in_the_tenants_brand_and_says_who_wrote_it() -> None:
    for text in (page().html(), page().text()):
        assert "Hügelschule" in text
        assert "Ada: the lesson of 22 November 2026" in text
        assert "A computer program (AI) wrote this page" in text
        assert "Reading level: school year 3 (our aim: 6 or less)." in text
        assert "https://school.example/#/recap" in text
    assert "#7a1f5c" in page().html()


def test_what_people_wrote_is_escaped_on_the_page_alone() -> None:
    text = "<script>alert(1)</script> & more"
    assert "<script>" not in page(text).html()
    assert text in page(text).text()


def test_people_are_named_and_strangers_are_not() -> None:
    text = f"{mention('par_ada')} asked {mention('par_gone')}."
    assert "Ada asked somebody." in page(text).text()


def test_parts_without_a_line_are_left_out() -> None:
    assert [heading for heading, _ in page().sections] == ["What Ada did"]
    assert "Homework" not in page().html()


def test_a_lesson_that_never_began_has_no_day() -> None:
    assert page(held_on=None).title == "Ada: the lesson"
