"""Notes of a live lesson in the console: told as they are taken, and only to those who teach."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from lessons.events import ComprehensionObserved, EventDraft, SegmentClosed
from lessons.identifiers import new_id
from lessons.privacy.consent import Purpose
from lessons.roles import Role
from tests.contracts.gateway_thread import GatewayThread
from tests.end_to_end.noted_lesson import TaughtLesson, open_taught_lesson
from tests.end_to_end.test_console_pages import LOW_CONTRAST, UNNAMED_CONTROLS

pytestmark = pytest.mark.timeout(240)

PHONE: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}
SCREENSHOTS = os.environ.get("LECTERN_SCREENSHOTS")
"""Folder for pictures of the pages, for people to look at."""

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Montgomery the Younger"

NOTES = """async events => {
  const { applyEvents, emptyRecord } = await import("/record/record.js");
  const { momentsOf, segmentsOf, talkOf } = await import("/record/notes.js");
  const record = applyEvents(emptyRecord(), events);
  const talk = talkOf(record, "Tina");
  return {
    moments: momentsOf(record).map((one) => [one.id, one.isDated, one.misconception]),
    segments: segmentsOf(record).map(({ id }) => id),
    talk: { ...talk, moves: Object.fromEntries(talk.moves) },
  };
}"""


@pytest.fixture
def lesson(gateway: GatewayThread) -> TaughtLesson:
    return open_taught_lesson(gateway, new_id("ten"))


@pytest.fixture
def page(browser: Browser, gateway: GatewayThread, lesson: TaughtLesson) -> Iterator[Page]:
    """The lesson as its tutor sees it; anything the browser complains of fails."""
    context = browser.new_context(base_url=gateway.url, viewport=WIDE)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    open_as(opened, lesson, "tina")
    yield opened
    context.close()
    assert complaints == []


def open_as(page: Page, lesson: TaughtLesson, name: str) -> None:
    """Open the lesson's page as one of its people."""
    page.goto(f"/#token={lesson.token(name)}")
    page.goto(f"/#/lessons/{lesson.lesson.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Unlike fractions")


