"""The console's pages: keyboard, screen readers, contrast, and the rules its modules promise."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lessons.events import DATA_TYPES
from tests.end_to_end.stack import Stack

pytestmark = pytest.mark.timeout(240)

LINE_CHARACTERS = 32
TICK_MS = 100

UNNAMED_CONTROLS = """() => {
  const shown = node => node.checkVisibility({ visibilityProperty: true });
  const named = node => (node.getAttribute("aria-label") || node.getAttribute("title")
    || node.textContent.trim() || [...(node.labels ?? [])].some(label => label.textContent.trim()));
  return [...document.querySelectorAll("a, button, input, select, textarea")]
    .filter(shown).filter(node => !named(node)).map(node => node.outerHTML);
}"""

LOW_CONTRAST = """() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const linear = value => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const luminance = ([red, green, blue]) =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const background = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const hasText = node => [...node.childNodes].some(
    child => child.nodeType === Node.TEXT_NODE && child.textContent.trim());
  const failures = [];
  for (const node of document.querySelectorAll("body *")) {
    const usable = hasText(node) && node.checkVisibility({ visibilityProperty: true });
    if (!usable || node.disabled) continue;
    const style = getComputedStyle(node);
    const pair = [luminance(channels(style.color)), luminance(background(node))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) {
      failures.push(`${node.className || node.tagName}: ${ratio.toFixed(2)}`);
    }
  }
  return failures;
}"""

RUN_ROLL = """async steps => {
  const { CueRoll } = await import("/record/cues.js");
  const roll = new CueRoll();
  return steps.map(([ms, kind, ...rest]) => {
    if (kind === "partial") roll.showPartial(...rest, ms);
    if (kind === "final") roll.showFinal(...rest, ms);
    const { lines } = roll.visible(ms);
    return lines.map(line => line.map(word => word.text).join(" "));
  });
}"""

FOLD = """async batches => {
  const { applyEvents, emptyRecord, spokenOrder } = await import("/record/record.js");
  const record = batches.reduce(applyEvents, emptyRecord());
  return {
    status: record.status,
    captions: spokenOrder(record),
    people: [...record.people.values()],
    tracks: [...record.tracks.values()],
    sequence: record.lastSequence,
  };
}"""

PARSE_STREAM = """async chunks => {
  const { EventStreamParser } = await import("/client/stream.js");
  const parser = new EventStreamParser();
  return chunks.flatMap(chunk => parser.feed(chunk));
}"""


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture
def lesson_id(stack: Stack) -> str:
    with stack.client() as client:
        lesson = client.post("/v1/lessons", json={"title": "Keyboard and screen"}).json()
        person = {"name": "Ada", "role": "learner"}
        client.post(f"/v1/lessons/{lesson['id']}/participants", json=person)
    return str(lesson["id"])


def every_page(page: Page, stack: Stack, lesson_id: str) -> Iterator[str]:
    """Visit every page in turn, yielding its name once it shows what it has."""
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Live lessons, in writing")
    yield "sign in"
    page.goto(stack.console_url)
    page.reload()
    expect(page.get_by_role("link", name="Keyboard and screen").first).to_be_visible()
    yield "lessons"
    page.get_by_role("button", name="New lesson").click()
    yield "new lesson"
    page.keyboard.press("Escape")
    yield from record_pages(page, stack, lesson_id)
    page.goto(f"/#/lessons/{lesson_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keyboard and screen")
    page.get_by_text("Use a recording").click()
    page.get_by_text("Learning events").click()
    yield "lesson"


def record_pages(page: Page, stack: Stack, lesson_id: str) -> Iterator[str]:
    """Visit the pages of records and of administration."""
    with stack.client() as client:
        [person] = client.get(f"/v1/lessons/{lesson_id}").json()["participants"]
    titles: dict[str, str | re.Pattern[str]] = {
        f"lessons/{lesson_id}/briefing": "Briefing: Keyboard and screen",
        f"learners/{person['person_id']}": "Ada",
        f"people/{person['person_id']}": "Ada",
        "people": "People",
        "webhooks": "Webhooks",
        "keys": "API keys",
        "audit": "Audit trail",
        "tenant": re.compile(".+"),
    }
    for address, title in titles.items():
        page.goto(f"/#/{address}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.locator(".loading")).to_have_count(0)
        expect(page.get_by_role("alert")).to_have_count(0)
        yield address


def test_every_control_has_a_name_and_every_page_one_heading(
    page: Page, stack: Stack, lesson_id: str
) -> None:
    for name in every_page(page, stack, lesson_id):
        assert page.evaluate(UNNAMED_CONTROLS) == [], name
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        expect(page.get_by_role("main")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_aa_contrast_on_every_page(
    page: Page, stack: Stack, lesson_id: str, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for name in every_page(page, stack, lesson_id):
        assert page.evaluate(LOW_CONTRAST) == [], f"{name}, {scheme}"
    for surface in ("paper", "contrast"):
        page.get_by_label("Caption colours").select_option(surface)
        assert page.evaluate(LOW_CONTRAST) == [], f"{surface}, {scheme}"


def test_no_page_is_wider_than_a_phone(page: Page, stack: Stack, lesson_id: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for name in every_page(page, stack, lesson_id):
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, name


def test_the_keyboard_alone_signs_in_and_makes_a_lesson(page: Page, stack: Stack) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("API key")).to_be_focused()
    page.keyboard.type(stack.api_key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="New lesson")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="New lesson")).to_be_focused()


def test_an_unknown_key_leads_to_the_way_in(page: Page) -> None:
    page.goto("/#key=lk_key_nobody_0000")
    expect(page.get_by_role("alert")).to_contain_text("does not know that key")
    expect(page.get_by_label("API key")).to_be_visible()
    assert "lk_" not in page.url


def test_a_lesson_that_is_not_there_says_so(page: Page, stack: Stack) -> None:
    page.goto(stack.console_url)
    page.goto("/#/lessons/les_00000000000000000000000000")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_only_finals_are_announced(page: Page, stack: Stack, lesson_id: str) -> None:
    page.goto(stack.console_url)
    page.goto(f"/#/lessons/{lesson_id}")
    log = page.get_by_role("log", name="Transcript")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(page.locator(".board")).to_have_attribute("aria-hidden", "true")
    assert page.locator(".board [aria-live], .board[aria-live]").count() == 0


def test_the_board_shows_two_short_lines_that_never_move_once_read(
    page: Page, stack: Stack
) -> None:
    page.goto(stack.url)
    words = random.Random(7)
    spoken = ["x" * words.randint(1, 11) + str(number) for number in range(120)]
    steps: list[list[Any]] = []
    for count in range(1, len(spoken) + 1):
        caption, begin = divmod(count - 1, 40)
        said = spoken[caption * 40 : count]
        stable = max(0, len(said) - 3)
        partial = [f"cap_{caption}", " ".join(said[:stable]), " ".join(said[stable:])]
        steps.append([len(steps) * TICK_MS * 4, "partial", *partial])
        if begin == 39:
            steps.append([len(steps) * TICK_MS * 4, "final", f"cap_{caption}", " ".join(said)])
    shown = page.evaluate(RUN_ROLL, steps)
    assert all(len(lines) <= 2 for lines in shown)
    assert all(len(line) <= LINE_CHARACTERS for lines in shown for line in lines)
    for earlier, later in pairwise(shown):
        stayed = later[0].startswith(earlier[0])
        rolled = len(earlier) == 2 and later[0].startswith(earlier[1])
        assert stayed or rolled, f"{earlier} became {later}"


def test_a_caption_finalised_after_the_next_began_keeps_its_place(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    steps = [
        [0, "partial", "cap_1", "one", "too"],
        [100, "partial", "cap_2", "", "three"],
        [200, "final", "cap_1", "one two"],
        [300, "partial", "cap_1", "", "one too late"],
    ]
    assert page.evaluate(RUN_ROLL, steps)[1:] == [
        ["one too", "three"],
        ["one two", "three"],
        ["one two", "three"],
    ]


def example_events() -> list[dict[str, Any]]:
    """One event of every type, as the schemas' own examples have them."""
    order = [*(name for name in DATA_TYPES if name != "lesson.ended"), "lesson.ended"]
    return [
        {
            "id": f"evt_{number}",
            "type": name,
            "subject": "par_01kb9x5t7v0000000000000000",
            "time": "2026-11-22T10:15:30Z",
            "lessontimems": number * 1000,
            "ledgersequence": number,
            "data": dict(DATA_TYPES[name].example),
        }
        for number, name in enumerate(order, start=1)
    ]


