"""What is inferred, in a real browser: the tutor's panel, a learner's own page, contests, hints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.contracts.gateway_thread import GatewayThread
from tests.end_to_end.engaged_lesson import NOW_MS, STATES, EngagedLesson, open_engaged_lesson
from tests.end_to_end.test_console_pages import LOW_CONTRAST, UNNAMED_CONTROLS

pytestmark = pytest.mark.timeout(180)

GROUP = """async ([events, expected, nowMs]) => {
  const { applyEvents, emptyRecord } = await import("/record/record.js");
  const group = await import("/record/group.js");
  const record = { ...applyEvents(emptyRecord(), events) };
  const tiles = group.tilesOf(record, expected, nowMs);
  const { open, earlier } = group.nudgesOf(record);
  return {
    tiles: tiles.map(({ name, state, standing }) => [name, state, standing]),
    counts: Object.fromEntries(group.countsOf(tiles)),
    nudges: open.map(({ id }) => id),
    earlier: earlier.map(({ id }) => id),
    hints: group.hintsOf(record),
    contests: group.openContests(record).map(({ id }) => id),
  };
}"""


FOLD = """async batches => {
  const { applyEvents, emptyRecord } = await import("/record/record.js");
  const { engagement } = batches.reduce(applyEvents, emptyRecord());
  const plain = (_, value) =>
    value instanceof Map || value instanceof Set ? [...value] : value;
  return JSON.stringify(engagement, plain);
}"""


@pytest.fixture
def lesson(gateway: GatewayThread, tenant_id: str) -> EngagedLesson:
    return open_engaged_lesson(gateway, tenant_id)


@pytest.fixture
def page(browser: Browser, gateway: GatewayThread) -> Iterator[Page]:
    """A page of the console; anything the browser complains of fails."""
    context = browser.new_context(base_url=gateway.url, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def open_panel(page: Page, lesson: EngagedLesson) -> None:
    page.goto(lesson.console_url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons")
    page.goto(f"/#/lessons/{lesson.id}")
    expect(page.locator(".tile")).to_have_count(len(STATES))


def signal(number: int, name: str, state: str, told_ms: int, **rest: Any) -> dict[str, Any]:
    """Return an event of the stream; the participant's id is the name."""
    data = {
        "state": state,
        "start_ms": told_ms - 5_000,
        "end_ms": told_ms,
        "since_ms": told_ms - 5_000,
        "confidence": 0.8,
        "context": "explaining",
        "observations": [],
        "evidence": [],
        "model": "m",
        "model_version": "1",
        **rest,
    }
    return event(number, "engagement.signal", told_ms, name, data)


def event(
    number: int, type_name: str, at_ms: int, subject: str | None, data: dict[str, Any]
) -> dict[str, Any]:
    head = {"id": f"evt_{number}", "type": type_name, "subject": subject, "ledgersequence": number}
    return {**head, "time": "2026-11-22T10:15:30Z", "lessontimems": at_ms, "data": data}


def live(*events: dict[str, Any]) -> list[dict[str, Any]]:
    return [event(1, "lesson.started", 0, None, {}), *events]


def group_of(page: Page, events: list[dict[str, Any]], now_ms: int, *names: str) -> Any:
    page.goto("/")
    expected = [{"id": name, "name": name, "role": "learner"} for name in names]
    return page.evaluate(GROUP, [events, expected, now_ms])


