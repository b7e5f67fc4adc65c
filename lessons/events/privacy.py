"""Events of privacy: consent given and taken back, and what remains of an event after erasure."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.privacy.consent import Basis, Purpose

_PARTICIPANT = "par_01kb9x5t7v0000000000000000"


class ConsentGranted(EventData):
    """Consent to one purpose was recorded for a participant, and on which basis."""

    type = "consent.granted"
    example: ClassVar = {
        "consent_id": "cns_01kb9x5t7v0000000000000000",
        "participant_id": _PARTICIPANT,
        "purpose": "audio",
        "basis": "guardian",
        "decided_by": "key_01kb9x5t7v0000000000000000",
    }

    consent_id: str = Field(description="The decision's own id")
    participant_id: str = Field(description="Whose data it is")
    purpose: Purpose = Field(description="What the data is captured or used for")
    basis: Basis = Field(description="Who consented, or what stands in for it")
    decided_by: str = Field(description="Id of the API key, participant or person who recorded it")

    def readers(self) -> frozenset[str]:
        """Return whose data it is about."""
        return frozenset({self.participant_id})


class ConsentRevoked(EventData):
    """Consent to one purpose was taken back; the tracks that it stopped ended at this moment."""

    type = "consent.revoked"
    example: ClassVar = {
        "consent_id": "cns_01kb9x5t7v0000000000000000",
        "participant_id": _PARTICIPANT,
        "purpose": "audio",
        "decided_by": _PARTICIPANT,
        "stopped_tracks": ["trk_01kb9x5t7v0000000000000000"],
    }

    consent_id: str = Field(description="The decision's own id")
    participant_id: str = Field(description="Whose data it is")
    purpose: Purpose = Field(description="What the data is captured or used for")
    decided_by: str = Field(description="Id of the API key, participant or person who recorded it")
    stopped_tracks: list[str] = Field(description="Ids of the tracks that ended with it")

    def readers(self) -> frozenset[str]:
        """Return whose data it is about."""
        return frozenset({self.participant_id})


class EventErased(EventData):
    """All that is left of an event whose person was erased: that it was there, and its type.

    It stands in the place of the event, with its sequence number, whenever that is read.
    """

    type = "event.erased"
    example: ClassVar = {"erased_type": "caption.final"}

    erased_type: str = Field(description="Type that the event had")


PRIVACY = Family(
    "privacy",
    "Privacy",
    "Consent as it is given and taken back during a lesson, and the place of erased events.",
    recorded=(ConsentGranted, ConsentRevoked, EventErased),
)