def test_the_same_events_give_the_same_page_however_they_came(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    events = example_events()
    at_once = page.evaluate(FOLD, [events])
    one_by_one = page.evaluate(FOLD, [[event] for event in events])
    overlapping = page.evaluate(FOLD, [events[:9], events[4:], events])
    assert at_once == one_by_one == overlapping
    assert at_once["status"] == "ended"
    assert at_once["sequence"] == len(events)
    [caption] = at_once["captions"]
    assert (caption["text"], caption["original"]) == ("three quarters of it", "three quarters")
    assert caption["latencyMs"] == 900
    [person] = at_once["people"]
    assert (person["name"], person["role"], person["present"]) == ("Ada", "learner", False)
    assert at_once["tracks"][0]["live"] is False


def test_the_stream_reads_the_same_wherever_its_chunks_are_cut(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    stream = (
        ": connected\r\nretry: 2000\r\n\r\n"
        'id: 7\r\nevent: caption.final\r\ndata: {"a":\r\ndata: 1}\r\n\r\n'
        ": heartbeat\n\n"
        "event: caption.partial\ndata: {}\n\n"
    )
    whole = [
        {"id": "7", "event": "caption.final", "data": '{"a":\n1}'},
        {"id": None, "event": "caption.partial", "data": "{}"},
    ]
    for size in (1, 2, 3, 7, len(stream)):
        chunks = [stream[start : start + size] for start in range(0, len(stream), size)]
        assert page.evaluate(PARSE_STREAM, chunks) == whole, f"chunks of {size}"
