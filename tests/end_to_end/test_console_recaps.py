"""Recaps in the console: a tutor edits and approves by keyboard, a guardian reads the page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pypdf import PdfReader

from lessons.identifiers import new_id
from lessons.tokens import mint_participant_token
from serving.mail import Mailer
from serving.recaps.delivery import RecapDelivery
from serving.recaps.keeping import RecapKeeping
from tests.contracts.gateway_thread import GatewayThread
from tests.unit.serving.recaps.lesson_with_summary import Scene, set_scene

pytestmark = pytest.mark.timeout(180)

PHONE: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}
SCREENSHOTS = os.environ.get("LECTERN_SCREENSHOTS")
"""Folder for pictures of the pages, for people to look at."""


@pytest.fixture
def scene(gateway: GatewayThread) -> Scene:
    """A lesson whose recaps are drafted."""
    services, tenant_id = gateway.services, new_id("ten")
    made: Scene = gateway.call(set_scene(services, tenant_id))
    gateway.call(made.summarise())
    delivery = RecapDelivery(services.database, Mailer(None, "a@b.example"), gateway.url)
    gateway.call(RecapKeeping(services.database, delivery, services.jobs).see_to(*made.where))
    return made


@pytest.fixture
def page(browser: Browser, gateway: GatewayThread, scene: Scene) -> Iterator[Page]:
    """The console with the school's key; anything the browser complains of fails."""
    _, key = gateway.call(gateway.services.api_keys.create(scene.lesson.tenant_id, "school"))
    context = browser.new_context(base_url=gateway.url, viewport=WIDE)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(f"/#key={key}")
    expect(opened.get_by_role("heading", level=1)).to_have_text("Lessons")
    yield opened
    context.close()
    assert complaints == []


def look(page: Page, name: str) -> None:
    """Take pictures in light and dark, wide and on a phone, where somebody wants to see them."""
    if not SCREENSHOTS:
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size, viewport in (("wide", WIDE), ("phone", PHONE)):
            page.set_viewport_size(viewport)
            page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{scheme}-{size}.png", full_page=True)
    page.set_viewport_size(WIDE)


def test_a_tutor_edits_in_place_and_approves_with_the_keyboard(page: Page, scene: Scene) -> None:
    page.goto(f"/#/lessons/{scene.lesson.id}")
    page.get_by_role("link", name="Recaps").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recaps for guardians")
    card = page.get_by_role("article", name="Ada")
    expect(card.locator(".recap-state")).to_have_text("To be approved")
    field = card.get_by_label("What went well")
    expect(field).to_have_value("Ada found it alone.\nAll answers that were checked were right.")
    look(page, "approval")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Ada found the mistake alone.\nShe asked good questions.")
    expect(card.get_by_text("Not saved yet")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(card.locator(".recap-state")).to_contain_text("Approved")
    expect(card.locator(".recap-state")).to_be_focused()
    card.get_by_role("link", name="See it as a guardian does").click()
    expect(page.get_by_text("She asked good questions.")).to_be_visible()


def test_a_name_of_another_child_is_refused_in_words(page: Page, scene: Scene) -> None:
    page.goto(f"/#/lessons/{scene.lesson.id}/recaps")
    card = page.get_by_role("article", name="Ada")
    card.get_by_label("Homework").fill("Ask Ben.")
    card.get_by_role("button", name="Save").click()
    expect(card.get_by_role("alert")).to_contain_text("names another learner")
    expect(card.get_by_label("Homework")).to_have_value("Ask Ben.")


def test_a_tutor_holds_a_recap_with_a_remark(page: Page, scene: Scene) -> None:
    page.goto(f"/#/lessons/{scene.lesson.id}/recaps")
    card = page.get_by_role("article", name="Ada")
    card.get_by_placeholder("A remark for colleagues").fill("I ring them first.")
    card.get_by_role("button", name="Hold").click()
    expect(card.locator(".recap-state")).to_contain_text("Held")
    expect(card.locator(".notice")).to_have_text("I ring them first.")


def test_a_guardian_reads_the_page_on_a_phone(
    browser: Browser, gateway: GatewayThread, page: Page, scene: Scene
) -> None:
    page.goto(f"/#/lessons/{scene.lesson.id}/recaps")
    card = page.get_by_role("article", name="Ada")
    card.get_by_role("button", name="Approve").click()
    expect(card.locator(".recap-state")).to_contain_text("Approved")
    page.goto(f"/#/lessons/{scene.lesson.id}/recaps/{scene.ada.id}")
    page.set_viewport_size(PHONE)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada: the lesson of")
    expect(page.get_by_role("heading", name="Try this at home")).to_be_visible()
    expect(page.get_by_text("A computer program (AI) wrote this page")).to_be_visible()
    kind = page.locator('meta[name="digital-source-type"]')
    assert (kind.get_attribute("content") or "").endswith("trainedAlgorithmicMedia")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    page.set_viewport_size(WIDE)
    look(page, "guardian")
    page.get_by_role("link", name="Lectern").first.click()
    expect(kind).to_have_count(0)


def test_the_kept_page_is_one_sheet_of_paper(
    gateway: GatewayThread, page: Page, scene: Scene, tmp_path: Path
) -> None:
    token = mint_participant_token(
        gateway.services.token_secret,
        tenant_id=scene.lesson.tenant_id,
        lesson_id=scene.lesson.id,
        participant_id=scene.tutor.id,
        role=scene.tutor.role,
        name=scene.tutor.name,
        lifetime=timedelta(minutes=5),
    )
    where = f"{gateway.url}/v1/lessons/{scene.lesson.id}/recaps/{scene.ada.id}/page.html"
    answer = page.request.get(where, headers={"Authorization": f"Bearer {token}"})
    page.set_content(answer.text())
    page.pdf(path=tmp_path / "recap.pdf", prefer_css_page_size=True)
    assert len(PdfReader(tmp_path / "recap.pdf").pages) == 1
