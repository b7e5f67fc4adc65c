"""Captions in the console: put right in place, typed by hand, and how they serve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from lessons.accessibility.histogram import BUCKET_ENDS_MS, histogram
from lessons.accessibility.words_on_show import WordsOnShow
from lessons.captions import captions_of
from lessons.events import (
    CaptionDelayed,
    CaptionFinal,
    CaptionsTargetMissed,
    CaptionTranslated,
    EventDraft,
    HandRaised,
    PartialCaption,
)
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from tests.contracts.gateway_thread import GatewayThread
from tests.end_to_end.test_console_pages import LOW_CONTRAST, UNNAMED_CONTROLS

pytestmark = pytest.mark.timeout(120)

METER = """async ([revisions, words, ends]) => {
  const { DisplayMeter, BUCKET_ENDS_MS, histogram } = await import("/record/display_meter.js");
  const meter = new DisplayMeter();
  const show = words => words.map((_, index) => ({ id: "c", index }));
  for (const [at, words] of revisions) {
    meter.revise("c", words);
    meter.painted(show(words), at);
  }
  const last = revisions.at(-1)[0] + 100;
  meter.finish("c", words, ends, last);
  meter.painted(show(words), last);
  const { latencies: seen, painted } = meter.take(at => at, last);
  const again = meter.take(at => at, 1e9);
  return { ends: BUCKET_ENDS_MS, seen, painted, counts: histogram(seen), again };
}"""

HIDE = """() => {
  Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


SHOW = """() => {
  delete document.visibilityState;
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@dataclass
class Taught:
    """A live lesson with a tutor and a learner, and what the engine hears in it."""

    gateway: GatewayThread
    lesson: Lesson
    key: str
    tutor: Participant
    learner: Participant

    def hears(
        self,
        text: str,
        start_ms: int,
        speaker: Participant | None = None,
        *,
        caption_id: str | None = None,
        latency_ms: int = 900,
    ) -> CaptionFinal:
        person = speaker or self.learner
        words = text.split()
        said = dict(CaptionFinal.example) | {
            "caption_id": caption_id or new_id("cap"),
            "track_id": f"trk_{person.id}",
            "participant_id": person.id,
            "participant_name": person.name,
            "role": person.role,
            "text": text,
            "start_ms": start_ms,
            "end_ms": start_ms + 300 * len(words),
            "words": [
                {
                    "text": word,
                    "start_ms": start_ms + 300 * index,
                    "end_ms": start_ms + 300 * (index + 1),
                    "confidence": 0.8,
                }
                for index, word in enumerate(words)
            ],
            "speech_end_ms": start_ms + 300 * len(words),
            "finalised_at_ms": start_ms + 300 * len(words) + latency_ms,
        }
        data = CaptionFinal.model_validate(said)
        self.record(EventDraft(data, start_ms, person.id, id=data.caption_id))
        return data

    def record(self, draft: EventDraft) -> None:
        services, lesson = self.gateway.services, self.lesson
        self.gateway.call(services.ledger.append(lesson.tenant_id, lesson.id, [draft]))

    def waits_for(self, caption_id: str, at_ms: int, cause: str = "captioner_busy") -> None:
        """A final of the learner's is late, and its track says so."""
        told = dict(CaptionDelayed.example) | {
            "caption_id": caption_id,
            "track_id": f"trk_{self.learner.id}",
            "participant_id": self.learner.id,
            "cause": cause,
        }
        self.record(EventDraft(CaptionDelayed.model_validate(told), at_ms, self.learner.id))

    def passes(self, stable: str, unstable: str, start_ms: int) -> None:
        """A partial passes by."""
        example: Any = PartialCaption.model_config["json_schema_extra"]
        partial = PartialCaption.model_validate(
            example["examples"][0]
            | {
                "caption_id": "cap_passing",
                "stable_text": stable,
                "unstable_text": unstable,
                "start_ms": start_ms,
                "end_ms": start_ms + 500,
            }
        )
        services, lesson = self.gateway.services, self.lesson
        self.gateway.call(services.feed.publish_partial(lesson.tenant_id, lesson.id, partial))

    def translates(self, caption: CaptionFinal, text: str, revision: int | None = None) -> None:
        """A model has written the caption in Spanish."""
        data = CaptionTranslated(
            caption_id=caption.caption_id,
            revision=revision or caption.revision,
            source_language="en",
            language="es",
            text=text,
            model="opus-mt-en-es",
        )
        self.record(EventDraft(data, None, self.learner.id))

    def corrections(self, text: str, caption: CaptionFinal) -> None:
        httpx.post(
            f"{self.gateway.url}/v1/lessons/{self.lesson.id}/captions/{caption.caption_id}"
            "/corrections",
            json={"text": text},
            headers={"Authorization": f"Bearer {self.key}"},
        ).raise_for_status()

    def captions(self) -> dict[str, Any]:
        events = self.gateway.call(
            self.gateway.services.caption_records.events(self.lesson.tenant_id, self.lesson.id)
        )
        return {one.text: one for one in captions_of(events)}


@pytest.fixture
def taught(gateway: GatewayThread) -> Taught:
    services, tenant_id, call = gateway.services, new_id("ten"), gateway.call
    _, key = call(services.api_keys.create(tenant_id, "the school's platform"))
    lesson = call(services.lessons.create_lesson(tenant_id, title="Fractions"))
    add = services.lessons.add_participant
    tutor = call(add(tenant_id, lesson.id, "Ines", Role.INSTRUCTOR))
    learner = call(add(tenant_id, lesson.id, "Ada", Role.LEARNER))
    call(add(tenant_id, lesson.id, "Noor", Role.CAPTIONER))
    lesson = call(services.lessons.start_lesson(tenant_id, lesson.id))
    return Taught(gateway, lesson, key, tutor, learner)


@pytest.fixture
def page(browser: Browser, taught: Taught) -> Iterator[Page]:
    """The console with the platform's key; anything the browser complains of fails."""
    context = browser.new_context(
        base_url=taught.gateway.url, viewport={"width": 1280, "height": 800}
    )
    opened = context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "409" not in message.text:
            complaints.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(f"/#key={taught.key}")
    expect(opened.get_by_role("heading", level=1)).to_have_text("Lessons")
    yield opened
    context.close()
    assert complaints == []


def open_lesson(page: Page, taught: Taught) -> Locator:
    page.goto(f"/#/lessons/{taught.lesson.id}")
    log = page.get_by_role("log", name="Transcript")
    expect(log).to_have_attribute("aria-live", "polite")
    return log


def test_a_translation_stands_under_its_caption_until_that_is_corrected(
    page: Page, taught: Taught
) -> None:
    caption = taught.hears("three quarters", 1_000)
    log = open_lesson(page, taught)
    choice = page.get_by_label("Translation", exact=True)
    expect(choice).to_be_hidden()
    taught.translates(caption, "tres cuartos")
    expect(choice.locator("option")).to_have_text(["None", "español (Spanish)"])
    expect(log.locator(".entry-translation")).to_have_count(0)
    choice.select_option("es")
    page.evaluate("document.querySelector('.entry-text').dataset.kept = 'yes'")
    expect(log.locator(".entry-text")).to_have_text("three quarters")
    expect(log.locator(".entry-translation")).to_have_text("tres cuartos")
    expect(log.locator(".entry-translation")).to_have_attribute("lang", "es")
    taught.translates(caption, "tres cuartas partes")
    expect(log.locator(".entry-translation")).to_have_text("tres cuartas partes")
    # The original is not written again, so no screen reader reads it twice.
    expect(log.locator(".entry-text")).to_have_attribute("data-kept", "yes")
    taught.corrections("three quarters of it", caption)
    expect(log.locator(".entry-text")).to_have_text("three quarters of it")
    expect(log.locator(".entry-translation")).to_have_count(0)
    taught.translates(caption, "tres cuartos de eso", caption.revision + 1)
    expect(log.locator(".entry-translation")).to_have_text("tres cuartos de eso")
    assert page.evaluate(LOW_CONTRAST) == []
    page.reload()
    expect(log.locator(".entry-translation")).to_have_text("tres cuartos de eso")


def test_a_caption_is_put_right_by_keyboard_while_more_keep_coming(
    page: Page, taught: Taught
) -> None:
    taught.hears("free quarters", 1_000)
    taught.hears("of it", 4_000)
    log = open_lesson(page, taught)
    expect(log.locator(".entry")).to_have_count(2)
    log.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(log.locator(".entry").first).to_be_focused()
    page.keyboard.press("e")
    field = page.get_by_label("Corrected text of what Ada said")
    expect(field).to_be_focused()
    page.keyboard.type("nonsense")
    page.keyboard.press("Escape")
    expect(log.locator(".entry").first).to_be_focused()
    expect(log.locator(".entry-text").first).to_have_text("free quarters")
    page.keyboard.press("Enter")
    page.keyboard.type("Three ")
    taught.hears("and more", 7_000)
    expect(log.locator(".entry")).to_have_count(3)
    expect(field).to_be_focused()
    page.keyboard.type("quarters")
    page.keyboard.press("Enter")
    first = log.locator(".entry").first
    expect(first.locator(".entry-text")).to_have_text("Three quarters")
    first.get_by_role("button", name="Corrected by the platform").click()
    revisions = first.get_by_role("list", name="Revisions of this caption").locator("li")
    expect(revisions).to_have_count(2)
    expect(revisions.nth(0)).to_contain_text(re.compile(r"Three quartersthe platform, \d"))
    expect(revisions.nth(1)).to_contain_text("free quarterscaptions engine")


def test_who_corrects_what_another_just_did_is_told_and_loses_nothing(
    page: Page, taught: Taught
) -> None:
    said = taught.hears("free quarters", 1_000)
    log = open_lesson(page, taught)
    log.locator(".entry-text").dblclick()
    page.keyboard.type("Three quarters.")
    taught.corrections("three quartz", said)
    expect(page.locator(".entry-meanwhile")).to_contain_text("the platform made it “three quartz”")
    expect(page.get_by_label("Corrected text of what Ada said")).to_have_value("Three quarters.")
    page.keyboard.press("Enter")
    expect(log.locator(".entry-text")).to_have_text("Three quarters.")
    assert taught.captions()["Three quarters."].revision == said.revision + 2


def test_who_may_only_read_is_offered_no_correction(
    page: Page, taught: Taught, gateway: GatewayThread
) -> None:
    taught.hears("free quarters", 1_000)
    create = gateway.services.api_keys.create
    scopes = ["lessons:read", "events:read", "captions:read", "installation:read"]
    _, key = gateway.call(create(taught.lesson.tenant_id, "a reader", scopes=scopes))
    page.goto(f"/#key={key}")
    page.reload()
    log = open_lesson(page, taught)
    expect(log.locator(".entry")).to_have_count(1)
    expect(page.locator(".latency-bar").first).to_be_visible()
    assert log.locator(".entry-edit").count() == 0
    log.locator(".entry").focus()
    page.keyboard.press("e")
    assert page.locator(".entry-form").count() == 0


def test_a_masked_caption_is_put_right_without_losing_what_was_said(
    page: Page, taught: Taught, gateway: GatewayThread
) -> None:
    tenant_id, services = taught.lesson.tenant_id, gateway.services
    rules = {"captions": {"mask_profanity": True}}
    gateway.call(services.tenants.change(tenant_id, tenant_id, settings=rules))
    said = taught.hears("free quarters of bullshit", 1_000)
    log = open_lesson(page, taught)
    expect(log.locator(".entry-text")).to_have_text("free quarters of ***")
    log.locator(".entry-text").dblclick()
    field = page.get_by_label("Corrected text of what Ada said")
    expect(field).to_have_value("free quarters of ***")
    expect(page.locator(".entry-masked")).to_contain_text("Leave every *** in")
    field.fill("three quarters of ***")
    page.keyboard.press("Enter")
    expect(log.locator(".entry-text")).to_have_text("three quarters of ***")
    where = (tenant_id, taught.lesson.id, said.caption_id)
    stored = gateway.call(services.caption_corrections.unmasked(*where))
    assert stored.text == "three quarters of bullshit"
    log.locator(".entry-text").dblclick()
    page.get_by_role("button", name="Show what was said").click()
    expect(field).to_have_value("three quarters of bullshit")
    expect(field).to_be_focused()
    seen = gateway.call(services.disclosures.list_disclosures(tenant_id, taught.learner.person_id))
    assert "unmasked captions" in {one.what for one in seen}
    field.fill("three quarters of a bull")
    page.keyboard.press("Enter")
    expect(log.locator(".entry-text")).to_have_text("three quarters of a bull")


def test_a_captioner_takes_over_types_corrects_and_hands_back_by_keyboard_alone(
    page: Page, browser: Browser, taught: Taught
) -> None:
    taught.hears("what the engine heard", 0, taught.tutor)
    page.goto(f"/#/lessons/{taught.lesson.id}/captioner")
    field = page.get_by_label("What is said now")
    expect(field).to_be_focused()
    expect(page.get_by_label("You are")).to_have_value(re.compile("par_"))
    reader = page.context.new_page()
    log = open_lesson(reader, taught)
    page.bring_to_front()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("radio", name="Ines")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Take over the captions")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Hand back to the engine")).to_be_visible()
    expect(field).to_be_focused()
    expect(reader.locator(".caption-alarm")).to_contain_text("Noor captions this lesson by hand")
    page.keyboard.press("Control+2")
    expect(page.get_by_role("radio", name="Ada")).to_be_checked()
    page.keyboard.type("Nine twelfth.")
    page.keyboard.press("Enter")
    expect(field).to_have_value("")
    expect(page.locator(".said", has_text="Nine twelfth.")).to_contain_text("Ada")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Correcting what was said")).to_have_value("Nine twelfth.")
    page.keyboard.type("Nine twelfths.")
    page.keyboard.press("Enter")
    expect(page.locator(".said", has_text="Nine twelfths.")).to_be_visible()
    expect(log.locator(".entry-text").last).to_have_text("Nine twelfths.")
    expect(log.locator(".entry-corrected")).to_have_text("corrected by Noor")
    typed = taught.captions()["Nine twelfths."]
    assert (typed.engine, typed.participant_id) == ("human", taught.learner.id)
    taught.hears("superseded words", typed.start_ms + 100)
    reader.bring_to_front()
    expect(reader.locator(".board")).to_contain_text("Nine twelfth")
    expect(log.locator(".entry")).to_have_count(2)
    page.bring_to_front()
    page.get_by_role("button", name="Hand back to the engine").press("Enter")
    expect(page.get_by_role("button", name="Take over the captions")).to_be_visible()
    expect(reader.locator(".caption-alarm")).to_be_empty()


