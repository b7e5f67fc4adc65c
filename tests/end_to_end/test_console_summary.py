"""The page of a lesson's summary: evidence, corrections in place, waiting."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from lessons.events import DATA_TYPES, EventDraft
from lessons.identifiers import new_id
from lessons.summary import SummaryDocument, mention
from tests.contracts.gateway_thread import GatewayThread
from tests.end_to_end.noted_lesson import token_of
from tests.unit.integrations.captions.spoken import final
from tests.unit.operations.recaps.summaries import claim, moment
from tests.unit.serving.recaps.lesson_with_summary import Scene, set_scene

pytestmark = pytest.mark.timeout(240)

PHONE: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}
SCREENSHOTS = os.environ.get("LECTERN_SCREENSHOTS")
"""Folder for pictures of the pages, for people to look at."""

MANY_LEARNERS = """async count => {
  const { learnersPanel } = await import("/views/summary_learners.js");
  const empty = { talk_ms: 0, answers_right: 0, answers_wrong: 0, moments: [], claims: [] };
  const learner = (_, at) => ({ ...empty, participant_id: `p${at}`, observed: at > 0 });
  const node = learnersPanel(Array.from({ length: count }, learner), [], { nameOf: id => id });
  return [node.querySelectorAll("details.summary-learner").length, node.textContent];
}"""


@pytest.fixture
def scene(gateway: GatewayThread) -> Scene:
    """A lesson that is over, with one caption and no summary yet."""
    made: Scene = gateway.call(set_scene(gateway.services, new_id("ten")))
    said = final(
        "First a common denominator.",
        61_000,
        64_000,
        participant_id=made.tutor.id,
        participant_name=made.tutor.name,
        role=made.tutor.role,
        caption_id="cap-1",
    )
    draft = EventDraft(said, 61_000, made.tutor.id)
    gateway.call(gateway.services.ledger.append(*made.where, [draft]))
    return made


def summary_of(scene: Scene) -> SummaryDocument:
    ada, ben, tutor = scene.ada.id, scene.ben.id, scene.tutor.id
    segments = [
        {
            "segment_id": "s1",
            "start_ms": 0,
            "end_ms": 900_000,
            "title": "Halves",
            "kind": "opening",
        },
        {
            "segment_id": "s2",
            "start_ms": 900_000,
            "end_ms": 2_700_000,
            "title": "Unlike fractions",
            "kind": "instruction",
            "objective_ids": ["fractions.add"],
            "claims": [claim("taught", "taught", f"{mention(tutor)} explained denominators.")],
        },
    ]
    unsure = claim("sure", "response", f"{mention(ada)} gave a reason.", subject=ada)
    learner = {
        "participant_id": ada,
        "observed": True,
        "talk_ms": 90_000,
        "answers_right": 3,
        "answers_wrong": 1,
        "claims": [{**unsure, "status": "marked", "reason": "It was heard badly."}],
        "moments": [moment(ada, "repeated_error", "fractions.add")],
    }
    reflection = {
        "participant_id": tutor,
        "moves": {"pressing_for_reasoning": 3, "restating": 1},
        "talk_share": 0.6,
        "wait_time_ms_median": 2_400,
        "questions": 8,
        "questions_by_kind": {"open": 3, "closed": 5},
        "turns_by_learner": {ada: 6, ben: 0},
        "uptake_mean": 0.62,
        "focusing_share": 0.4,
        "past": {
            "lessons": 2,
            "move_shares": {"restating": 0.5, "pressing_for_reasoning": 0.5},
            "talk_share": 0.7,
            "wait_time_ms_median": 1_200,
            "questions": 6.5,
        },
    }
    return scene.document(
        duration_ms=2_700_000,
        segments=segments,
        learners=[learner, {"participant_id": ben, "observed": False}],
        strong_moments=[
            claim("strong", "strong_moment", f"{mention(ben)} asked a good one.", subject=ben)
        ],
        homework=[claim("homework", "homework", "Worksheet 4, exercises 1 to 6.")],
        not_observed=[claim("unseen", "not_observed", "The quiz was planned and not seen.")],
        reflections=[reflection],
    )


def sign_in(browser: Browser, gateway: GatewayThread, credential: str) -> Page:
    opened = browser.new_context(base_url=gateway.url, viewport=WIDE).new_page()
    opened.goto(f"/#key={credential}")
    expect(opened.get_by_role("heading", level=1)).to_have_text("Lessons")
    return opened


@pytest.fixture
def page(browser: Browser, gateway: GatewayThread, scene: Scene) -> Iterator[Page]:
    """The console with the school's key; anything the browser complains of fails."""
    _, key = gateway.call(gateway.services.api_keys.create(scene.lesson.tenant_id, "school"))
    opened = sign_in(browser, gateway, key)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.context.close()
    assert complaints == []


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


