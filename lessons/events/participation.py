"""What is counted for engagement: questions and their wait, who was heard, what a camera showed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from lessons.events.claims import SpanData
from lessons.events.data import EventData
from lessons.events.values import Count, Milliseconds, Name

MAX_PEOPLE = 1_000

Share = Annotated[float, Field(ge=0, le=1)]

_LEARNER = "par_01kb9x5t7v0000000000000000"
_TUTOR = "par_01kb9x5t7v0000000000000001"


class QuestionAsked(EventData):
    """The subject, who teaches, put a question to the group; found in their captions.

    It is written once the wait is known, or when nobody has spoken for 15 seconds.
    """

    type = "question.asked"
    needs_subject = True
    example: ClassVar = {
        "caption_id": "cap_01kb9x5t7v0000000000000000",
        "asked_at_ms": 61200,
        "wait_ms": 2900,
        "answered_by": _LEARNER,
    }

    caption_id: Name = Field(description="The caption that holds the question")
    asked_at_ms: Milliseconds = Field(description="When it had been asked, on the lesson clock")
    wait_ms: Milliseconds | None = Field(
        default=None,
        description="Time until anybody spoke or answered; null: nobody did within 15 seconds",
    )
    answered_by: Name | None = Field(
        default=None,
        description="Participant who answered; null with a wait: whoever asked went on speaking",
    )

    @model_validator(mode="after")
    def _an_answer_has_a_wait(self) -> Self:
        if self.answered_by is not None and self.wait_ms is None:
            raise ValueError("answered_by needs wait_ms")
        return self


class ParticipationMeasured(SpanData):
    """How the talk was shared out in a span, and who has not been heard for long.

    It is for those who teach. Whoever did not consent to signals is left out of it.
    """

    type = "participation.measured"
    example: ClassVar = {
        "start_ms": 0,
        "end_ms": 300000,
        "tutor_talk_share": 0.71,
        "talk_ms": {_TUTOR: 142000, _LEARNER: 58000},
        "not_heard_ms": {_LEARNER: 41000},
        "wait_time_ms_median": 1800,
        "questions": 6,
    }

    tutor_talk_share: Share | None = Field(
        default=None, description="Of all talk, that of those who teach; null: nobody spoke"
    )
    talk_ms: dict[Name, Milliseconds] = Field(
        default_factory=dict, max_length=MAX_PEOPLE, description="Talk by participant id"
    )
    not_heard_ms: dict[Name, Milliseconds] = Field(
        default_factory=dict,
        max_length=MAX_PEOPLE,
        description="By learner: how long nobody heard from them, by voice, chat, hand, poll or "
        "answer, at the end of the span",
    )
    wait_time_ms_median: Milliseconds | None = Field(
        default=None, description="Median wait after a question; null: none was answered"
    )
    questions: Count = Field(default=0, description="Questions put to the group")


class CameraObserved(SpanData):
    """What the subject's camera showed in a span, as a few numbers.

    Frames are looked at in the ingest worker and dropped at once: no picture, landmark or embedding
    of a face is kept. It is made only where the tenant has switched it on, its region does not
    forbid it, and the subject has consented to `camera_signals`.
    """

    type = "camera.observed"
    needs_subject = True
    example: ClassVar = {
        "start_ms": 60000,
        "end_ms": 65000,
        "frames": 10,
        "presence": 1.0,
        "faces_most": 1,
        "facing_screen": 0.7,
        "facing_desk": 0.3,
        "hand_motion": 0.2,
        "large_motion": 0.05,
        "model": "blazeface-facemesh",
        "model_version": "0.10.21",
    }

    frames: Count = Field(description="Frames that were looked at")
    presence: Share | None = Field(
        default=None, description="Share of the frames with a face; null: no frame came"
    )
    faces_most: Count | None = Field(default=None, description="Most faces in one frame")
    facing_screen: Share | None = Field(
        default=None, description="Share of the frames with a face in which it was to the screen"
    )
    facing_desk: Share | None = Field(
        default=None, description="Share of the frames with a face in which it was to the desk"
    )
    hand_motion: Share | None = Field(
        default=None, description="Small motion below the face, as of writing"
    )
    large_motion: Share | None = Field(
        default=None, description="Motion of most of the picture, as of leaving the place"
    )
    model: Name = Field(description="Name of the model that looked")
    model_version: Name = Field(description="Version of the model that looked")