def test_late_captions_are_told_calmly_and_shown_as_they_are(page: Page, taught: Taught) -> None:
    for number in range(4):
        taught.hears("three quarters of it", number * 40_000)
    missed = dict(CaptionsTargetMissed.example) | {"since_ms": 63_000}
    data = CaptionsTargetMissed.model_validate(missed)
    open_lesson(page, taught)
    taught.record(EventDraft(data, 90_000, taught.learner.id))
    alarm = page.locator(".caption-alarm")
    expect(alarm).to_have_text(re.compile("Since 1:03 no captions come for what Ada says"))
    expect(alarm).to_have_attribute("role", "status")
    expect(alarm.get_by_role("link", name="Hand over to a captioner")).to_be_visible()
    panel = page.locator(".panel", has_text="How the captions serve")
    bar = panel.get_by_role("img", name=re.compile(r"^Speech ends → final: half within 0\.9 s"))
    expect(bar).to_be_visible()
    expect(panel.get_by_role("img", name=re.compile("^Minute by minute"))).to_be_visible()


def test_late_finals_are_told_of_until_they_come_in_time_again(page: Page, taught: Taught) -> None:
    taught.hears("on time", 1_000)
    open_lesson(page, taught)
    notice = page.locator(".caption-alarm")
    taught.waits_for("cap_late", 63_000, "captioner_away")
    sentence = re.compile(
        r"^Since 1:03 the captions of Ada come late, after 10(\.0)? s or more: the engine cannot "
        "be reached. What is said is kept, and its captions still come."
    )
    expect(notice).to_have_text(sentence)
    expect(notice).to_have_attribute("role", "status")
    taught.hears("late", 50_000, caption_id="cap_late", latency_ms=14_000)
    page.reload()
    expect(notice).to_have_text(sentence)  # Others may be late as well.
    taught.waits_for("cap_later", 93_000)
    expect(notice).to_contain_text("Since 1:03")
    expect(notice).to_contain_text("has much to do")
    taught.hears("in time again", 95_000)
    expect(notice).to_be_empty()
    page.reload()
    open_lesson(page, taught)
    expect(notice).to_be_empty()


