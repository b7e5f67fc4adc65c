"""Consent: purposes, bases, and whether a decision covers what is about to be captured."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from lessons.errors import NotAllowed
from lessons.records import TrackKind, TrackSource


class Purpose(StrEnum):
    """What a participant's data is captured or used for."""

    AUDIO = "audio"
    VIDEO = "video"
    CAPTIONS = "captions"
    SIGNALS = "signals"
    CAMERA_SIGNALS = "camera_signals"
    ACTIVITY = "activity"
    RECORDING = "recording"
    SHARING = "sharing"


class Basis(StrEnum):
    """Who consented, or what stands in for it."""

    OWN = "own"
    GUARDIAN = "guardian"
    SCHOOL_CONTRACT = "school_contract"


PURPOSE_MEANINGS: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.AUDIO: "sending a microphone into the lesson",
        Purpose.VIDEO: "sending a camera into the lesson",
        Purpose.CAPTIONS: "turning speech into text that is kept",
        Purpose.SIGNALS: "signals about participation and learning that a model computes, as for a "
        "summary",
        Purpose.CAMERA_SIGNALS: "counting from a camera where a face is turned; no picture is kept",
        Purpose.ACTIVITY: "counting attention and activity in the browser",
        Purpose.RECORDING: "working through an uploaded recording of the voice",
        Purpose.SHARING: "passing the person's events on to webhooks of other systems",
    }
)
"""What each purpose covers, in plain words."""

ASKED_OF_EVERYBODY: frozenset[Purpose] = frozenset({Purpose.CAMERA_SIGNALS})
"""What is never covered without a decision about the person, whatever tenant and lesson say."""

_EVENT_PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "caption.final": Purpose.CAPTIONS,
        "caption.translated": Purpose.CAPTIONS,
        "caption.delayed": Purpose.CAPTIONS,
        "speaking.started": Purpose.AUDIO,
        "speaking.stopped": Purpose.AUDIO,
        "attention.focused": Purpose.ACTIVITY,
        "attention.blurred": Purpose.ACTIVITY,
        "attention.idle": Purpose.ACTIVITY,
        "attention.active": Purpose.ACTIVITY,
        "activity.counted": Purpose.ACTIVITY,
        "engagement.signal": Purpose.SIGNALS,
        "engagement.profile": Purpose.SIGNALS,
        "engagement.nudge": Purpose.SIGNALS,
        "question.asked": Purpose.SIGNALS,
        "talk_move.observed": Purpose.SIGNALS,
        "comprehension.observed": Purpose.SIGNALS,
        "summary.part_written": Purpose.SIGNALS,
        "camera.observed": Purpose.CAMERA_SIGNALS,
    }
)
# What somebody does to be seen by the lesson (a raised hand, an answer) is the lesson itself.

_TRACK_PURPOSES: Mapping[tuple[TrackKind, TrackSource], frozenset[Purpose]] = MappingProxyType(
    {
        ("audio", "live"): frozenset({Purpose.AUDIO}),
        ("video", "live"): frozenset({Purpose.VIDEO}),
        ("audio", "recording"): frozenset({Purpose.RECORDING, Purpose.CAPTIONS}),
        ("video", "recording"): frozenset({Purpose.RECORDING, Purpose.VIDEO}),
    }
)


class ConsentMissing(NotAllowed):
    """Somebody would be captured for a purpose that they have not consented to."""

    code = "consent_missing"


@dataclass(frozen=True, slots=True)
class ParticipantConsent:
    """What holds for one participant of one lesson now.

    Attributes:
        decisions: the newest decision on each purpose, the person's own or one for the lesson.
        required: the purposes for which the tenant demands a decision.
        lesson_basis: the basis that the lesson names for all who are in it, if it does.
    """

    decisions: Mapping[str, bool]
    required: frozenset[str] = frozenset()
    lesson_basis: str | None = None

    def permits(self, purpose: Purpose) -> bool:
        """Tell whether the purpose is covered.

        A decision about the person counts before all else. Without one, a purpose is covered unless
        the tenant demands a decision on it and the lesson names no basis for everybody. What is
        asked of everybody is covered by a decision alone.
        """
        decided = self.decisions.get(purpose)
        if decided is not None:
            return decided
        if purpose in ASKED_OF_EVERYBODY:
            return False
        return purpose not in self.required or bool(self.lesson_basis)

    def require(self, purposes: Collection[Purpose], participant_id: str) -> None:
        """Let a capture for these purposes pass.

        Raises:
            ConsentMissing: one of them is not covered; says whether it was refused or never asked.
        """
        for purpose in sorted(purposes):
            if not self.permits(purpose):
                raise _missing(purpose, participant_id, refused=purpose in self.decisions)


def purposes_of_track(kind: TrackKind, source: TrackSource) -> frozenset[Purpose]:
    """Return what a track of this kind captures for."""
    return _TRACK_PURPOSES[kind, source]


def purpose_of_event(event_type: str) -> Purpose | None:
    """Return what an event of this type is kept for; None where it needs no consent of its own."""
    return _EVENT_PURPOSES.get(event_type)


def tracks_stopped_by(purpose: Purpose) -> frozenset[TrackKind]:
    """Return the kinds of live track that end when consent to this purpose is taken back."""
    return frozenset(
        kind
        for (kind, source), purposes in _TRACK_PURPOSES.items()
        if source == "live" and purpose in purposes
    )


def _missing(purpose: Purpose, participant_id: str, *, refused: bool) -> ConsentMissing:
    always = purpose in ASKED_OF_EVERYBODY
    demanding = "nothing stands in for it" if always else "the tenant demands it"
    how = "was refused or taken back" if refused else f"is not recorded, and {demanding}"
    basis = "" if always else ", or name the lesson's consent_basis if one covers everybody"
    return ConsentMissing(
        f"Consent of {participant_id} to {purpose} ({PURPOSE_MEANINGS[purpose]}) {how}.",
        field="purpose",
        fix=f"Record it at POST /v1/lessons/{{id}}/participants/{{pid}}/consents{basis}.",
    )
