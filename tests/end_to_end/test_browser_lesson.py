"""The main job, through the console: join, speak, read the captions, reload, read them again."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from serving.samples import SAMPLE_FOLDER
from tests.end_to_end.browser import run_chromium, write_microphone_file
from tests.end_to_end.stack import Stack

pytestmark = pytest.mark.timeout(300)

SPOKEN_SECONDS = 90.0
RECORDED_SECONDS = 12.0
MEASURED_WITHIN_S = 20.0
CAPTION_TIMEOUT_MS = 60_000
QUIET_MS = 5_000
"""No final for so long after the user left, and there will be none."""

WATCH_BOARD = """
window.addEventListener("DOMContentLoaded", () => {
  const seen = new Set();
  const isFinal = id => document.querySelector(`.entry[data-caption-id="${id}"]`) !== null;
  const note = () => {
    for (const cue of document.querySelectorAll('.board .cue[data-state="partial"]')) {
      const id = cue.dataset.captionId;
      const text = cue.querySelector(".cue-lines").textContent;
      if (text && !isFinal(id)) seen.add(id);
    }
    if ([...seen].some(isFinal)) document.body.dataset.partialBecameFinal = "yes";
  };
  new MutationObserver(note).observe(document.getElementById("page"), {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
});
"""
READ_FINALS = """entries => entries.map(entry => ({
  id: entry.dataset.captionId,
  revision: Number(entry.dataset.revision),
  text: entry.querySelector(".entry-text").textContent,
  speaker: entry.querySelector(".entry-name").textContent,
  role: entry.querySelector(".entry-role").textContent,
}))"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    microphone = write_microphone_file(
        SAMPLE_FOLDER / "tutor.opus",
        tmp_path_factory.mktemp("microphone") / "tutor.wav",
        SPOKEN_SECONDS,
    )
    with run_chromium(microphone) as running:
        yield running


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """The console, signed in by the address that `lectern up` prints."""
    context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.add_init_script(WATCH_BOARD)
    opened.goto(stack.console_url)
    yield opened
    context.close()


def finals_on(page: Page) -> list[dict[str, Any]]:
    """The transcript as it stands on the page."""
    finals: list[dict[str, Any]] = page.locator(".entry").evaluate_all(READ_FINALS)
    return finals


def create_lesson(page: Page, title: str) -> str:
    """Fill in the form for a new lesson and return the lesson's id."""
    page.get_by_role("button", name="New lesson").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Words of this lesson").fill("fractions, denominator")
    page.get_by_label("Your name").fill("Ruth")
    page.get_by_role("button", name="Create lesson").click()
    page.wait_for_url(re.compile(r"#/lessons/les_"))
    return page.url.rsplit("/", 1)[1]


def join(page: Page) -> None:
    """Join with the microphone and the camera, and wait until the media flows."""
    page.get_by_role("button", name="Join with my microphone and camera").click()
    wait_until_live(page)


def wait_until_live(page: Page) -> None:
    expect(page.locator(".join")).to_have_attribute("data-publishing", "live", timeout=30_000)


def wait_for_finals(page: Page, count: int) -> None:
    expect(page.locator(".entry").nth(count - 1)).to_be_attached(timeout=CAPTION_TIMEOUT_MS)


def wait_for_partial(page: Page) -> None:
    partial = page.locator('.board .cue[data-state="partial"]')
    expect(partial).to_be_visible(timeout=CAPTION_TIMEOUT_MS)


def wait_until_quiet(page: Page) -> list[dict[str, Any]]:
    """Return the finals once no more of them come."""
    finals = finals_on(page)
    while True:
        page.wait_for_timeout(QUIET_MS)
        if len(finals_on(page)) == len(finals):
            return finals
        finals = finals_on(page)


def caption_events(stack: Stack, lesson_id: str) -> list[dict[str, Any]]:
    """The lesson's final captions as the API tells them, in the order they were spoken."""
    with stack.client() as client:
        response = client.get(f"/v1/lessons/{lesson_id}/events", params={"types": "caption.final"})
    data = [event["data"] for event in response.raise_for_status().json()["events"]]
    return sorted(data, key=lambda caption: (caption["start_ms"], caption["caption_id"]))


def measured_record(stack: Stack, lesson_id: str) -> dict[str, Any]:
    """The accessibility record, once the worker has written down what it measured."""
    deadline = time.monotonic() + MEASURED_WITHIN_S
    with stack.client() as client:
        while True:
            answer = client.get(f"/v1/lessons/{lesson_id}/accessibility").json()
            record: dict[str, Any] = answer
            if record["flicker"]["words_final"] or time.monotonic() > deadline:
                return record
            time.sleep(0.5)


def test_a_spoken_lesson_is_captioned_survives_a_reload_and_equals_its_events(
    page: Page, stack: Stack
) -> None:
    assert stack.api_key not in page.url
    lesson_id = create_lesson(page, "Fractions by voice")
    join(page)
    wait_for_partial(page)
    expect(page.locator("body[data-partial-became-final]")).to_be_attached(
        timeout=CAPTION_TIMEOUT_MS
    )
    first = finals_on(page)[0]
    assert (first["speaker"], first["role"]) == ("Ruth", "Instructor")

    wait_for_partial(page)
    before = finals_on(page)
    page.reload()
    wait_until_live(page)
    wait_for_finals(page, len(before) + 1)
    assert [final for final in finals_on(page) if final in before] == before

    page.get_by_role("button", name="Leave").click()
    said = wait_until_quiet(page)
    page.reload()
    wait_for_finals(page, len(said))
    assert finals_on(page) == said

    events = caption_events(stack, lesson_id)
    assert [(event["caption_id"], event["revision"], event["text"]) for event in events] == [
        (final["id"], final["revision"], final["text"]) for final in said
    ]


def test_the_events_tell_who_came_spoke_raised_a_hand_and_left(page: Page, stack: Stack) -> None:
    lesson_id = create_lesson(page, "A raised hand")
    join(page)
    page.get_by_role("button", name="Raise hand").click()
    person = page.locator(".person", has_text="Ruth")
    expect(person).to_contain_text("Hand raised")
    expect(person).to_contain_text("Microphone on")
    expect(person).to_contain_text("Camera on")
    page.get_by_role("button", name="Mute").click()
    expect(person).to_contain_text("Muted", timeout=15_000)
    page.get_by_role("button", name="Leave").click()
    expect(person).to_contain_text("Not here", timeout=15_000)
    page.get_by_role("button", name="End lesson").click()
    page.get_by_role("dialog").get_by_role("button", name="End lesson").click()
    expect(page.locator(".lesson-status")).to_contain_text("Ended", timeout=15_000)

    with stack.client() as client:
        events = client.get(f"/v1/lessons/{lesson_id}/events").json()["events"]
    assert [event["ledgersequence"] for event in events] == list(range(1, len(events) + 1))
    types = [event["type"] for event in events]
    assert types[0] == "lesson.started"
    wanted = ["participant.joined", "hand.raised", "track.muted", "participant.left"]
    assert [name for name in types if name in wanted] == wanted
    assert types.count("track.published") == types.count("track.ended") == 2


def test_a_caption_is_corrected_on_the_page_and_in_the_record(page: Page, stack: Stack) -> None:
    lesson_id = create_lesson(page, "A correction")
    join(page)
    wait_for_finals(page, 1)
    page.get_by_role("button", name="Leave").click()
    entry = page.locator(".entry").first
    entry.get_by_role("button", name="Correct what Ruth said").click()
    page.get_by_label("Corrected text").fill("What was really said.")
    page.get_by_role("button", name="Save").click()
    expect(entry.locator(".entry-text")).to_have_text("What was really said.")
    page.reload()
    expect(page.locator(".entry-text").first).to_have_text("What was really said.")
    with page.expect_download() as download:
        page.get_by_role("button", name="WebVTT").click()
    vtt = Path(download.value.path()).read_text("utf-8")
    assert vtt.startswith("WEBVTT")
    assert "What was really said." in vtt
    with stack.client() as client:
        page_of_events = client.get(
            f"/v1/lessons/{lesson_id}/events", params={"types": "caption.corrected"}
        ).json()
    assert [event["data"]["text"] for event in page_of_events["events"]] == [
        "What was really said."
    ]


def test_an_uploaded_recording_shows_its_progress_and_becomes_captions(
    page: Page, tmp_path: Path
) -> None:
    recording = write_microphone_file(
        SAMPLE_FOLDER / "tutor.opus", tmp_path / "dr_obi.wav", RECORDED_SECONDS
    )
    create_lesson(page, "From a recording")
    page.get_by_text("Use a recording").click()
    page.get_by_label("Audio or video files").set_input_files(recording)
    expect(page.get_by_label("is spoken by")).to_have_value("dr obi")
    page.get_by_label("is spoken by").fill("Dr Obi")
    page.get_by_role("button", name="Caption it").click()
    expect(page.locator(".recording-stage")).to_have_text(
        "Captioned, 100 %", timeout=CAPTION_TIMEOUT_MS
    )
    wait_for_finals(page, 1)
    assert {final["speaker"] for final in finals_on(page)} == {"Dr Obi"}


def test_the_sample_is_played_with_two_voices_and_their_roles(page: Page, stack: Stack) -> None:
    page.get_by_role("button", name="Play the sample").click()
    page.wait_for_url(re.compile(r"#/lessons/les_"))
    lesson_id = page.url.rpartition("/")[2]
    for role in ("Instructor", "Learner"):
        entry = page.locator(".entry", has=page.locator(".entry-role", has_text=role))
        expect(entry.first).to_be_attached(timeout=CAPTION_TIMEOUT_MS)
    page.get_by_role("button", name="End lesson").click()
    page.get_by_role("dialog").get_by_role("button", name="End lesson").click()
    expect(page.get_by_role("button", name="Play a fresh sample")).to_be_visible(timeout=15_000)
    record = measured_record(stack, lesson_id)
    assert record["speech_end_to_final"]["count"] > 0
    assert record["flicker"]["words_final"] == record["word_to_publish"]["count"] > 0


def test_a_killed_ingest_worker_costs_no_final_and_the_console_publishes_again(
    page: Page, stack: Stack
) -> None:
    create_lesson(page, "A worker dies")
    join(page)
    wait_for_finals(page, 1)
    before = finals_on(page)
    [worker] = stack.processes("ingest")
    worker.kill()
    expect(page.locator(".join")).to_have_attribute(
        "data-publishing", "reconnecting", timeout=40_000
    )
    expect(page.locator(".join")).to_have_attribute("data-publishing", "live", timeout=60_000)
    assert finals_on(page)[: len(before)] == before
    page.get_by_role("button", name="Leave").click()
    expect(page.locator(".person", has_text="Ruth")).to_contain_text("Not here", timeout=15_000)
