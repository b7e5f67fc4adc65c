"""`lectern.js` in a platform's page on another origin: nothing is lost and nothing is doubled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, CDPSession, Page, Route
from playwright.sync_api import Error as PlaywrightError

from tests.contracts.gateway_thread import GatewayThread
from tests.end_to_end.network_line import NetworkLine, network_line
from tests.end_to_end.platform_page import classroom

pytestmark = pytest.mark.timeout(180)

STEP_MS = 5_000
STEPS = 120
"""Ten minutes of use."""
CUTS = ((18, 30), (47, 56), (80, 92))
"""The network is cut at the first step and back at the second; in the last cut comes a reload."""
RELOAD_AT = 86
IDLE_STEPS = range(60, 76)
AWAY_STEPS = {12: "leave", 14: "return", 50: "leave", 58: "return"}
ASLEEP_MS = 150_000
"""Longer than browsers leave a hidden page alone; a gateway takes no time five minutes ahead."""
ALL_ACKNOWLEDGED = "() => lectern.outbox.rows.length === 0"


@dataclass(slots=True)
class Script:
    """What was done in the page, in order, and how often keys and the button were pressed."""

    recorded: list[dict[str, Any]] = field(default_factory=list)
    key_presses: int = 0
    clicks: int = 0


@dataclass(slots=True)
class Lesson:
    """A live lesson with one learner, on a real gateway."""

    id: str
    participant_id: str
    api: httpx.Client

    def mint_token(self) -> str:
        path = f"/v1/lessons/{self.id}/participants/{self.participant_id}/token"
        return str(self.api.post(path).raise_for_status().json()["token"])

    def done(self) -> list[dict[str, Any]]:
        """What was done in the page, without the counts that it tells at all times."""
        return [event for event in self.events() if event["type"] != "activity.counted"]

    def events(self) -> list[dict[str, Any]]:
        """Everything in the ledger after the lesson's own beginning."""
        path, after = f"/v1/lessons/{self.id}/events", 0
        found: list[dict[str, Any]] = []
        while True:
            page = self.api.get(path, params={"after": after, "limit": 1000}).json()
            if page["next_after"] == after:
                return [event for event in found if "subject" in event]
            found += page["events"]
            after = page["next_after"]


@pytest.fixture
def lesson(gateway: GatewayThread, tenant_id: str) -> Iterator[Lesson]:
    _, key = gateway.call(gateway.services.api_keys.create(tenant_id, "a platform"))
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=gateway.url, headers=headers, trust_env=False) as api:
        created = api.post("/v1/lessons", json={"title": "Fractions"}).raise_for_status().json()
        path = f"/v1/lessons/{created['id']}"
        person = {"name": "Ada", "role": "learner"}
        learner = api.post(f"{path}/participants", json=person).raise_for_status().json()
        api.post(f"{path}/start").raise_for_status()
        yield Lesson(created["id"], learner["id"], api)


@pytest.fixture
def line(gateway: GatewayThread) -> Iterator[NetworkLine]:
    with network_line(gateway.url) as laid:
        yield laid


@pytest.fixture
def address(line: NetworkLine, lesson: Lesson) -> Iterator[str]:
    with classroom(line.url, lesson.mint_token) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.clock.install()
    yield context.new_page()
    context.close()


def enter(page: Page, address: str) -> None:
    """Open the classroom and wait until the module knows the lesson's clock."""
    page.goto(address)
    page.wait_for_function("() => window.lectern?.clock.startedAt")


def record(page: Page, script: Script, type_name: str, data: dict[str, Any]) -> None:
    identifier = page.evaluate("([type, data]) => lectern.record(type, data)", [type_name, data])
    script.recorded.append({"id": identifier, "type": type_name, "data": data})


def act(page: Page, script: Script, step: int) -> None:
    """Do what a learner does in five seconds, which differs from step to step."""
    page.focus("#work")
    for _ in range(step % 4):
        page.keyboard.press("a")
    script.key_presses += step % 4
    if step % 3 == 0:
        page.click("#press")
        script.clicks += 1
    if step % 5 == 0:
        record(page, script, "hand.raised" if step % 2 else "hand.lowered", {})
    if step % 7 == 0:
        data = {"content_id": f"slides/{step}", "kind": "slide", "position": step + 1}
        record(page, script, "content.opened", data)
    if step % 11 == 0:
        data = {"poll_id": f"poll-{step}", "options": [step % 2], "response_time_ms": 900}
        record(page, script, "poll.answered", data)
    if step % 40 == 1:
        for stroke in range(150):
            data = {"board_id": "board-1", "strokes": 1 + stroke % 7, "points": 20}
            record(page, script, "whiteboard.strokes_drawn", data)


