"""Recaps follow their summary and consent, and reach guardians once, over a real SMTP server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message

import pytest
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from lessons.errors import Unavailable
from lessons.events import EventDraft, RecapApproved, RecapDelivered, RecapHeld
from lessons.recaps.content import RecapLine
from lessons.store import Ledger
from serving.jobs.queue import job_app
from serving.mail import Mailer, SmtpServer
from serving.recaps.deciding import RecapDecisions, recap_of
from serving.recaps.delivery import GIVE_UP_AFTER, RecapDelivery
from serving.recaps.keeping import RecapKeeping
from serving.recaps.standing import LessonRecaps, RecapStanding
from serving.recaps.worker import open_recap_work
from serving.web.services import Services
from tests.unit.serving.recaps.lesson_with_summary import Scene, set_scene


class Mailbox(MessageHandler):
    """Keeps what it is sent, unless it has an answer of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self.answer: str | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names its hooks so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        if self.answer is not None:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: Message) -> None:
        self.messages.append(message)


@asynccontextmanager
async def mail_server(box: Mailbox) -> AsyncIterator[SmtpServer]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    yield SmtpServer.parse(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()


@pytest.fixture
async def scene(services: Services, tenant_id: str) -> Scene:
    return await set_scene(services, tenant_id)


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def server(box: Mailbox) -> AsyncIterator[SmtpServer]:
    async with mail_server(box) as running:
        yield running


def keeping(scene: Scene, server: SmtpServer | None, now: datetime | None = None) -> RecapKeeping:
    """Return what sees to recaps, as a process that has just started would have it."""
    database = scene.services.database
    mailer = Mailer(server, "lectern@school.example")
    clock = (lambda: now) if now is not None else (lambda: datetime.now(UTC))
    delivery = RecapDelivery(database, mailer, "https://school.example", clock)
    return RecapKeeping(database, delivery, scene.services.jobs)


async def standing(scene: Scene) -> LessonRecaps:
    return await RecapStanding(scene.services.database).read(*scene.where)


async def approve(scene: Scene) -> None:
    found = await standing(scene)
    recap = recap_of(found, scene.ada.id)
    decisions = RecapDecisions(RecapStanding(scene.services.database), scene.services.ledger)
    await decisions.approve(found, recap, recap.version, scene.tutor.id)


async def test_a_summary_gets_a_draft_for_each_learner_and_only_once(scene: Scene) -> None:
    await scene.summarise()
    for _ in range(2):
        await keeping(scene, None).see_to(*scene.where)
    drafted = await scene.told("recap.drafted")
    assert [one.recap_version for one in drafted] == [1, 1]
    ada = recap_of(await standing(scene), scene.ada.id)
    assert ada.status == "draft"
    assert ada.label.digital_source_type.endswith("/trainedAlgorithmicMedia")
    assert "Ben" not in ada.content.model_dump_json()


async def test_nothing_goes_out_before_it_is_approved_and_then_once(
    scene: Scene, box: Mailbox, server: SmtpServer
) -> None:
    await scene.summarise()
    await keeping(scene, server).see_to(*scene.where)
    assert box.messages == []
    await approve(scene)
    for _ in range(3):
        await keeping(scene, server).see_to(*scene.where)
    (message,) = box.messages
    assert message["To"] == "mara@home.example"
    assert message["Digital-Source-Type"].endswith("/trainedAlgorithmicMedia")
    assert message["Auto-Submitted"] == "auto-generated"
    plain, page = (
        part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()
    )
    assert isinstance(plain, bytes)
    assert isinstance(page, bytes)
    for words in ("Ada found it alone.", "Practise “Add unlike fractions”.", "program (AI)"):
        assert words in plain.decode()
        assert words in page.decode()
    assert b"Ben" not in plain + page
    link = f"https://school.example/#/lessons/{scene.lesson.id}/recaps/{scene.ada.id}"
    assert link in plain.decode()
    receipts = {one.guardian_id: one.outcome for one in await scene.told("recap.delivered")}
    assert receipts == {scene.mother.id: "sent", scene.father.id: "no_address"}


async def test_after_a_crash_between_mail_and_receipt_it_goes_out_under_the_same_id(
    scene: Scene, box: Mailbox, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.summarise()
    await keeping(scene, server).see_to(*scene.where)
    await approve(scene)
    append = Ledger.append

    async def store_is_away(
        ledger: Ledger, tenant_id: str, lesson_id: str, drafts: list[EventDraft]
    ) -> object:
        if any(isinstance(draft.data, RecapDelivered) for draft in drafts):
            raise Unavailable("The database is away.")
        return await append(ledger, tenant_id, lesson_id, drafts)

    monkeypatch.setattr(Ledger, "append", store_is_away)
    await keeping(scene, server).see_to(*scene.where)
    monkeypatch.undo()
    for _ in range(2):
        await keeping(scene, server).see_to(*scene.where)
    ids = [message["Message-ID"] for message in box.messages]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert len(await scene.told("recap.delivered")) == 2


async def test_consent_is_asked_again_when_it_is_delivered(
    scene: Scene, box: Mailbox, server: SmtpServer
) -> None:
    await scene.summarise()
    await keeping(scene, None).see_to(*scene.where)
    data = RecapApproved(recap_version=1, approved_by=scene.tutor.id)
    await scene.services.ledger.append(*scene.where, [EventDraft(data, None, scene.ada.id)])
    await scene.decide_consent(granted=False)
    await keeping(scene, server).see_to(*scene.where)
    assert box.messages == []
    held = await scene.told("recap.held")
    assert [one.reason for one in held] == ["consent"]
    await scene.decide_consent(granted=True)
    await keeping(scene, server).see_to(*scene.where)
    ada = recap_of(await standing(scene), scene.ada.id)
    assert (ada.status, ada.version) == ("draft", 2)
    assert box.messages == []


async def test_a_corrected_summary_is_told_anew_and_keeps_what_the_tutor_wrote(
    scene: Scene, box: Mailbox, server: SmtpServer
) -> None:
    await scene.summarise()
    await keeping(scene, server).see_to(*scene.where)
    found = await standing(scene)
    recap = recap_of(found, scene.ada.id)
    own = RecapLine(text="See you on Monday!")
    content = recap.content.model_copy(update={"homework": [own]})
    decisions = RecapDecisions(RecapStanding(scene.services.database), scene.services.ledger)
    await decisions.edit(found, recap, 1, content, scene.tutor.id)
    await approve(scene)
    await keeping(scene, server).see_to(*scene.where)
    await scene.correct("strong")
    await keeping(scene, server).see_to(*scene.where)
    again = recap_of(await standing(scene), scene.ada.id)
    assert (again.status, again.version) == ("draft", 4)
    assert "found it alone" not in again.content.model_dump_json()
    assert again.content.homework == [own]
    assert again.label.digital_source_type.endswith("/compositeWithTrainedAlgorithmicMedia")
    assert len(box.messages) == 1
    await approve(scene)
    await keeping(scene, server).see_to(*scene.where)
    assert [str(one["Subject"]).startswith("Corrected: ") for one in box.messages] == [False, True]


async def test_a_withdrawn_summary_holds_its_recaps(scene: Scene) -> None:
    await scene.summarise()
    await keeping(scene, None).see_to(*scene.where)
    await scene.withdraw()
    for _ in range(2):
        await keeping(scene, None).see_to(*scene.where)
    held: list[RecapHeld] = await scene.told("recap.held")
    assert [one.reason for one in held] == ["summary_withdrawn"] * 2


async def test_who_has_no_part_in_the_next_version_has_no_recap_any_more(scene: Scene) -> None:
    await scene.summarise()
    await keeping(scene, None).see_to(*scene.where)
    learners = [{"participant_id": scene.ben.id, "observed": True}]
    await scene.summarise(scene.document(2, learners=learners, strong_moments=[], reinforcement=[]))
    await keeping(scene, None).see_to(*scene.where)
    ada = recap_of(await standing(scene), scene.ada.id)
    assert (ada.status, ada.held_reason) == ("held", "summary_changed")


async def test_a_recap_that_a_tutor_holds_goes_to_nobody(
    scene: Scene, box: Mailbox, server: SmtpServer
) -> None:
    await scene.summarise()
    await keeping(scene, server).see_to(*scene.where)
    await approve(scene)
    found = await standing(scene)
    decisions = RecapDecisions(RecapStanding(scene.services.database), scene.services.ledger)
    await decisions.hold(found, recap_of(found, scene.ada.id), 1, "I ring first.", scene.tutor.id)
    await keeping(scene, server).see_to(*scene.where)
    assert box.messages == []


async def test_a_server_that_refuses_for_good_has_its_receipt(
    scene: Scene, box: Mailbox, server: SmtpServer
) -> None:
    box.answer = "550 5.1.1 <mara@home.example> unknown"
    await scene.summarise()
    await keeping(scene, server).see_to(*scene.where)
    await approve(scene)
    await keeping(scene, server).see_to(*scene.where)
    (receipt,) = (
        o for o in await scene.told("recap.delivered") if o.guardian_id == scene.mother.id
    )
    assert (receipt.outcome, receipt.reply) == ("refused", "550 5.1.1")


async def test_a_server_that_is_busy_is_tried_again_for_days(
    scene: Scene, box: Mailbox, server: SmtpServer
) -> None:
    box.answer = "451 4.3.2 try later"
    await scene.summarise()
    await keeping(scene, server).see_to(*scene.where)
    await approve(scene)
    waits = await keeping(scene, server)._delivery.deliver(await standing(scene))
    assert waits == timedelta(seconds=30)
    outcomes = [one.outcome for one in await scene.told("recap.delivered")]
    assert outcomes == ["no_address"]
    later = datetime.now(UTC) + GIVE_UP_AFTER + timedelta(minutes=1)
    await keeping(scene, server, later).see_to(*scene.where)
    assert [one.outcome for one in await scene.told("recap.delivered")] == ["no_address", "failed"]


@pytest.mark.parametrize("has_server", [True, False])
async def test_without_e_mail_the_page_alone_has_it(
    scene: Scene, box: Mailbox, server: SmtpServer, has_server: bool
) -> None:
    tenant_id = scene.lesson.tenant_id
    await scene.services.tenants.change(
        tenant_id, tenant_id, settings={"recaps": {"by_email": not has_server}}
    )
    await scene.summarise()
    await keeping(scene, None).see_to(*scene.where)
    await approve(scene)
    await keeping(scene, server if has_server else None).see_to(*scene.where)
    assert box.messages == []
    assert {one.outcome for one in await scene.told("recap.delivered")} == {"page_only"}


async def test_a_school_that_wants_no_recaps_has_none(scene: Scene) -> None:
    tenant_id = scene.lesson.tenant_id
    await scene.services.tenants.change(
        tenant_id, tenant_id, settings={"recaps": {"drafted": False}}
    )
    await scene.summarise()
    await keeping(scene, None).see_to(*scene.where)
    assert await scene.told("recap.drafted") == []


async def test_the_jobs_process_does_it_by_itself(
    scene: Scene, box: Mailbox, server: SmtpServer, served_database: str
) -> None:
    """A follower hears of the summary and of the approval; the worker does the rest."""
    url = SecretStr(f"smtp://127.0.0.1:{server.port}")
    settings = scene.services.settings.model_copy(update={"smtp_url": url})
    services = scene.services
    await scene.summarise()
    app = job_app(served_database)
    async with (
        open_recap_work(settings, served_database, services.database, services.feed) as work,
        app.open_async(),
    ):
        work.register(app)
        async with work.working(app, poll_seconds=0.1), asyncio.timeout(60):
            while not await scene.told("recap.drafted"):
                await asyncio.sleep(0.1)
            await approve(scene)
            while not box.messages:
                await asyncio.sleep(0.1)
