"""Guardian recaps: drafted by machine, edited, approved or held by who teaches, and delivered."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from lessons.affect import affect_label_in
from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Name, Ordinal
from lessons.recaps.content import MOST_LINES, SECTIONS, RecapContent
from lessons.recaps.parts import PlacedLine
from lessons.summary import text_beyond_quotes

MAX_REMARK_CHARACTERS = 2_000

_LEARNER = "par_01kb9x5t7v0000000000000000"
_TUTOR = "par_01kb9x5t7v0000000000000001"
_CONTENT = {
    "did": [
        {
            "text": f"{{{_LEARNER}}} worked on “Add fractions”.",
            "claim_ids": ["objective-1"],
        }
    ],
    "went_well": [],
    "practise": [{"text": "Practise “Add fractions”.", "claim_ids": ["reinforcement-1"]}],
    "activities": [{"text": "Do one task from the lesson again, step by step."}],
    "homework": [],
}

HoldReason = Literal["tutor", "consent", "summary_withdrawn", "summary_changed"]
DeliveryOutcome = Literal["sent", "page_only", "no_address", "refused", "failed"]


class RecapDrafted(EventData):
    """A machine wrote a recap about the subject, for the subject's guardians.

    Nobody but those who teach reads it before it is approved. A later one takes its place: the
    summary that it rests on has changed.
    """

    type = "recap.drafted"
    needs_subject = True
    for_teachers = True
    after_lesson = True
    example: ClassVar = {
        "recap_version": 1,
        "summary_id": "sum_01kb9x5t7v0000000000000000",
        "summary_version": 1,
        "language": "en",
        "content": _CONTENT,
        "reading_grade": 3.4,
        "writer": "recap-templates",
        "writer_version": "1",
    }

    recap_version: Ordinal = Field(description="Counts drafts and edits about the subject")
    summary_id: Name = Field(description="The summary that it rests on")
    summary_version: Ordinal = Field(description="The summary's version")
    language: str = Field(max_length=35, description="BCP 47 tag of its sentences")
    content: RecapContent = Field(description="What it says")
    reading_grade: float = Field(
        ge=-10, le=100, description="Flesch-Kincaid grade: school years that reading it takes"
    )
    writer: Name = Field(description="What wrote it")
    writer_version: Name = Field(description="Version of the writer")
    machine_made: Literal[True] = Field(
        default=True, description="A machine made it (Regulation (EU) 2024/1689, Article 50)"
    )

    @model_validator(mode="after")
    def _names_no_feeling_of_its_own(self) -> Self:
        for line in self.content.lines():
            label = affect_label_in(text_beyond_quotes(line.text))
            if label is not None:
                raise ValueError(
                    f"{label!r} names an emotion, and Lectern infers none (AI Act, Art. 5(1)(f))"
                )
        return self


class RecapEdited(EventData):
    """Somebody who teaches changed what a recap says."""

    type = "recap.edited"
    needs_subject = True
    for_teachers = True
    after_lesson = True
    example: ClassVar = {
        "recap_version": 2,
        "content": _CONTENT,
        "reading_grade": 3.1,
        "edited_by": _TUTOR,
    }

    recap_version: Ordinal = Field(description="The version that it became")
    content: RecapContent = Field(description="What it says now")
    reading_grade: float = Field(ge=-10, le=100, description="Flesch-Kincaid grade of it")
    edited_by: Name = Field(description="Id of the participant, person or API key")


class RecapPartWritten(EventData):
    """Lines of a recap's version in the words of somebody but the child, sealed under their key.

    It precedes the draft or the edit of its version. Without it, because that person was erased,
    the recap is one without these lines.
    """

    type = "recap.part_written"
    for_teachers = True
    after_lesson = True
    example: ClassVar = {
        "participant_id": _LEARNER,
        "recap_version": 1,
        "speaker": _TUTOR,
        "lines": [
            {
                "section": "homework",
                "place": 0,
                "line": {"text": "“Do tasks one to four.”", "claim_ids": ["homework-1"]},
            }
        ],
    }

    participant_id: Name = Field(description="The child whom the recap is about")
    recap_version: Ordinal = Field(description="The version that has them")
    speaker: Name = Field(description="Participant whose words they tell")
    lines: list[PlacedLine] = Field(
        min_length=1, max_length=MOST_LINES * len(SECTIONS), description="The lines"
    )


class RecapApproved(EventData):
    """Somebody who teaches approved a version: the subject's guardians may read it, and get it."""

    type = "recap.approved"
    needs_subject = True
    after_lesson = True
    example: ClassVar = {"recap_version": 2, "approved_by": _TUTOR}

    recap_version: Ordinal = Field(description="The version that was approved")
    approved_by: Name = Field(description="Id of the participant, person or API key")


class RecapHeld(EventData):
    """A recap goes to nobody, until it is approved or drafted anew."""

    type = "recap.held"
    needs_subject = True
    for_teachers = True
    after_lesson = True
    example: ClassVar = {"recap_version": 2, "reason": "tutor", "held_by": _TUTOR, "remark": None}

    recap_version: Ordinal = Field(description="The version that is held")
    reason: HoldReason = Field(
        description="`tutor`: who teaches holds it; `consent`: it was taken back; "
        "`summary_withdrawn`: what it rests on is gone; `summary_changed`: it was put right, and "
        "says nothing of the subject any more"
    )
    held_by: Name | None = Field(default=None, description="Who holds it; null: Lectern itself")
    remark: str | None = Field(
        default=None, max_length=MAX_REMARK_CHARACTERS, description="Why, for colleagues"
    )


class RecapDelivered(EventData):
    """The receipt of one delivery to one guardian: how it ended, once for each version."""

    type = "recap.delivered"
    needs_subject = True
    for_teachers = True
    after_lesson = True
    example: ClassVar = {
        "recap_version": 2,
        "guardian_id": "per_01kb9x5t7v0000000000000001",
        "outcome": "sent",
        "message_id": "<recap.2.per_01kb9x5t7v0000000000000001@lectern.example>",
        "reply": "250 2.0.0",
    }

    recap_version: Ordinal = Field(description="The version that was delivered")
    guardian_id: Name = Field(description="The guardian, a person's id")
    outcome: DeliveryOutcome = Field(
        description="`sent`: the mail server took it; `page_only`: no e-mail is sent here; "
        "`no_address`: no e-mail address is known; `refused`: the server refused it for good; "
        "`failed`: it could not be sent for days. The page has it in every case"
    )
    message_id: Name | None = Field(default=None, description="Message-ID of the e-mail, if any")
    reply: str | None = Field(
        default=None,
        pattern=r"^[2-5][0-9]{2}( [245]\.[0-9]{1,3}\.[0-9]{1,3})?$",
        description="Codes of the mail server's answer (RFC 5321, RFC 3463); its words may name "
        "people",
    )


RECAPS = Family(
    "recaps",
    "Recaps",
    "What a guardian is told of a lesson: a page in plain words about one child. A machine drafts "
    "it from the summary and says so; somebody who teaches edits it, approves it or holds it; "
    "then it is delivered. Consent is asked when it is drafted and again when it is delivered.",
    recorded=(
        RecapPartWritten,
        RecapDrafted,
        RecapEdited,
        RecapApproved,
        RecapHeld,
        RecapDelivered,
    ),
)