def test_a_tile_says_when_it_has_no_news_no_consent_or_is_contested(page: Page) -> None:
    events = live(
        signal(2, "Dana", "working", 60_000),
        signal(3, "Ben", "working", 60_000),
        signal(4, "Ada", "stuck", 70_000),
        signal(5, "Chen", "drifting", 80_000),
        event(6, "consent.revoked", 81_000, None, {"purpose": "signals", "participant_id": "Ben"}),
        signal(7, "Ben", "working", 82_000),
        event(8, "engagement.contested", 83_000, "Chen", {"signal_ids": ["evt_5"]}),
    )
    names = ("Dana", "Chen", "Ben", "Ada", "Eve")
    seen = group_of(page, events, 106_000, *names)
    assert seen["tiles"] == [
        ["Ada", "stuck", "fresh"],
        ["Ben", "unknown", "withdrawn"],
        ["Chen", "drifting", "contested"],
        ["Dana", "unknown", "stale"],
    ]
    assert seen["counts"] == {"stuck": 1}
    assert seen["contests"] == ["evt_8"]
    upheld = event(
        9, "engagement.reviewed", 84_000, "Chen", {"contest_id": "evt_8", "outcome": "upheld"}
    )
    again = group_of(page, [*events, upheld], 104_000, *names)
    assert again["counts"] == {"stuck": 1, "drifting": 1, "working": 1}
    assert again["contests"] == []
    ended = group_of(page, [*events, event(9, "lesson.ended", 90_000, None, {})], 9_000_000, *names)
    assert ["Dana", "working", "fresh"] in ended["tiles"]


def test_the_same_events_give_the_same_whether_at_once_or_one_by_one(page: Page) -> None:
    events = live(
        signal(2, "Ada", "stuck", 60_000),
        signal(3, "Ada", "stuck", 90_000, since_ms=55_000),
        signal(4, "Ada", "working", 95_000),
        nudge(5, "Ada", "stuck", 96_000),
        event(
            6,
            "engagement.nudge_answered",
            97_000,
            "Ada",
            {"nudge_id": "ndg_Ada", "answer": "helpful"},
        ),
        event(7, "engagement.contested", 98_000, "Ada", {"start_ms": 1, "end_ms": 99_000}),
        event(
            8, "engagement.reviewed", 99_000, "Ada", {"contest_id": "evt_7", "outcome": "withdrawn"}
        ),
        asked(9, 900),
    )
    page.goto("/")
    at_once = page.evaluate(FOLD, [events])
    assert page.evaluate(FOLD, [[one] for one in events]) == at_once
    assert page.evaluate(FOLD, [events[:6], events[3:], events]) == at_once
    [[_, spans]] = json.loads(at_once)["spans"]
    assert [(one["state"], one["sinceMs"], one["endMs"]) for one in spans] == [
        ("stuck", 55_000, 90_000),
        ("working", 90_000, 95_000),
    ]
    assert [one["signalIds"] for one in spans] == [["evt_2", "evt_3"], ["evt_4"]]


def nudge(number: int, name: str, reason: str, at_ms: int) -> dict[str, Any]:
    data = {"nudge_id": f"ndg_{name}", "reason": reason, "text": "…", "observations": []}
    return event(number, "engagement.nudge", at_ms, name, data)


def test_nudges_wait_with_those_who_are_stuck_first_and_go_when_they_are_over(page: Page) -> None:
    events = live(
        signal(2, "Ada", "drifting", 60_000),
        signal(3, "Ben", "stuck", 60_000),
        signal(4, "Chen", "away", 60_000),
        nudge(5, "Chen", "away", 61_000),
        nudge(6, "Ada", "drifting", 62_000),
        nudge(7, "Ben", "stuck", 63_000),
        nudge(8, "Dana", "not_heard", 64_000),
    )
    seen = group_of(page, events, 65_000)
    assert seen["nudges"] == ["ndg_Ben", "ndg_Ada", "ndg_Chen", "ndg_Dana"]
    answer = {"nudge_id": "ndg_Ben", "answer": "wrong"}
    later = [
        event(9, "engagement.nudge_answered", 65_000, None, answer),
        signal(10, "Chen", "working", 66_000),
    ]
    seen = group_of(page, [*events, *later], 67_000)
    assert (seen["nudges"], seen["earlier"]) == (["ndg_Ada", "ndg_Dana"], ["ndg_Ben", "ndg_Chen"])
    contested = event(11, "engagement.contested", 68_000, "Ada", {"signal_ids": ["evt_2"]})
    assert group_of(page, [*events, *later, contested], 69_000)["nudges"] == ["ndg_Dana"]


def asked(number: int, wait_ms: int | None) -> dict[str, Any]:
    data = {"caption_id": f"cap_{number}", "asked_at_ms": number * 1_000, "wait_ms": wait_ms}
    return event(number, "question.asked", number * 1_000, "tutor", {**data, "answered_by": None})


