"""Delivers approved recaps to guardians by e-mail, with one receipt for each version and guardian.

A receipt is written once the mail server has answered. After a crash between the two the e-mail
goes out again under the same Message-ID, by which mailboxes tell that they have it already.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from lessons.errors import Unavailable
from lessons.events import EventDraft, RecapDelivered
from lessons.events.recaps import DeliveryOutcome
from lessons.recaps.record import Recap
from lessons.records import Lesson, Person
from lessons.store import Database, Ledger
from lessons.store.people import PeopleStore
from lessons.store.tenants import TenantStore
from lessons.tenants import Brand
from operations.recaps.page import RecapPage
from serving.jobs.clock import Clock, now_utc
from serving.mail import Letter, Mailer, MailRefused
from serving.recaps.standing import LessonRecaps, RecapStanding

logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
"""Since the approval; then the page alone has it."""

DIGITAL_SOURCE_HEADER = "Digital-Source-Type"
"""No standard names a field of e-mail for it, so it has the name of the IPTC vocabulary."""


class RecapDelivery:
    """Sends what is approved and not delivered yet.

    Args:
        public_url: where guardians reach the console.
    """

    def __init__(
        self, database: Database, mailer: Mailer, public_url: str, clock: Clock = now_utc
    ) -> None:
        self._standing = RecapStanding(database)
        self._ledger = Ledger(database)
        self._people = PeopleStore(database)
        self._tenants = TenantStore(database)
        self._mailer = mailer
        self._public_url = public_url
        self._clock = clock

    async def deliver(self, standing: LessonRecaps) -> timedelta | None:
        """Deliver what a lesson's recaps lack; return when to try again, if at all."""
        waits: list[timedelta] = []
        for recap in standing.recaps.all():
            if recap.status != "approved" or recap.participant_id not in standing.participants:
                continue
            for guardian in await self._guardians(standing, recap):
                wait = await self._deliver(standing.lesson, recap, guardian)
                waits += [wait] if wait is not None else []
        return min(waits, default=None)

    async def _guardians(self, standing: LessonRecaps, recap: Recap) -> list[Person]:
        """Return the child's guardians who have no receipt for this version."""
        tenant_id = standing.lesson.tenant_id
        child = standing.participants[recap.participant_id].person_id
        found = await self._people.guardians(tenant_id, child)
        ids = [one.guardian_id for one in found if not recap.is_with(one.guardian_id)]
        return [await self._people.get(tenant_id, guardian_id) for guardian_id in ids]

    async def _deliver(self, lesson: Lesson, recap: Recap, guardian: Person) -> timedelta | None:
        """Deliver to one guardian, if it is still approved and permitted at this moment."""
        now_standing = await self._standing.read(lesson.tenant_id, lesson.id)
        current = now_standing.about(recap.participant_id)
        if current is None or current.version != recap.version or current.status != "approved":
            return None
        if not now_standing.is_permitted(recap.participant_id):
            return None  # The commit that took it back has the recap held.
        settings = await self._tenants.settings(lesson.tenant_id)
        if not self._mailer.can_send or not settings.recaps.by_email:
            await self._note(lesson, recap, guardian, "page_only")
            return None
        if guardian.email is None:
            await self._note(lesson, recap, guardian, "no_address")
            return None
        letter = self._letter(now_standing, current, guardian.email, settings.brand, guardian.id)
        return await self._send(lesson, current, guardian, letter, settings.brand)

    async def _send(
        self, lesson: Lesson, recap: Recap, guardian: Person, letter: Letter, brand: Brand
    ) -> timedelta | None:
        message_id = dict(letter.headers)["Message-ID"]
        try:
            reply = await self._mailer.send_letter(brand, letter)
        except MailRefused as error:
            await self._note(lesson, recap, guardian, "refused", message_id, error.reply)
        except Unavailable as error:
            waited = self._clock() - (recap.decided_at or self._clock())
            if waited <= GIVE_UP_AFTER:
                logger.warning("a recap of lesson %s waits for its mail: %s", lesson.id, error)
                return min(max(FIRST_RETRY, waited / 2), LONGEST_RETRY)
            await self._note(lesson, recap, guardian, "failed", message_id)
        else:
            await self._note(lesson, recap, guardian, "sent", message_id, reply)
        return None

    async def _note(
        self,
        lesson: Lesson,
        recap: Recap,
        guardian: Person,
        outcome: DeliveryOutcome,
        message_id: str | None = None,
        reply: str | None = None,
    ) -> None:
        """Write the receipt."""
        data = RecapDelivered(
            recap_version=recap.version,
            guardian_id=guardian.id,
            outcome=outcome,
            message_id=message_id,
            reply=reply,
        )
        who = recap.participant_id
        receipt_id = f"recap:{who}:{recap.version}:{guardian.id}"
        draft = EventDraft(data, None, who, id=receipt_id)
        await self._ledger.append(lesson.tenant_id, lesson.id, [draft])

    def _letter(
        self, standing: LessonRecaps, recap: Recap, address: str, brand: Brand, guardian_id: str
    ) -> Letter:
        link = f"{self._public_url}/#/lessons/{standing.lesson.id}/recaps/{recap.participant_id}"
        page = page_of(standing, recap, brand, link)
        day = f"of {page.day}" if page.day else "of your child"
        again = "Corrected: " if recap.was_delivered else ""
        return Letter(
            to=[address],
            subject=f"{again}{brand.name}: a page about the lesson {day}",
            text=page.text(),
            html=page.html(),
            headers=self._headers(standing.lesson, recap, guardian_id),
        )

    def _headers(self, lesson: Lesson, recap: Recap, guardian_id: str) -> Sequence[tuple[str, str]]:
        place = f"{lesson.id}.{recap.participant_id}.{recap.version}.{guardian_id}"
        return (
            ("Message-ID", f"<recap.{place}@{self._mailer.domain}>"),
            ("Auto-Submitted", "auto-generated"),  # RFC 3834: no robot answers it
            (DIGITAL_SOURCE_HEADER, recap.label.digital_source_type),
        )


def page_of(
    standing: LessonRecaps, recap: Recap, brand: Brand, address: str | None = None
) -> RecapPage:
    """Return the page of a recap; the child is called as in the lesson."""
    return RecapPage(
        child=standing.participants[recap.participant_id].name,
        held_on=_day(standing.lesson.started_at),
        content=recap.content,
        names=standing.names_for(recap.participant_id),
        label=recap.label,
        reading_grade=recap.reading_grade,
        brand=brand,
        address=address,
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
