"""How well captions serve: what was measured, which target was missed, and who took over."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lessons.accessibility.histogram import BUCKETS, histogram
from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Count, Milliseconds, Name

_PARTICIPANT = "par_01kb9x5t7v0000000000000000"
_TRACK = "trk_01kb9x5t7v0000000000000000"

Histogram = Annotated[
    list[Count],
    Field(
        min_length=BUCKETS,
        max_length=BUCKETS,
        description="Counts in the buckets of docs/accessibility.md",
    ),
]
Target = Literal["speech_end_to_final", "word_to_screen"]


class CaptionsMeasured(EventData):
    """What the captions of one track were like in a span, as measured where they are made.

    It holds counts and no words. What viewers' pages add is in `captions.displayed`.
    """

    type = "captions.measured"
    needs_subject = True
    shared = True
    example: ClassVar = {
        "track_id": _TRACK,
        "start_ms": 0,
        "end_ms": 30000,
        "word_to_publish": histogram([700, 900, 1300, 2100]),
        "words_final": 4,
        "words_erased": 1,
    }

    track_id: Name = Field(description="The track")
    start_ms: Milliseconds = Field(description="Start of the span on the lesson clock")
    end_ms: Milliseconds = Field(description="End of the span on the lesson clock")
    word_to_publish: Histogram = Field(
        description="From each word's end to when it was published to stay; counts by latency"
    )
    words_final: Count = Field(description="Words of the finals in the span")
    words_erased: Count = Field(description="Words that were shown and then taken back or changed")


class CaptionsDisplayed(EventData):
    """How late words stood on the screens of viewers, as their pages told it, all of them together.

    A page cannot be checked, so this is what viewers report and no more.
    """

    type = "captions.displayed"
    shared = True
    example: ClassVar = {
        "start_ms": 0,
        "end_ms": 30000,
        "word_to_screen": histogram([800, 1000, 1400, 2200]),
        "reports": 1,
        "clock_uncertainty_ms": 12,
    }

    start_ms: Milliseconds = Field(description="Start of the span on the lesson clock")
    end_ms: Milliseconds = Field(description="End of the span on the lesson clock")
    word_to_screen: Histogram = Field(
        description="From each word's end to when it was painted to stay; counts by latency"
    )
    reports: Count = Field(description="How many reports of pages are in it")
    clock_uncertainty_ms: Milliseconds = Field(
        description="How far a page's lesson clock may be off, at most"
    )


class CaptionsTargetMissed(EventData):
    """A track's captions have been later than the target for 30 seconds: a person may take over."""

    type = "captions.target_missed"
    needs_subject = True
    shared = True
    example: ClassVar = {
        "track_id": _TRACK,
        "target": "speech_end_to_final",
        "target_ms": 3000,
        "measured_ms": 41000,
        "since_ms": 63000,
        "reason": "no_captions",
    }

    track_id: Name = Field(description="The track")
    target: Target = Field(description="Which target")
    target_ms: Milliseconds = Field(description="What 95 of 100 latencies may be at most")
    measured_ms: Milliseconds = Field(
        description="Their 95th percentile, or how long speech has waited for its captions"
    )
    since_ms: Milliseconds = Field(description="When it began to be missed, on the lesson clock")
    reason: Literal["late", "no_captions"] = Field(
        description="Captions come too late, or none come although somebody spoke"
    )


class CaptionsTargetMet(EventData):
    """A target that was missed is met again, and has been for 30 seconds."""

    type = "captions.target_met"
    needs_subject = True
    shared = True
    example: ClassVar = {
        "track_id": _TRACK,
        "target": "speech_end_to_final",
        "target_ms": 3000,
        "measured_ms": 1100,
        "since_ms": 63000,
        "until_ms": 121000,
    }

    track_id: Name = Field(description="The track")
    target: Target = Field(description="Which target")
    target_ms: Milliseconds = Field(description="What 95 of 100 latencies may be at most")
    measured_ms: Milliseconds = Field(description="Their 95th percentile now")
    since_ms: Milliseconds = Field(description="When it began to be missed, on the lesson clock")
    until_ms: Milliseconds = Field(description="When it was last missed")


class CaptionerTookOver(EventData):
    """The subject captions the lesson by hand from now on; readers are shown those captions.

    The engine goes on. While the captioner types, what it hears is superseded: it stays in the
    ledger, and is left out of transcripts.
    """

    type = "captioner.took_over"
    needs_subject = True
    shared = True
    example: ClassVar = {"name": "Noor", "asked_by": _PARTICIPANT}

    name: Name = Field(description="Name of the captioner")
    asked_by: Name = Field(description="Id of the participant, person or API key that did it")


class CaptionerHandedBack(EventData):
    """The subject captions no more; readers are shown the engine's captions again."""

    type = "captioner.handed_back"
    needs_subject = True
    shared = True
    example: ClassVar = {"asked_by": _PARTICIPANT}

    asked_by: Name = Field(description="Id of the participant, person or API key that did it")


ACCESSIBILITY = Family(
    "accessibility",
    "Accessibility of captions",
    "How late and how steady captions were, when a target was missed, and when a person captioned.",
    recorded=(
        CaptionsMeasured,
        CaptionsDisplayed,
        CaptionsTargetMissed,
        CaptionsTargetMet,
        CaptionerTookOver,
        CaptionerHandedBack,
    ),
)