def test_a_word_on_waits_comes_after_three_short_ones_and_names_are_never_ranked(
    page: Page,
) -> None:
    measured = {"tutor_talk_share": 0.7, "not_heard_ms": {"Ada": 299_000, "Ben": 300_000}}
    events = live(
        asked(2, 900),
        asked(3, None),
        asked(4, 4_000),
        event(5, "participation.measured", 9, None, measured),
    )
    hints = group_of(page, events, 10_000)["hints"]
    assert (hints["medianWaitMs"], hints["waitsAreShort"]) == (900, False)
    assert hints["notHeard"] == ["Ben"]
    hints = group_of(page, [*events, asked(6, 1_000)], 10_000)["hints"]
    assert (hints["medianWaitMs"], hints["waitsAreShort"]) == (1_000, True)


def test_the_panel_is_read_and_used_by_keyboard_alone(page: Page, lesson: EngagedLesson) -> None:
    open_panel(page, lesson)
    names = page.locator(".tile-name").all_inner_texts()
    assert names == sorted(STATES)
    expect(page.locator(".strip-item").filter(has_text="Stuck")).to_have_text("1Stuck")
    ada = page.get_by_role("button", name=re.compile("^Ada"))
    expect(ada).to_have_accessible_name(re.compile("Ada ?Stuck ?For 2 minutes"))
    ada.focus()
    page.keyboard.press("Enter")
    expect(ada).to_have_attribute("aria-expanded", "true")
    reasons = page.locator(f"#reasons-{lesson.people['Ada']}")
    expect(reasons).to_contain_text("The last four answers were wrong.speaks strongly for it")
    expect(reasons).to_contain_text("between 50\u00a0% and 90\u00a0%")
    lesson.signal("Ada", "working", since_ms=NOW_MS, end_ms=NOW_MS + 5_000)
    expect(ada).to_contain_text("Working")
    expect(ada).to_be_focused()
    expect(ada).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(reasons).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name=re.compile("^Ben"))).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name=re.compile("^Ben"))).to_be_focused()


def test_a_nudge_is_answered_and_the_next_one_comes(page: Page, lesson: EngagedLesson) -> None:
    open_panel(page, lesson)
    current = page.locator(".nudge-current")
    expect(current).to_contain_text("Ada: Four wrong answers in a row")
    expect(current).to_contain_text("1 more after this one.")
    current.get_by_role("button", name="Helpful").click()
    expect(current).to_contain_text("Finn: Little of the task")
    current.get_by_role("button", name="Dismiss").click()
    expect(current).to_be_empty()
    page.get_by_text("Earlier hints (2)").click()
    expect(page.locator(".nudges-earlier")).to_contain_text("Helpful")
    with lesson.client() as api:
        events = api.get(f"/v1/lessons/{lesson.id}/events").json()["events"]
    answers = [one["data"] for one in events if one["type"] == "engagement.nudge_answered"]
    assert answers == [
        {"nudge_id": "ndg_2", "answer": "helpful"},
        {"nudge_id": "ndg_1", "answer": "dismissed"},
    ]


def test_a_learner_sees_what_is_inferred_contests_it_and_learns_what_came_of_it(
    browser: Browser, page: Page, lesson: EngagedLesson
) -> None:
    context = browser.new_context(base_url=lesson.gateway.url)
    own = context.new_page()
    own.goto(f"/#token={lesson.token_of('Finn')}")
    expect(own.get_by_role("heading", level=1)).to_have_text("What is inferred about me")
    assert "token" not in own.url
    expect(own.locator(".inferred-now")).to_contain_text("Drifting")
    expect(own.locator(".inferred")).to_have_count(1)
    own.get_by_text("Why", exact=True).click()
    expect(own.locator(".inferred")).to_contain_text("No input for a minute and a half")
    expect(own.locator("body")).not_to_contain_text("Four wrong answers")
    own.get_by_label("A remark, if you like").fill("I was reading the sheet.")
    own.get_by_role("button", name="This is wrong").click()
    expect(own.locator(".inferred")).to_contain_text("Contested, and waits for review.")

    open_panel(page, lesson)
    finn = page.locator(".tile", has_text="Finn")
    expect(finn).to_contain_text("Contested: not counted")
    expect(page.locator(".strip-item").filter(has_text="Drifting")).to_have_count(0)
    reviews = page.get_by_role("region", name="Contested by learners")
    expect(reviews).to_contain_text("I was reading the sheet.")
    reviews.get_by_label("Your remark for Finn").fill("You were, thank you.")
    reviews.get_by_role("button", name="Take it back").click()
    expect(reviews).to_be_hidden()
    expect(own.locator(".inferred")).to_contain_text("taken back: it counts nowhere")
    expect(own.locator(".inferred")).to_contain_text("You were, thank you.")
    context.close()


