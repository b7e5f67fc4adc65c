"""Media that a platform publishes through `lectern.js`, and what becomes of it in trouble."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from serving.samples import SAMPLE_FOLDER
from tests.end_to_end.browser import run_chromium, write_microphone_file
from tests.end_to_end.platform_page import classroom
from tests.end_to_end.stack import Stack

pytestmark = pytest.mark.timeout(300)

SPOKEN_SECONDS = 60.0
LIVE = "() => lectern.status.media === 'live'"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("microphone")
    microphone = write_microphone_file(
        SAMPLE_FOLDER / "tutor.opus", folder / "tutor.wav", SPOKEN_SECONDS
    )
    with run_chromium(microphone) as running:
        yield running


@pytest.fixture
def lesson_path(stack: Stack) -> str:
    with stack.client() as api:
        lesson = api.post("/v1/lessons", json={"title": "From a platform"}).json()
    return f"/v1/lessons/{lesson['id']}"


@pytest.fixture
def page(browser: Browser, stack: Stack, lesson_path: str) -> Iterator[Page]:
    with stack.client() as api:
        person = {"name": "Ada", "role": "learner"}
        learner = api.post(f"{lesson_path}/participants", json=person).json()

        def mint_token() -> str:
            path = f"{lesson_path}/participants/{learner['id']}/token"
            return str(api.post(path).raise_for_status().json()["token"])

        with classroom(stack.url, mint_token) as address:
            context = browser.new_context()
            opened = context.new_page()
            opened.goto(address)
            opened.wait_for_function("() => window.lectern")
            yield opened
            context.close()


def events_of(stack: Stack, lesson_path: str) -> list[dict[str, Any]]:
    with stack.client() as api:
        events: list[dict[str, Any]] = api.get(f"{lesson_path}/events").json()["events"]
    return events


def test_a_page_publishes_shares_its_screen_and_leaves(
    page: Page, stack: Stack, lesson_path: str
) -> None:
    page.evaluate("lectern.publish({ video: true }).then(() => null)")
    page.wait_for_function(LIVE)
    page.evaluate("lectern.shareScreen()")
    page.evaluate("lectern.stopSharing()")
    assert page.evaluate("lectern.close()") is True
    assert page.evaluate("lectern.status.media") == "out"

    events = events_of(stack, lesson_path)
    types = [event["type"] for event in events]
    assert types.count("track.published") == 2
    [started] = [event["data"] for event in events if event["type"] == "screen_share.started"]
    [stopped] = [event["data"] for event in events if event["type"] == "screen_share.stopped"]
    assert started["share_id"] == stopped["share_id"]


def test_a_killed_ingest_worker_is_published_to_again(page: Page, stack: Stack) -> None:
    page.evaluate("lectern.publish({ video: true }).then(() => null)")
    page.wait_for_function(LIVE)
    [worker] = stack.processes("ingest")
    worker.kill()
    page.wait_for_function("() => lectern.status.media === 'reconnecting'", timeout=40_000)
    page.wait_for_function(LIVE, timeout=60_000)
    page.evaluate("lectern.close()")


def test_an_ended_lesson_is_not_published_to_again(
    page: Page, stack: Stack, lesson_path: str
) -> None:
    page.evaluate("lectern.publish().then(() => null)")
    page.wait_for_function(LIVE)
    with stack.client() as api:
        api.post(f"{lesson_path}/end").raise_for_status()
    page.wait_for_function("() => lectern.status.media === 'out'", timeout=60_000)