def test_the_last_late_final_of_who_falls_silent_leaves_no_notice_behind(
    page: Page, taught: Taught
) -> None:
    open_lesson(page, taught)
    notice = page.locator(".caption-alarm")
    taught.waits_for("cap_late", 63_000)
    expect(notice).to_contain_text("the captions of Ada come late")
    taught.hears("late", 50_000, caption_id="cap_late", latency_ms=14_000)
    taught.record(EventDraft(HandRaised(), 90_000, taught.tutor.id))
    expect(page.locator(".transcript .entry")).to_have_count(1)
    expect(notice).to_contain_text("the captions of Ada come late")
    taught.record(EventDraft(HandRaised(), 99_000, taught.learner.id))
    expect(notice).to_be_empty()


def test_the_page_reports_when_words_stood_on_the_screen(page: Page, taught: Taught) -> None:
    log = open_lesson(page, taught)
    taught.hears("so", 0, taught.tutor)
    expect(log.locator(".entry")).to_have_count(1)  # The stream is open by now.
    page.evaluate(HIDE)
    page.evaluate(SHOW)
    taught.passes("", "three", 0)
    expect(page.locator(".board")).to_contain_text("three")
    final = taught.hears("three quarters", 200)
    expect(page.locator(".board")).to_contain_text("three quarters")
    page.wait_for_timeout(200)
    with page.expect_response(re.compile("/accessibility/display")) as reported:
        page.evaluate(HIDE)
    sent: Any = reported.value.request.post_data_json
    assert reported.value.status == 202
    assert sum(sent["word_to_screen"]) == len(final.words)
    assert 0 < sent["clock_uncertainty_ms"] < 10_000
    (shown,) = [one for one in sent["captions"] if one["caption_id"] == final.caption_id]
    assert 0 <= shown["received_ms"] <= shown["painted_ms"] <= sent["end_ms"]


