"""What is forgotten at once when somebody takes consent back."""

from __future__ import annotations

from features.engagement.browser import Browser
from features.engagement.roster import Roster
from features.engagement.table import Count, LearnerTable, Since
from features.engagement.told import Told
from lessons.events import ConsentGranted, ConsentRevoked
from lessons.privacy.consent import Purpose

_CAMERA_COUNTS = tuple(Count(number) for number in range(Count.FRAMES, len(Count)))


class Consents:
    """Reads consents: what was counted for a purpose goes with it, and with signals everything."""

    def __init__(self, table: LearnerTable, roster: Roster, browser: Browser) -> None:
        self._table = table
        self._roster = roster
        self._browser = browser

    def read(self, told: Told) -> None:
        """Read that somebody consented to a purpose, or does no longer."""
        data: ConsentGranted | ConsentRevoked = told.data
        if isinstance(data, ConsentRevoked):
            self.forget(data.participant_id, data.purpose)
        elif data.purpose is Purpose.SIGNALS:
            self._roster.allow(data.participant_id)

    def forget(self, participant_id: str, purpose: Purpose) -> None:
        """Forget what is known of somebody for a purpose."""
        column = self._roster.column(participant_id)
        if column is not None and purpose in (Purpose.ACTIVITY, Purpose.SIGNALS):
            self._browser.forget(column)
        if column is not None and purpose is Purpose.CAMERA_SIGNALS:
            self._table.clear(column, _CAMERA_COUNTS, (Since.CAMERA,))
        if purpose is Purpose.SIGNALS:
            self._roster.refuse(participant_id)
