"""The console's pages of records, at a school's own host name, on a real gateway."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from lessons.roles import Role
from serving.jobs.webhook_worker import open_webhook_work
from serving.web.services import Services
from tests.contracts.gateway_thread import GatewayThread, gateway_thread
from tests.end_to_end.hook_receiver import hook_receiver
from tests.end_to_end.school import COLOUR, School, client_of, open_school
from tests.identity_provider import ADA, CLIENT_ID, CLIENT_SECRET, PASSWORD, identity_provider

pytestmark = pytest.mark.timeout(180)

TO_RGB = "rgb({}, {}, {})".format(*bytes.fromhex(COLOUR[1:]))


@pytest.fixture(scope="module")
def gateway(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayThread]:
    """A gateway whose operator vouches for this machine's own addresses."""
    own = ["127.0.0.0/8"]
    with gateway_thread(
        database_url,
        tmp_path_factory.mktemp("gateway"),
        sign_in_allowed_networks=own,
        webhook_allowed_networks=own,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def school(gateway: GatewayThread) -> School:
    return open_school(gateway)


@pytest.fixture
def page(browser: Browser, school: School) -> Iterator[Page]:
    """The school's console, signed in by its key; anything the browser complains of fails."""
    context = browser.new_context(base_url=school.url, viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(school.console_url)
    expect(opened.get_by_role("heading", level=1)).to_have_text("Lessons")
    yield opened
    context.close()
    assert complaints == []


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_progress_shows_a_chart_and_why_work_is_needed(page: Page, school: School) -> None:
    page.goto(f"/#/learners/{school.learner_id}")
    heading(page, "Ada")
    objective = page.locator(".objective", has_text="Compare fractions")
    expect(objective.locator(".standing")).to_have_text("Needs reinforcement")
    chart = objective.get_by_role("img", name=re.compile("^Mastery "))
    expect(chart.locator(".chart-dot")).to_have_count(1)
    expect(objective).to_contain_text("6 answers · 2 for, 4 against")
    expect(page.locator(".homework")).to_contain_text("Worksheet 4")
    reason = objective.locator(".reason").first
    reason.locator("summary").click()
    reason.get_by_role("link", name="Answered wrong").first.click()
    page.wait_for_url(re.compile(rf"#/lessons/{school.held_lesson_id}/events/\d+"))
    opened = page.locator("details.event[open]")
    expect(opened).to_have_count(1)
    expect(opened.locator(".event-json")).to_contain_text('"correct": false')


def test_progress_is_taken_away_as_a_report(page: Page, school: School) -> None:
    page.goto(f"/#/learners/{school.learner_id}")
    heading(page, "Ada")
    with page.expect_download() as download:
        page.get_by_role("button", name="Report").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_all_evidence_is_fetched_when_it_is_asked_for(page: Page, school: School) -> None:
    page.goto(f"/#/learners/{school.learner_id}")
    objective = page.locator(".objective", has_text="Compare fractions")
    objective.get_by_text("All evidence").click()
    expect(objective.locator(".all-evidence .evidence")).to_have_count(6)
    expect(objective.locator(".all-evidence .evidence-for")).to_have_count(2)


def test_the_briefing_says_what_to_take_up_again(page: Page, school: School) -> None:
    page.goto(f"/#/lessons/{school.next_lesson_id}")
    page.get_by_role("link", name="Briefing").click()
    heading(page, "Briefing: Adding fractions")
    group = page.locator(".panel", has_text="Needs reinforcement in the group")
    expect(group).to_contain_text("Compare fractions")
    expect(group).to_contain_text("Needed for: Add fractions")
    expect(page.locator(".panel", has_text="Open homework").last).to_contain_text("Worksheet 4")
    expect(page.locator(".panel", has_text="Last lessons")).to_contain_text("Comparing fractions")
    page.locator(".briefing-learner").get_by_role("link", name="Ada").click()
    heading(page, "Ada")


def test_a_key_is_made_shown_once_rotated_and_revoked(page: Page, school: School) -> None:
    page.goto("/#/keys")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("What it is for").fill("staging")
    page.get_by_role("checkbox", name="lessons:read").check()
    page.get_by_role("button", name="Make key").click()
    key = page.locator(".secret code").inner_text()
    with client_of(school.gateway_url, key) as api:
        assert api.get("/v1/lessons").status_code == 200
        assert api.get("/v1/people").status_code == 403
        row = page.get_by_role("row", name=re.compile("staging"))
        expect(row).to_contain_text("lessons:read")
        row.get_by_role("button", name="Rotate").click()
        page.get_by_label("The secret until now stays good for").select_option("0")
        page.get_by_role("button", name="Make the new secret").click()
        expect(page.locator(".secret code")).not_to_have_text(key)
        assert api.get("/v1/lessons").status_code == 401
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke key").click()
    expect(row).to_contain_text("Revoked")


def test_a_person_gets_a_role_consents_and_is_seen(page: Page, school: School) -> None:
    page.goto("/#/people")
    page.get_by_role("button", name="New person").click()
    page.get_by_label("Name", exact=True).fill("Grace")
    page.get_by_role("button", name="Add person").click()
    heading(page, "Grace")
    page.get_by_role("button", name="Give a role").click()
    page.get_by_label("Role", exact=True).select_option("administrator")
    page.get_by_role("button", name="Give the role").click()
    expect(page.locator(".panel", has_text="Roles").first).to_contain_text("Administrator")

    page.get_by_role("button", name="Record consent").click()
    page.get_by_role("checkbox", name="Microphone").check()
    page.get_by_label("On the basis of").select_option("guardian")
    page.get_by_role("dialog").get_by_role("button", name="Record consent").click()
    expect(page.get_by_role("row", name=re.compile("Microphone"))).to_contain_text("Given")
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.get_by_role("row", name=re.compile("Microphone")).first).to_contain_text("Refused")

    page.goto("/#/audit")
    expect(page.get_by_role("row", name=re.compile("grant"))).to_have_count(1)
    page.get_by_role("button", name="Verify the trail").click()
    expect(page.locator(".verdict-good")).to_contain_text("whole and in order")


def test_a_person_is_exported_and_erased_with_proof(
    page: Page, school: School, gateway: GatewayThread
) -> None:
    with school.client() as api:
        person = api.post("/v1/people", json={"name": "Ben"}).json()
    page.goto(f"/#/people/{person['id']}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Readable").click()
    assert download.value.suggested_filename == f"{person['id']}.html"
    page.get_by_role("button", name="Erase", exact=True).click()
    confirm = page.get_by_role("button", name="Erase for good")
    page.get_by_label(re.compile("Type their name")).fill("Somebody")
    confirm.click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("That is not their name.")
    page.get_by_label(re.compile("Type their name")).fill("Ben")
    confirm.click()
    expect(page.locator(".notice")).to_contain_text("Erased")
    expect(page.get_by_role("button", name="Erase", exact=True)).to_have_count(0)


def test_the_school_s_brand_is_on_the_page_before_and_after_sign_in(
    browser: Browser, gateway: GatewayThread, school: School
) -> None:
    context = browser.new_context(base_url=school.url, color_scheme="light")
    page = context.new_page()
    page.goto("/")
    expect(page.locator(".wordmark")).to_have_text("Hill School")
    button = page.get_by_role("button", name="Open the console")
    expect(button).to_have_css("background-color", TO_RGB)
    page.goto(school.console_url)
    page.reload()
    expect(page).to_have_title("Lessons · Hill School")
    page.goto(gateway.url)
    expect(page.locator(".wordmark")).to_have_text("Lectern")
    context.close()


def test_a_brand_is_changed_and_what_lies_below_inherits_it(page: Page, school: School) -> None:
    page.goto("/#/tenant")
    heading(page, "Hill")
    page.get_by_label("Second colour").fill("#0044aa")
    page.get_by_role("button", name="Save the brand").click()
    expect(page.get_by_label("Second colour")).to_have_value("#0044aa")
    page.get_by_role("button", name="Add one below").click()
    page.get_by_label("Name", exact=True).last.fill("Class 6b")
    page.get_by_label("Kind").fill("class")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="Class 6b").click()
    heading(page, "Class 6b")
    expect(page.get_by_label("Second colour")).to_have_value("#0044aa")