def test_a_tutor_goes_from_a_sentence_to_its_caption_and_puts_another_right_by_keyboard(
    page: Page, scene: Scene, gateway: GatewayThread
) -> None:
    gateway.call(scene.summarise(summary_of(scene)))
    page.goto(f"/#/lessons/{scene.lesson.id}")
    page.get_by_role("link", name="Summary", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Summary: Fractions")
    expect(page.get_by_text("A computer program (AI) wrote this summary")).to_be_visible()
    assert "trainedAlgorithmicMedia" in page.content()
    page.get_by_role("button", name="2. Unlike fractions").click()
    expect(page.get_by_role("heading", name="2. Unlike fractions")).to_be_focused()
    expect(page.get_by_role("heading", name="Reflection: Ms Hill")).to_be_visible()
    expect(page.get_by_text("Not observed: the record has nothing to tell.")).to_be_visible()
    marked = page.locator('[data-claim-id="sure"]')
    expect(marked).to_contain_text("To be checked")
    look(page, "summary")
    marked.get_by_role("button", name="Correct").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("Ada gave two reasons.")
    page.keyboard.press("Control+Enter")
    expect(marked).to_be_focused()
    expect(marked).not_to_contain_text("To be checked")
    (told,) = gateway.call(scene.told(DATA_TYPES["summary.corrected"].type))
    assert told.text == f"{mention(scene.ada.id)} gave two reasons."
    removed = page.locator('[data-claim-id="unseen"]')
    removed.get_by_role("button", name="Correct").click()
    removed.get_by_role("button", name="Take it out").click()
    expect(removed).to_have_text("Taken out.")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    homework = page.locator('[data-claim-id="homework"]')
    homework.get_by_text("What shows it: 1:01 to 1:04").click()
    expect(homework).to_contain_text("Ms Hill: “First a common denominator.”")
    homework.get_by_role("link", name="1:01").click()
    expect(page.locator('[data-caption-id="cap-1"]')).to_be_focused()


def test_a_page_that_waits_shows_progress_and_then_the_summary_by_itself(
    page: Page, scene: Scene, gateway: GatewayThread
) -> None:
    page.goto(f"/#/lessons/{scene.lesson.id}/summary")
    expect(page.get_by_text("The summary is not written yet.")).to_be_visible()
    progress(gateway, scene, "reading", 0.4)
    expect(page.get_by_text("The lesson is being read.")).to_be_visible()
    expect(page.get_by_text("40\u00a0% is done")).to_be_visible()
    look(page, "waiting")
    gateway.call(scene.summarise(summary_of(scene)))
    progress(gateway, scene, "done", 1)
    expect(page.get_by_role("heading", name="What was taught")).to_be_visible()


def test_the_lesson_page_says_how_far_the_summary_is_and_leads_to_it(
    page: Page, scene: Scene, gateway: GatewayThread
) -> None:
    page.goto(f"/#/lessons/{scene.lesson.id}")
    expect(page.get_by_text("The summary is not written yet.")).to_be_visible()
    progress(gateway, scene, "writing", 0.8)
    expect(page.get_by_text("The summary is being written.")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress")).to_have_attribute("value", "0.8")
    look(page, "lesson-writing")
    progress(gateway, scene, "failed", 0.9)
    expect(page.get_by_text("The last attempt to write the summary failed.")).to_be_visible()
    expect(page.get_by_text("putting a caption right does it")).to_be_visible()
    look(page, "lesson-failed")
    gateway.call(scene.summarise(summary_of(scene)))
    progress(gateway, scene, "done", 1)
    page.get_by_role("main").get_by_role("link", name="Read the summary").click()
    expect(page.get_by_role("heading", name="What was taught")).to_be_visible()


def sign_in_as_ada(page: Page, gateway: GatewayThread, scene: Scene) -> None:
    """Open what a learner is sent; another address at once would take the token's place."""
    page.goto(f"/#token={token_of(gateway, scene.lesson, scene.ada)}")
    expect(page).to_have_url(re.compile("/about-me$"))


def test_a_learner_reads_the_lesson_and_their_own_part_and_nothing_of_others(
    page: Page, scene: Scene, gateway: GatewayThread
) -> None:
    sign_in_as_ada(page, gateway, scene)
    page.goto(f"/#/lessons/{scene.lesson.id}/summary")
    expect(page.get_by_text("The summary is not written yet.")).to_be_visible()
    expect(page.get_by_text("more than a week ago")).to_have_count(0)
    gateway.call(scene.summarise(summary_of(scene)))
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", name="How you took part")).to_be_visible()
    expect(main).to_contain_text("Ms Hill explained denominators.")
    expect(main).to_contain_text("Worksheet 4, exercises 1 to 6.")
    expect(main).to_contain_text("Ada gave a reason.")
    expect(main).to_contain_text("Wrong more than once at the same thing")
    expect(main).to_contain_text("Perhaps taken for right: Adds the denominators.")
    expect(main).not_to_contain_text("Ben")
    expect(main.get_by_role("heading", name=re.compile("Reflection|Went well"))).to_have_count(0)
    expect(main.get_by_role("button", name=re.compile("Correct"))).to_have_count(0)
    look(page, "learner")


def test_it_says_why_there_is_none_while_the_lesson_goes_on_and_where_it_is_switched_off(
    page: Page, scene: Scene, gateway: GatewayThread
) -> None:
    tenant_id, lessons = scene.lesson.tenant_id, gateway.services.lessons
    live = gateway.call(lessons.create_lesson(tenant_id, title="Next"))
    gateway.call(lessons.start_lesson(tenant_id, live.id))
    page.goto(f"/#/lessons/{live.id}/summary")
    expect(page.get_by_text("The lesson has not ended")).to_be_visible()
    expect(page.get_by_text("Until then there are notes on the lesson's page.")).to_be_visible()
    off = {"features": {"summaries": False}}
    gateway.call(gateway.services.tenants.change(tenant_id, tenant_id, settings=off))
    page.goto(f"/#/lessons/{scene.lesson.id}/summary")
    expect(page.get_by_text("An administrator switches them on")).to_be_visible()
    look(page, "switched-off")
    sign_in_as_ada(page, gateway, scene)
    page.goto(f"/#/lessons/{scene.lesson.id}")
    expect(page.get_by_text("Lessons here get none.")).to_be_visible()


def test_a_summary_of_misheard_captions_says_why_it_quotes_nothing(
    page: Page, gateway: GatewayThread, scene: Scene
) -> None:
    gateway.call(scene.summarise(scene.document(heard="badly")))
    page.goto(f"/#/lessons/{scene.lesson.id}/summary")
    expect(page.get_by_role("note")).to_contain_text("misheard")


def test_more_than_eight_learners_are_told_of_by_name_first(page: Page) -> None:
    folded, words = page.evaluate(MANY_LEARNERS, 9)
    assert folded == 9
    assert "p0 not observed" in words
    assert "the record tells no more" in words
    assert page.evaluate(MANY_LEARNERS, 8)[0] == 0


def progress(gateway: GatewayThread, scene: Scene, stage: str, share: float) -> None:
    """Tell how far the summary is."""
    told = {"summary_id": "sum_1", "summary_version": 1, "stage": stage, "share": share}
    data = DATA_TYPES["summary.progressed"].model_validate(told)
    gateway.call(gateway.services.ledger.append(*scene.where, [EventDraft(data, None)]))