def test_a_learner_who_takes_back_consent_is_shown_as_not_observed_at_once(
    page: Page, lesson: EngagedLesson
) -> None:
    open_panel(page, lesson)
    with lesson.client() as api:
        path = f"/v1/lessons/{lesson.id}/participants/{lesson.people['Ben']}/consents"
        api.post(path, json={"purposes": ["signals"], "basis": "own"}).raise_for_status()
        api.delete(f"{path}/signals").raise_for_status()
    ben = page.locator(".tile", has_text="Ben")
    expect(ben).to_contain_text("Took back consent: nothing is inferred")
    expect(ben).not_to_contain_text("Working")


def test_a_tile_without_news_says_so_by_the_server_s_clock(
    page: Page, lesson: EngagedLesson
) -> None:
    page.clock.install()
    open_panel(page, lesson)
    ben = page.locator(".tile", has_text="Ben")
    expect(ben).to_contain_text("Working")
    page.clock.fast_forward(NOW_MS + 50_000)
    page.clock.run_for(1_000)
    expect(ben).to_contain_text("No news")
    expect(ben).to_contain_text("before: working")
    expect(page.locator(".strip-item")).to_have_text(f"{len(STATES)}not counted")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_can_be_read_and_named_in_both_schemes_and_on_a_phone(
    page: Page, lesson: EngagedLesson, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    lesson.tell("Finn", "engagement.contested", NOW_MS, start_ms=1, end_ms=NOW_MS, remark="No.")
    open_panel(page, lesson)
    for face in page.locator(".tile-face").all()[:2]:
        face.click()
    for address in (None, f"/#/lessons/{lesson.id}/about/{lesson.people['Finn']}"):
        if address:
            page.goto(address)
            expect(page.locator(".inferred")).to_have_count(1)
        assert page.evaluate(LOW_CONTRAST) == [], f"{address}, {scheme}"
        assert page.evaluate(UNNAMED_CONTROLS) == [], address
        page.set_viewport_size({"width": 360, "height": 740})
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), address
        page.set_viewport_size({"width": 1280, "height": 900})


def test_an_observer_sees_shares_without_names_and_nothing_about_fewer_than_five(
    browser: Browser, lesson: EngagedLesson
) -> None:
    lesson.begin_ago(NOW_MS + 1_000)
    lesson.add("Ms Ito", "observer")
    context = browser.new_context(base_url=lesson.gateway.url)
    page = context.new_page()
    page.goto(f"/#token={lesson.token_of('Ms Ito')}")
    expect(page.get_by_role("heading", level=1)).to_have_text("The group: Fractions 6b")
    shares = page.locator(".share")
    expect(shares).to_have_count(len(STATES))
    expect(shares.filter(has_text="Stuck")).to_contain_text("about 1 in 10")
    expect(page.locator(".group-facts")).to_contain_text("3 questions asked")
    for name in STATES:
        expect(page.locator("main")).not_to_contain_text(name)
    for name in list(STATES)[:4]:
        lesson.tell(name, "engagement.contested", NOW_MS, start_ms=1, end_ms=NOW_MS)
    page.reload()
    expect(page.locator(".empty")).to_contain_text("Fewer than 5 learners, so nothing is shown.")
    expect(shares).to_have_count(0)
    context.close()