def test_a_person_signs_in_at_the_school_s_own_provider(
    browser: Browser, gateway: GatewayThread
) -> None:
    school = open_school(gateway)
    with identity_provider(f"{school.url}/v1/sign-in/callback") as issuer:
        sign_in = {"issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        tenants, people = gateway.services.tenants, gateway.services.people
        change = tenants.change(school.tenant_id, school.tenant_id, settings={"sign_in": sign_in})
        gateway.call(change)
        context = browser.new_context(base_url=school.url)
        page = context.new_page()
        page.goto("/")
        page.get_by_role("button", name="Sign in with Hill School").click()
        page.get_by_label("Username").fill(ADA.user_name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url(re.compile(re.escape(school.url)))
        expect(page.get_by_role("button", name="Sign out")).to_have_attribute("title", ADA.name)
        expect(page.get_by_role("alert")).to_be_visible()
        who = page.evaluate("fetch('/v1/me').then((answer) => answer.json())")
        gateway.call(people.assign(school.tenant_id, who["id"], Role.ADMINISTRATOR))
        page.reload()
        expect(page.get_by_role("link", name="Comparing fractions")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        page.goto("/")
        expect(page.get_by_role("button", name="Sign in with Hill School")).to_be_visible()
        context.close()


def raise_hand(school: School) -> None:
    with school.client() as api:
        path = f"/v1/lessons/{school.held_lesson_id}"
        [learner] = api.get(path).json()["participants"]
        event = {"id": "hand-1", "type": "hand.raised", "subject": learner["id"], "data": {}}
        api.post(f"{path}/events", json=event).raise_for_status()


async def deliver(services: Services, url: str, tenant_id: str, webhook_id: str) -> None:
    """Do what the jobs process does: relay what was committed, and deliver what is due."""
    settings, database = services.settings, services.database
    async with open_webhook_work(settings, url, database, services.feed) as work:
        await work.relay.relay(tenant_id)
        await work.delivery.deliver(tenant_id, webhook_id)


def test_a_webhook_is_made_its_log_is_read_and_a_message_sent_again(
    page: Page, school: School, gateway: GatewayThread, database_url: str
) -> None:
    with hook_receiver([503, 200]) as receiver:
        page.goto("/#/webhooks")
        page.get_by_role("button", name="New webhook").click()
        page.get_by_label("Address").fill(receiver.url)
        page.get_by_role("checkbox", name="hand.raised").check()
        page.get_by_role("button", name="Make webhook").click()
        expect(page.locator(".secret code")).to_have_text(re.compile("^whsec_"))
        page.get_by_role("link", name=receiver.url).click()
        expect(page.get_by_text("No messages.")).to_be_visible()

        webhook_id = page.url.rpartition("/")[2]
        raise_hand(school)
        gateway.call(deliver(gateway.services, database_url, school.tenant_id, webhook_id))
        page.get_by_role("button", name="Refresh").click()
        row = page.get_by_role("row", name=re.compile("hand.raised"))
        expect(row).to_contain_text("Next try")
        row.get_by_text("1 attempt").click()
        expect(row).to_contain_text("the receiver answered 503")

        row.get_by_role("button", name="Send again").click()
        expect(page.get_by_text("hand.raised is on its way again.")).to_be_visible()
        gateway.call(deliver(gateway.services, database_url, school.tenant_id, webhook_id))
        page.get_by_label("Which messages").select_option("delivered")
        expect(row).to_contain_text("Delivered")
    assert len(set(receiver.message_ids)) == 1
    assert len(receiver.message_ids) >= 2

    page.get_by_role("button", name="Rotate the secret").click()
    page.get_by_role("button", name="Make the new secret").click()
    expect(page.locator(".secret code")).to_have_text(re.compile("^whsec_"))
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete webhook").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Webhooks")
    expect(page.get_by_role("link", name=receiver.url)).to_have_count(0)
