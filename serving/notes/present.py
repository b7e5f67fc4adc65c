"""Who is in a lesson, and whose words may be read for notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lessons.privacy.consent import ParticipantConsent, Purpose
from lessons.records import Participant

PURPOSES = frozenset({Purpose.SIGNALS, Purpose.CAPTIONS})
"""Without consent to both of them, nothing that somebody says is read."""


@dataclass(frozen=True, slots=True)
class Present:
    """Everybody on the roll, and what holds for each of them now."""

    roll: tuple[Participant, ...] = ()
    consents: Mapping[str, ParticipantConsent] = field(default_factory=dict)

    @property
    def refusing(self) -> frozenset[str]:
        """Ids of those whose words are not read."""
        return frozenset(
            who
            for who, consent in self.consents.items()
            if not all(consent.permits(purpose) for purpose in PURPOSES)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What people are called."""
        return tuple(one.name for one in self.roll)
