"""How a lesson's captions serve those who rely on them: the record, and what viewers' pages add."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict, JsonValue

from lessons.accessibility.histogram import BUCKET_ENDS_MS, histogram
from lessons.accessibility.record import AccessibilityRecord, record_of
from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.events.accessibility import Histogram
from lessons.events.values import Milliseconds
from lessons.policy import Action, Resource
from lessons.records import Lesson, LessonStatus
from lessons.tenants import CaptionTargets
from serving.api.requests import RequestModel
from serving.observability.deliveries import OnScreen, trace_screens
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.disclosing import ReadingPurpose
from serving.web.problems import documented
from serving.web.services import ServicesDependency

MOST_WORDS = 10_000
"""More words than any page shows between two reports."""

MOST_CAPTIONS = 50
"""Finals of one report whose traces are continued to the screen."""

LAST_REPORTS = timedelta(minutes=5)
"""How long after a lesson's end its viewers may still report what they saw of it."""

_BUCKET_ENDS: list[JsonValue] = [*BUCKET_ENDS_MS]
_COUNTED: list[JsonValue] = [*histogram([800, 1000, 1400, 2200])]
EXAMPLE_LATENCY: JsonDict = {"count": 412, "p50_ms": 900, "p95_ms": 1700, "p99_ms": 2600}
EXAMPLE_PAINTED: JsonDict = {
    "caption_id": "cap_01kb9x5t7v0000000000000000",
    "received_ms": 13850,
    "painted_ms": 13866,
}
EXAMPLE_RECORD: JsonDict = {
    "lesson_id": "les_01kb9x5t7v0000000000000000",
    "status": "live",
    "targets": {"speech_end_to_final_ms": 3000, "word_to_screen_ms": 4000},
    "bucket_ends_ms": _BUCKET_ENDS,
    "until_ms": 1800000,
    "speech_end_to_final": EXAMPLE_LATENCY,
    "word_to_publish": EXAMPLE_LATENCY,
    "word_to_screen": EXAMPLE_LATENCY,
    "screen_reports": 58,
    "clock_uncertainty_ms": 14,
    "flicker": {"words_final": 3120, "words_erased": 410, "normalised_erasure": 0.131},
    "reading_rate": {
        "cues": 640,
        "words_per_minute_p50": 151.2,
        "words_per_minute_p95": 233.0,
        "characters_per_second_p50": 13.4,
        "characters_per_second_p95": 21.9,
        "share_above_17_cps": 0.21,
        "share_above_20_cps": 0.09,
    },
    "confidence": [
        {
            "participant_id": "par_01kb9x5t7v0000000000000000",
            "name": "Ada",
            "role": "learner",
            "captions": 120,
            "words": 940,
            "mean": 0.84,
        }
    ],
    "sampled_accuracy": {
        "corrected_captions": 4,
        "words": 61,
        "errors": 9,
        "word_error_rate": 0.1475,
        "note": "Of the captions that people chose to correct, which are more wrong than most: "
        "never the accuracy of the lesson.",
    },
    "outages": [
        {
            "track_id": "trk_01kb9x5t7v0000000000000000",
            "participant_id": "par_01kb9x5t7v0000000000000000",
            "target": "speech_end_to_final",
            "start_ms": 63000,
            "end_ms": 121000,
            "reason": "no_captions",
        }
    ],
    "time_outside_ms": 58000,
    "takeovers": [],
    "typed_captions": 0,
    "minutes": [{"start_ms": 0, "finals": 12, "p50_ms": 800, "p95_ms": 1500}],
}

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}/accessibility",
    tags=["captions"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class Accessibility(AccessibilityRecord):
    """The accessibility record of a lesson; see docs/accessibility.md for how each is measured."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_RECORD]})

    lesson_id: str
    status: LessonStatus
    targets: CaptionTargets
    bucket_ends_ms: list[int] = Field(description="The most that each bucket of a histogram holds")


class PaintedCaption(RequestModel):
    """When a final stood on the screen with all of its words."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_PAINTED]})

    caption_id: str = Field(min_length=1, max_length=100)
    received_ms: Milliseconds = Field(description="When the page had it, on the lesson clock")
    painted_ms: Milliseconds = Field(description="When its last word was painted to stay")


class DisplayReport(RequestModel):
    """When words came to stand on one viewer's screen, counted; no words, and nobody's name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "start_ms": 0,
                    "end_ms": 30000,
                    "word_to_screen": _COUNTED,
                    "clock_uncertainty_ms": 12,
                    "captions": [EXAMPLE_PAINTED],
                }
            ]
        }
    )

    start_ms: Milliseconds = Field(description="Start of the span on the lesson clock")
    end_ms: Milliseconds = Field(description="End of the span on the lesson clock")
    word_to_screen: Histogram = Field(
        description="From each word's end to when it was painted to stay; counts by latency"
    )
    clock_uncertainty_ms: Milliseconds = Field(
        description="How far the page's lesson clock may be off: half of its best round trip"
    )
    captions: list[PaintedCaption] = Field(
        default=[],
        max_length=MOST_CAPTIONS,
        description="Finals since the last report, for their traces; they are not stored",
    )

    @model_validator(mode="after")
    def _is_one_page(self) -> DisplayReport:
        if self.end_ms < self.start_ms:
            raise ValueError("end_ms lies before start_ms")
        if sum(self.word_to_screen) > MOST_WORDS:
            raise ValueError(f"a report counts {MOST_WORDS} words at most")
        return self


class LessonNow(BaseModel):
    """The lesson clock as it stands, for a page to set its own by."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"now_ms": 93412}]})

    now_ms: int


@router.get("", response_model=Accessibility)
async def get_accessibility(
    lesson_id: str, caller: Caller, services: ServicesDependency, purpose: ReadingPurpose = None
) -> Accessibility:
    """Read how late, steady and readable the captions are, live and afterwards.

    What is about one speaker is shown as far as the caller may read that speaker's captions.
    """
    access = await authorize(
        services, caller, Action.READ, Resource.ACCESSIBILITY, lesson_id=lesson_id
    )
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    events = await services.caption_records.events(caller.tenant_id, lesson_id)
    record = record_of(events, _now_ms(lesson), access.covers)
    await services.disclosures.record(
        caller,
        "accessibility",
        lesson_id=lesson_id,
        participant_ids={one.participant_id for one in record.confidence},
        purpose=purpose,
    )
    settings = await services.tenants.settings(caller.tenant_id)
    return Accessibility(
        **dict(record),
        lesson_id=lesson_id,
        status=lesson.status,
        targets=settings.caption_targets,
        bucket_ends_ms=list(BUCKET_ENDS_MS),
    )


@router.post("/display", status_code=202, response_model=LessonNow, responses=documented(Conflict))
async def report_display(
    lesson_id: str, body: DisplayReport, caller: Caller, services: ServicesDependency
) -> LessonNow:
    """Report when words came to stand on a screen, about every 30 seconds.

    Reports of all viewers are added up before they are stored, as one `captions.displayed`. One
    without any words stores nothing: it asks for the lesson clock.
    """
    await authorize(services, caller, Action.POST, Resource.ACCESSIBILITY, lesson_id=lesson_id)
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    over = lesson.ended_at is not None and datetime.now(UTC) > lesson.ended_at + LAST_REPORTS
    if lesson.started_at is None or over:
        raise Conflict(
            "The lesson is not live.", field="lesson_id", fix="Report while it is, or just after."
        )
    now_ms = (datetime.now(UTC) - lesson.started_at) // timedelta(milliseconds=1)
    services.display_reports.add(
        caller.tenant_id,
        lesson_id,
        (min(body.start_ms, now_ms), min(body.end_ms, now_ms)),
        body.word_to_screen,
        body.clock_uncertainty_ms,
    )
    trace_screens(
        services.traces,
        lesson_id,
        lesson.started_at,
        [OnScreen(one.caption_id, one.received_ms, one.painted_ms) for one in body.captions],
        body.clock_uncertainty_ms,
    )
    return LessonNow(now_ms=now_ms)


def _now_ms(lesson: Lesson) -> int:
    """Return the lesson clock, or the lesson's length once it is over."""
    if lesson.started_at is None:
        return 0
    until = lesson.ended_at or datetime.now(UTC)
    return max(0, (until - lesson.started_at) // timedelta(milliseconds=1))
