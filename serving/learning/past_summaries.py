"""Reads the summaries of past lessons as they stand, with who was there."""

from __future__ import annotations

from collections.abc import Sequence

from lessons.privacy.consent import Purpose
from lessons.records import Lesson
from lessons.store import Database, Ledger, LessonStore
from lessons.store.consents import ConsentStore
from lessons.summary.standing import STANDING_TYPES, standing_summary
from lessons.summary.views import without_people
from serving.learning.continuity import Summarised


class PastSummaries:
    """Reads them anew each time, so what somebody puts right or takes back holds at once."""

    def __init__(self, database: Database) -> None:
        self._lessons = LessonStore(database)
        self._consents = ConsentStore(database)
        self._ledger = Ledger(database)

    async def read(self, lessons: Sequence[Lesson]) -> dict[str, Summarised]:
        """Return the summaries of those of the lessons that have one, by lesson id.

        Nothing in them is about people who do not consent to signals now.
        """
        found = {}
        for lesson in lessons:
            where = (lesson.tenant_id, lesson.id)
            document = standing_summary(await self._ledger.read_all(*where, STANDING_TYPES))
            if document is None:
                continue
            people = {one.id: one for one in await self._lessons.list_participants(*where)}
            consents = await self._consents.of_participants(*where, people)
            refusing = {who for who, one in consents.items() if not one.permits(Purpose.SIGNALS)}
            shown = without_people(document, refusing)
            found[lesson.id] = Summarised(lesson, shown, people)
        return found