def leave_or_return(page: Page, what: str) -> None:
    """Bring another page to the front, or this one again, as the window system would tell."""
    focus: CDPSession = page.context.new_cdp_session(page)
    focus.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    if what == "return":
        page.bring_to_front()
        page.wait_for_function("() => document.hasFocus()")
    else:
        page.context.new_page().bring_to_front()
        page.wait_for_function("() => !document.hasFocus()")
    page.clock.run_for(100)


def reload_without_network(page: Page) -> None:
    """Press reload while there is no network: the browser shows its own error page."""
    with pytest.raises(PlaywrightError, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()


def run_script(page: Page, address: str, line: NetworkLine) -> Script:
    script, away = Script(), False
    enter(page, address)
    cut_at, back_at = {start for start, _ in CUTS}, {end for _, end in CUTS}
    for step in range(STEPS):
        if step in cut_at:
            # The browser's own switch tells the page; the line stops what the switch lets through.
            page.context.set_offline(True)
            line.cut()
        if step == RELOAD_AT:
            reload_without_network(page)
        if step in back_at:
            line.mend()
            page.context.set_offline(False)
            if step > RELOAD_AT:
                enter(page, address)
        if RELOAD_AT <= step < CUTS[-1][1]:
            continue
        if step in AWAY_STEPS:
            leave_or_return(page, AWAY_STEPS[step])
            away = AWAY_STEPS[step] == "leave"
        if step not in IDLE_STEPS and not away:
            act(page, script, step)
        page.clock.run_for(STEP_MS)
    assert page.evaluate("() => lectern.flush(60_000)") is True
    return script


def count_input(events: list[dict[str, Any]], kind: str) -> int:
    counted = [event["data"]["buckets"] for event in events if event["type"] == "activity.counted"]
    return sum(bucket[kind] for buckets in counted for bucket in buckets)


def test_ten_minutes_with_three_cuts_and_a_reload_lose_and_double_nothing(
    page: Page, address: str, line: NetworkLine, lesson: Lesson
) -> None:
    script = run_script(page, address, line)
    events = lesson.events()
    ids = [event["id"] for event in events]
    assert len(ids) == len(set(ids))

    by_hand = {one["id"] for one in script.recorded}
    stored = [event for event in events if event["id"] in by_hand]
    assert [event["id"] for event in stored] == [one["id"] for one in script.recorded]
    for event, one in zip(stored, script.recorded, strict=True):
        assert (event["type"], event["subject"]) == (one["type"], lesson.participant_id)
        assert {**event["data"], **one["data"]} == event["data"]

    assert count_input(events, "key_presses") == script.key_presses
    assert count_input(events, "clicks") == script.clicks
    by_itself = [event for event in events if event["id"] not in by_hand]
    told = [(event["type"], *event["data"].values()) for event in by_itself]
    presence = [one[1] for one in told if one[0] == "presence.changed"]
    assert presence == ["away", "present"] * 3
    assert [one[0] for one in told if one[0] in ("attention.blurred", "attention.focused")] == [
        "attention.blurred",
        "attention.focused",
    ] * 2
    assert [one[0] for one in told if one[0] in ("attention.idle", "attention.active")] == [
        "attention.idle",
        "attention.active",
    ]
    assert page.evaluate("told") == []


def spans_told(lesson: Lesson) -> list[tuple[int, int, int]]:
    """Return of every count that was told where it begins and ends, and the input that it holds."""
    told = [event["data"] for event in lesson.events() if event["type"] == "activity.counted"]
    return [
        (
            one["start_ms"],
            one["start_ms"] + one["bucket_ms"] * len(one["buckets"]),
            sum(sum(bucket.values()) for bucket in one["buckets"]),
        )
        for one in told
    ]


def flush(page: Page) -> None:
    """Let what was captured out, while the page's clock goes on."""
    page.clock.run_for(1_000)
    page.wait_for_function(ALL_ACKNOWLEDGED)


def hide_server_clock(page: Page) -> None:
    """Let the page's own clock be the lesson's: here it runs ahead of the gateway's."""

    def without_date(route: Route) -> None:
        answer = route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        route.fulfill(response=answer, headers=headers)

    page.route("**/v1/**", without_date)


def test_a_page_tells_that_nothing_is_done_and_nothing_of_what_it_slept_through(
    page: Page, address: str, lesson: Lesson
) -> None:
    hide_server_clock(page)
    enter(page, address)
    page.clock.run_for(60_000)
    flush(page)
    quiet = spans_told(lesson)
    assert {inputs for _, _, inputs in quiet} == {0}
    assert all(end - start <= 15_000 for start, end, _ in quiet)
    assert [start for start, _, _ in quiet[1:]] == [end for _, end, _ in quiet[:-1]]
    assert quiet[-1][1] - quiet[0][0] >= 45_000
    fell_asleep_ms = page.evaluate("lectern.clock.lessonMs()")
    page.clock.fast_forward(ASLEEP_MS)
    page.focus("#work")
    page.keyboard.press("a")
    page.clock.run_for(STEP_MS)
    flush(page)
    spans = spans_told(lesson)
    asleep = range(round(fell_asleep_ms) + 10_000, round(fell_asleep_ms) + ASLEEP_MS - 10_000)
    assert not [one for one in spans if one[0] in asleep or one[1] in asleep]
    assert sum(inputs for _, _, inputs in spans) >= 1


def test_what_is_done_is_told_within_a_second_of_its_five(
    page: Page, address: str, lesson: Lesson
) -> None:
    hide_server_clock(page)
    enter(page, address)
    for _ in range(3):
        page.focus("#work")
        page.keyboard.press("a")
        page.clock.run_for(STEP_MS)
    flush(page)
    counted = [event for event in lesson.events() if event["type"] == "activity.counted"]
    ends = [one["data"]["start_ms"] + 5_000 * len(one["data"]["buckets"]) for one in counted]
    assert len(counted) >= 2
    for event, end_ms in zip(counted, ends, strict=True):
        assert 0 <= event["lessontimems"] - end_ms < 1_000


def test_an_answer_that_is_lost_on_its_way_stores_nothing_twice(
    page: Page, address: str, lesson: Lesson
) -> None:
    enter(page, address)
    posted: list[Any] = []

    def lose_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        posted.append(json.loads(route.request.post_data or "{}"))
        if len(posted) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort("connectionreset")

    page.route("**/events", lose_first_answer)
    identifier = page.evaluate("lectern.raiseHand()")
    page.wait_for_function("() => lectern.status.state === 'waiting'")
    assert [event["id"] for event in lesson.done()] == [identifier]
    page.clock.run_for(2_000)
    page.wait_for_function(ALL_ACKNOWLEDGED)
    assert posted[0] == posted[1]
    assert [event["id"] for event in lesson.done()] == [identifier]


def test_retry_after_is_waited_for(page: Page, address: str, lesson: Lesson) -> None:
    enter(page, address)
    refused: list[int] = []

    def refuse_once(route: Route) -> None:
        if route.request.method == "POST" and not refused:
            refused.append(503)
            headers = {"Retry-After": "30", "Access-Control-Allow-Origin": "*"}
            headers["Access-Control-Expose-Headers"] = "Retry-After"
            route.fulfill(status=503, headers=headers, json={"title": "Busy"})
        else:
            route.continue_()

    page.route("**/events", refuse_once)
    page.evaluate("lectern.raiseHand()")
    page.wait_for_function("() => lectern.status.state === 'waiting'")
    page.clock.run_for(25_000)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    page.wait_for_timeout(150)
    assert lesson.done() == []
    page.clock.run_for(6_000)
    page.wait_for_function(ALL_ACKNOWLEDGED)
    assert [event["type"] for event in lesson.done()] == ["hand.raised"]


def test_an_expired_token_is_renewed_and_costs_no_event(
    page: Page, gateway: GatewayThread, lesson: Lesson
) -> None:
    tokens = ["good", "expired", "good"]

    def mint() -> str:
        good = lesson.mint_token()
        head, claims, signature = good.split(".")
        return good if tokens.pop(0) == "good" else f"{head}.{claims}.{signature[::-1]}"

    with classroom(gateway.url, mint) as address:
        enter(page, address)
        page.evaluate("lectern.gateway.claims()")
        page.evaluate("lectern.raiseHand()")
        page.wait_for_function(ALL_ACKNOWLEDGED)
    assert tokens == []
    assert [event["type"] for event in lesson.done()] == ["hand.raised"]


def test_what_the_gateway_refuses_is_told_and_holds_up_nothing(
    page: Page, address: str, lesson: Lesson
) -> None:
    enter(page, address)
    page.evaluate("lectern.raiseHand()")
    page.evaluate("lectern.record('hand.razed')")
    page.evaluate("lectern.lowerHand()")
    page.wait_for_function(ALL_ACKNOWLEDGED)
    [told] = page.evaluate("told")
    assert (told["name"], told["event"]["type"]) == ("refused", "hand.razed")
    assert "hand.raised" in told["problem"]["fix"]
    assert page.evaluate("lectern.status.refused") == 1
    assert [event["type"] for event in lesson.done()] == ["hand.raised", "hand.lowered"]


def test_a_full_queue_drops_counts_first_and_says_so(page: Page, address: str) -> None:
    enter(page, address)
    page.context.set_offline(True)
    dropped = page.evaluate(
        """() => {
          for (let number = 0; number < 10_500; number += 1) {
            lectern.record(number % 2 ? "activity.counted" : "hand.raised");
          }
          return lectern.status.dropped;
        }"""
    )
    rows = page.evaluate("lectern.outbox.rows.map((row) => row.event.type)")
    assert len(rows) <= 10_000
    assert rows.count("hand.raised") == 5_250
    told = page.evaluate("told")
    assert dropped == len(told) == 10_500 - sum(name != "presence.changed" for name in rows)
    assert {one["reason"] for one in told} == {"the queue is full (activity.counted)"}