REVISIONS = (
    [(100, "three"), (200, "three squatters"), (300, "Three quarters of")],
    [(100, "a b c"), (150, "a x c"), (900, "a b c")],
    [(100, "so"), (200, ""), (300, "so, it goes")],
)


def test_the_page_counts_as_the_worker_does(page: Page) -> None:
    for revisions in REVISIONS:
        shown = WordsOnShow()
        for at_ms, text in revisions:
            shown.show(text.split(), at_ms)
        words = revisions[-1][1].split()
        ends = [10 * index for index in range(len(words))]
        told = [[at_ms, text.split()] for at_ms, text in revisions]
        counted = page.evaluate(METER, [told, words, ends])
        latencies = [at - end for at, end in zip(shown.since_ms, ends, strict=True)]
        assert counted["ends"] == list(BUCKET_ENDS_MS)
        assert counted["seen"] == latencies
        assert counted["counts"] == histogram(latencies)
        last = revisions[-1][0] + 100
        received = {"caption_id": "c", "received_ms": last, "painted_ms": last}
        assert counted["painted"] == [received]
        assert counted["again"] == {"latencies": [], "painted": []}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_captioner_s_page_is_for_everybody(page: Page, taught: Taught, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    taught.hears("what the engine heard", 0)
    page.goto(f"/#/lessons/{taught.lesson.id}/captioner")
    expect(page.locator(".said")).to_have_count(1)
    assert page.evaluate(UNNAMED_CONTROLS) == []
    assert page.evaluate(LOW_CONTRAST) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