def look(page: Page, name: str) -> None:
    """Take a wide picture in light and a phone's in the dark, where somebody wants to see them."""
    if not SCREENSHOTS:
        return
    page.emulate_media(color_scheme="light")
    page.screenshot(path=Path(SCREENSHOTS) / f"{name}-wide.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    page.screenshot(path=Path(SCREENSHOTS) / f"{name}-dark-phone.png", full_page=True)
    page.set_viewport_size(WIDE)


def is_readable(page: Page) -> None:
    """Check names, contrast and the width of a phone."""
    assert page.evaluate(UNNAMED_CONTROLS) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert page.evaluate(LOW_CONTRAST) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(WIDE)


def test_a_tutor_glances_at_moments_goes_to_their_words_and_puts_them_right(
    page: Page, lesson: TaughtLesson
) -> None:
    notes = page.get_by_role("region", name="Lesson notes")
    expect(notes).to_contain_text("They appear here as people speak")
    look(page, "notes-empty")
    lesson.teach(0, 14)
    newest = notes.locator(".note-newest")
    expect(newest).to_contain_text("Ben")
    expect(newest).to_contain_text("An answer that was put right")
    expect(newest).to_contain_text("Likely misconception: Adds the tops and the bottoms")
    expect(newest).to_contain_text("Ben: “Um, two ninths?”")
    told = re.compile(r"^Ben, \d:\d\d: An answer that was put right$")
    expect(notes.get_by_role("status")).to_have_text(told)
    expect(notes).to_contain_text("questions asked for reasons")
    look(page, "notes")
    is_readable(page)
    chip = notes.get_by_role("button", name="Ben, 1 moment")
    chip.focus()
    page.keyboard.press("Enter")
    of_ben = page.get_by_role("region", name="Ben")
    of_ben.locator(".note-said li", has_text="two ninths").get_by_role("button").focus()
    page.keyboard.press("Enter")
    said = page.locator('[data-caption-id="cap_f12"]')
    expect(said).to_be_focused()
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("Um, three sixths?")
    page.keyboard.press("Enter")
    expect(newest).to_contain_text("The words were put right since")
    expect(newest).to_contain_text("Ben: “Um, three sixths?”")
    expect(newest).not_to_contain_text("Likely misconception")
    look(page, "notes-put-right")
    lesson.refuse("ben", Purpose.SIGNALS)
    expect(chip).to_have_count(0)
    expect(notes).not_to_contain_text("three sixths")


def test_after_the_end_the_segments_stand_on_their_line_and_the_summary_is_a_link_away(
    page: Page, lesson: TaughtLesson
) -> None:
    segment = {
        "segment_id": "seg:cap_f01",
        "start_ms": 4_000,
        "end_ms": 64_000,
        "title": "Common denominator",
        "kind": "instruction",
    }
    notes = page.get_by_role("region", name="Lesson notes")
    lesson.teach(0, 8)
    closed = SegmentClosed.model_validate(
        {"segment": segment, "model": "cut", "model_version": "1"}
    )
    lesson.append([EventDraft(closed, 66_000)])
    lesson.restart()
    mark = notes.get_by_role("button", name="1. Common denominator, 0:04 to 1:04")
    expect(mark).to_have_attribute("aria-pressed", "true")
    expect(notes).to_contain_text("0:04 to 1:04 · 1\u00a0min · Teaching")
    expect(notes.locator(".segment-open")).to_be_visible()
    lesson.teach(8, 22)
    lesson.end()
    expect(notes.locator(".segment-open")).to_have_count(0)
    expect(notes.locator(".segment-mark").nth(1)).to_be_visible()
    mark.click()
    notes.get_by_role("button", name="Read it in the transcript").click()
    expect(page.locator('[data-caption-id="cap_f01"]')).to_be_focused()
    look(page, "notes-ended")
    is_readable(page)
    expect(page.get_by_text("The summary is not written yet.")).to_be_visible()
    notes.get_by_role("link", name="Read the summary").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Summary: Unlike fractions")


def test_a_learner_sees_no_notes_and_nothing_of_others_in_the_events(
    browser: Browser, gateway: GatewayThread, lesson: TaughtLesson
) -> None:
    lesson.teach(0, 19)
    context = browser.new_context(base_url=gateway.url, viewport=WIDE)
    page = context.new_page()
    open_as(page, lesson, "ada")
    expect(page.locator('[data-caption-id="cap_f12"]')).to_be_attached()
    page.get_by_text("Learning events").click()
    told = page.locator(".event", has_text="caption.final")
    expect(told.first).to_be_visible()
    moments = page.locator(".event", has_text="comprehension.observed")
    expect(moments.filter(has_text="Ada")).to_have_count(1)
    expect(moments).to_have_count(1)
    expect(page.get_by_role("heading", name="Lesson notes")).to_be_hidden()
    expect(page.get_by_role("link", name="Recaps")).to_have_count(0)
    context.close()


def test_the_panel_says_that_notes_are_switched_off(page: Page, lesson: TaughtLesson) -> None:
    tenants, tenant_id = lesson.gateway.services.tenants, lesson.lesson.tenant_id
    off = {"features": {"summaries": False}}
    lesson.gateway.call(tenants.change(tenant_id, tenant_id, settings=off))
    page.reload()
    notes = page.get_by_role("region", name="Lesson notes")
    expect(notes).to_contain_text("They are switched off here")


def test_forty_learners_with_long_names_stay_in_their_place(
    page: Page, lesson: TaughtLesson
) -> None:
    names = [f"{LONG_NAME if one % 8 == 0 else 'Learner'} {one}" for one in range(40)]
    learners = lesson.add_learners(names)
    lesson.append([wrong_twice(who.id, at * 1_000) for at, who in enumerate(learners)])
    page.reload()
    notes = page.get_by_role("region", name="Lesson notes")
    expect(notes.locator(".note-learners li")).to_have_count(40)
    page.keyboard.press("Tab")
    chip = notes.get_by_role("button", name=f"{LONG_NAME} 8, 1 moment")
    chip.click()
    expect(page.get_by_role("region", name=f"{LONG_NAME} 8")).to_contain_text("Event 1 of 1")
    look(page, "notes-forty")
    is_readable(page)
    page.keyboard.press("Escape")
    expect(chip).to_have_attribute("aria-expanded", "false")
    expect(chip).to_be_focused()


def test_notes_follow_captions_that_are_superseded_or_put_right_and_consent(page: Page) -> None:
    told = [*lesson_begun(), moment(4, "Ada", "a"), move(5, "b", "pressing_for_reasoning", 3)]
    both = page.evaluate(NOTES, told)
    assert both["moments"] == [["hedge:a", False, "A slip."]]
    assert both["talk"]["forReasoning"] == both["talk"]["questions"] == 1
    right = event(6, "caption.corrected", 9, "Tina", corrected("b"))
    assert page.evaluate(NOTES, [*told, right])["talk"]["moves"] == {}
    late = [*told, right, move(7, "b", "restating", 4), move(8, "b", "revoicing", 3)]
    assert page.evaluate(NOTES, late)["talk"]["moves"] == {"restating": 1}
    typed = event(6, "captioner.took_over", 500, "Kim", {"name": "Kim"})
    taken = page.evaluate(NOTES, [*told, typed])
    assert taken["moments"] == []
    assert taken["talk"]["questions"] == 0
    refused = {"participant_id": "Ada", "purpose": "captions"}
    gone = [*told, event(6, "consent.revoked", 9, None, refused)]
    assert page.evaluate(NOTES, gone)["moments"] == []
    back = [*gone, event(7, "consent.granted", 9, None, refused)]
    assert page.evaluate(NOTES, back)["moments"] == both["moments"]


def wrong_twice(who: str, start_ms: int) -> EventDraft:
    """Return a moment of a learner that rests on an event alone."""
    span = {"start_ms": start_ms, "end_ms": start_ms + 500}
    found = {
        **span,
        "moment_id": f"repeated_error:{who}",
        "participant_id": who,
        "reason": "repeated_error",
        "citations": [{**span, "event_ids": [f"answer-{who}"]}],
        "misconception": "Adds the tops and the bottoms of fractions, each for itself.",
        "confidence": 0.8,
    }
    data = {"moment": found, "model": "rules", "model_version": "1"}
    return EventDraft(ComprehensionObserved.model_validate(data), start_ms + 500, who)


def event(
    number: int, type_name: str, at_ms: int, subject: str | None, data: dict[str, Any]
) -> dict[str, Any]:
    head = {"id": f"evt_{number}", "type": type_name, "subject": subject, "ledgersequence": number}
    return {**head, "time": "2026-11-22T10:15:30Z", "lessontimems": at_ms, "data": data}


def lesson_begun() -> list[dict[str, Any]]:
    """Return the events of a lesson in which Ada and then Tina spoke; ids are their names."""
    return [
        event(1, "lesson.started", 0, None, {}),
        event(2, "caption.final", 2_000, "Ada", said("a", "Ada", 1_000)),
        event(3, "caption.final", 4_000, "Tina", said("b", "Tina", 3_000)),
    ]


def said(caption_id: str, who: str, start_ms: int) -> dict[str, Any]:
    return {
        "caption_id": caption_id,
        "track_id": f"trk_{who}",
        "participant_id": who,
        "participant_name": who,
        "role": Role.INSTRUCTOR if who == "Tina" else Role.LEARNER,
        "revision": 3,
        "start_ms": start_ms,
        "end_ms": start_ms + 1_000,
        "speech_end_ms": start_ms + 1_000,
        "text": "Two ninths?",
        "engine": "faster-whisper",
    }


def corrected(caption_id: str) -> dict[str, Any]:
    return {"caption_id": caption_id, "revision": 4, "text": "Three sixths.", "corrected_by": "k"}


def moment(number: int, who: str, caption_id: str) -> dict[str, Any]:
    cited = {"caption_ids": [caption_id], "event_ids": [], "start_ms": 1_000, "end_ms": 2_000}
    found = {
        "moment_id": f"hedge:{caption_id}",
        "participant_id": who,
        "reason": "hedge",
        "start_ms": 1_000,
        "end_ms": 2_000,
        "citations": [cited],
        "misconception": "A slip.",
        "confidence": 0.6,
    }
    data = {"moment": found, "model": "rules", "model_version": "1"}
    return event(number, "comprehension.observed", 2_000, who, data)


def move(number: int, caption_id: str, name: str, revision: int) -> dict[str, Any]:
    data = {"caption_id": caption_id, "revision": revision, "role": "tutor", "move": name}
    return event(number, "talk_move.observed", 4_000, "Tina", data)
