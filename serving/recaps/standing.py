"""Reads how a lesson's recaps stand, with all that is needed to draft, show and deliver them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lessons.events.recaps import HoldReason
from lessons.privacy.consent import ParticipantConsent, Purpose
from lessons.recaps.record import RECAP_TYPES, Recap, Recaps
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.consents import ConsentStore
from lessons.summary import SummaryDocument
from lessons.summary.standing import STANDING_TYPES, standing_summary
from operations.recaps.discretion import Others
from operations.recaps.drafting import RecapSource, draft_of
from operations.recaps.next_step import Ground

NEEDED_CONSENT = frozenset({Purpose.CAPTIONS, Purpose.SIGNALS})
"""A recap tells of what was said, and of what models made of it."""


@dataclass(frozen=True, slots=True)
class LessonRecaps:
    """The recaps of a lesson as they stand, and what they rest on.

    Attributes:
        participants: everybody in the lesson, by participant id.
        consents: of its learners, by participant id.
    """

    lesson: Lesson
    participants: Mapping[str, Participant]
    document: SummaryDocument | None
    recaps: Recaps
    consents: Mapping[str, ParticipantConsent]

    @property
    def learners(self) -> list[Participant]:
        """The lesson's learners, in the order in which they were added."""
        return [one for one in self.participants.values() if one.role is Role.LEARNER]

    def is_permitted(self, participant_id: str) -> bool:
        """Tell whether consent covers a recap about a learner now."""
        consent = self.consents.get(participant_id)
        return consent is not None and all(map(consent.permits, NEEDED_CONSENT))

    def ground(self, participant_id: str) -> Ground | HoldReason:
        """Return what a recap about a learner rests on, or why nothing may be said."""
        if not self.is_permitted(participant_id):
            return "consent"
        if self.document is None:
            return "summary_withdrawn"
        others = [one for one in self.learners if one.id != participant_id]
        content = draft_of(
            RecapSource(
                self.document,
                participant_id,
                self.lesson.title,
                Others((one.id for one in others), (one.name for one in others)),
            )
        )
        return "summary_changed" if content is None else Ground(self.document, content)

    def names_for(self, participant_id: str) -> dict[str, str]:
        """Return the names that a recap about a learner may have: the child's, and who taught."""
        teaching = (Role.INSTRUCTOR, Role.TEACHING_ASSISTANT)
        return {
            one.id: one.name
            for one in self.participants.values()
            if one.id == participant_id or one.role in teaching
        }

    def speakers(self, participant_id: str) -> dict[str, str]:
        """Return whose words claims tell that a recap may rest on, but for the child's own."""
        known, document = self.about(participant_id), self.document
        told = {
            claim.claim_id: claim.speaker
            for claim in (document.claims() if document is not None else ())
            if claim.speaker not in (None, participant_id)
        }
        return {**(known.speakers if known is not None else {}), **told}

    def about(self, participant_id: str) -> Recap | None:
        """Return the recap about a learner, if there is one."""
        return self.recaps.of(participant_id)


class RecapStanding:
    """Reads it anew each time: nothing is kept between two looks."""

    def __init__(self, database: Database) -> None:
        self._lessons = LessonStore(database)
        self._consents = ConsentStore(database)
        self._ledger = Ledger(database)

    async def read(self, tenant_id: str, lesson_id: str) -> LessonRecaps:
        """Return how a lesson's recaps stand.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        lesson = await self._lessons.get_lesson(tenant_id, lesson_id)
        people = await self._lessons.list_participants(tenant_id, lesson_id)
        learners = [one.id for one in people if one.role is Role.LEARNER]
        types = {*STANDING_TYPES, *RECAP_TYPES}
        events = await self._ledger.read_all(tenant_id, lesson_id, types)
        return LessonRecaps(
            lesson=lesson,
            participants={one.id: one for one in people},
            document=standing_summary(events),
            recaps=Recaps(events),
            consents=await self._consents.of_participants(tenant_id, lesson_id, learners),
        )
