"""The material of a lesson's last minutes, so that reading it costs the same in the third hour.

Pure. What was answered, planned and decided is kept for the whole lesson, for what somebody does
now may count because of what they did an hour ago; of what was said only the newest stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from features.reading.material import MATERIAL_TYPES, LessonMaterial, Material
from lessons.events import CaptionCorrected, CaptionFinal, LearningEvent, SpeakingStopped
from lessons.privacy.consent import ParticipantConsent
from lessons.records import Participant

WINDOW_MS = 120_000
"""How far back captions are kept, from the end of the newest."""

SURROUNDINGS_MS = 40_000
"""At the window's beginning, what was asked or answered may be gone: nothing is concluded there."""

_KEPT = frozenset(MATERIAL_TYPES) - {SpeakingStopped.type}


class RecentMaterial:
    """Takes the events of one lesson in the order of its ledger.

    Attributes:
        newest_ms: end of the newest caption, 0 before the first.
    """

    def __init__(self) -> None:
        self._captions: dict[str, list[LearningEvent]] = {}
        self._others: list[LearningEvent] = []
        self.newest_ms = 0
        self._forgot = False

    def take(self, event: LearningEvent) -> None:
        """Take the next event; a correction of a caption that is gone changes nothing."""
        data = event.data
        if isinstance(data, CaptionFinal):
            self._captions[data.caption_id] = [event]
            self._forget(data.end_ms)
        elif isinstance(data, CaptionCorrected):
            if data.caption_id in self._captions:
                self._captions[data.caption_id].append(event)
        elif event.type in _KEPT:
            self._others.append(event)

    @property
    def whole_from_ms(self) -> int:
        """From when on everything around what was said is still there; 0: nothing is gone."""
        return self.newest_ms - WINDOW_MS + SURROUNDINGS_MS if self._forgot else 0

    def material(
        self, roll: Iterable[Participant], consents: Mapping[str, ParticipantConsent]
    ) -> Material:
        """Return what the events that are left tell; see `LessonMaterial` for who is left out."""
        taking = LessonMaterial(roll, consents)
        for event in self._others:
            taking.take(event)
        for events in self._captions.values():
            for event in events:
                taking.take(event)
        return taking.material()

    def _forget(self, newest_ms: int) -> None:
        self.newest_ms = max(self.newest_ms, newest_ms)
        since_ms = self.newest_ms - WINDOW_MS
        gone = [one for one, events in self._captions.items() if _end_ms(events[0]) < since_ms]
        for one in gone:
            del self._captions[one]
            self._forgot = True


def _end_ms(event: LearningEvent) -> int:
    return event.data.end_ms if isinstance(event.data, CaptionFinal) else 0
