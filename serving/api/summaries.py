"""The summary of a lesson: read by those who teach and by each learner, and put right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.events import EventDraft, SummaryCorrected
from lessons.events.refusals import nearest
from lessons.policy import Action, Credential, Resource
from lessons.privacy.consent import Purpose
from lessons.records import Lesson, Participant
from lessons.summary import SummaryDocument
from lessons.summary.claims import LONGEST_CLAIM
from lessons.summary.standing import STANDING_TYPES, standing_summary
from lessons.summary.views import seen_by, with_names, without_people
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.disclosing import ReadingPurpose
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

EXAMPLE: JsonDict = {
    "summary_id": "sum_01kb9x5t7v0000000000000000",
    "lesson_id": "les_01kb9x5t7v0000000000000000",
    "version": 1,
    "duration_ms": 3600000,
    "segments": [
        {
            "segment_id": "seg-1",
            "start_ms": 0,
            "end_ms": 420000,
            "title": "Adding unlike fractions",
            "kind": "instruction",
            "claims": [
                {
                    "claim_id": "clm_1",
                    "text": "Daniel explained “a common denominator”.",
                    "kind": "taught",
                    "speaker": "par_01kb9x5t7v0000000000000000",
                    "citations": [{"caption_ids": ["cap_1"], "start_ms": 61000, "end_ms": 64000}],
                    "confidence": 0.9,
                }
            ],
        }
    ],
    "writer": "extractive",
    "writer_version": "1",
}

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}/summary",
    tags=["summaries"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class SummaryCorrection(RequestModel):
    """The right words of a sentence, or that it has no place in the summary."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "claim_id": "taught-1",
                    "text": "The tutor showed two ways to make the denominators equal.",
                    "remark": "There were two.",
                }
            ]
        }
    )

    claim_id: str = Field(min_length=1, max_length=200, description="The sentence")
    text: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_CLAIM,
        description="As it should be; people may stand in it as `{participant id}`",
    )
    removed: bool = Field(default=False, description="Whether the sentence is taken out")
    remark: str | None = Field(default=None, max_length=2_000, description="Why, if told")

    @model_validator(mode="after")
    def _has_a_text_or_goes(self) -> Self:
        if self.removed == (self.text is not None):
            raise ValueError("send either text, or removed as true")
        return self


class LessonSummary(SummaryDocument):
    """A lesson's summary as its reader may see it: made by machine, every sentence with evidence.

    A rewrite is a new version of the same `summary_id`. Sentences that somebody who teaches wrote
    anew name them in `corrected_by`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})


@router.get("", response_model=LessonSummary)
async def read_summary(
    lesson_id: str, caller: Caller, services: ServicesDependency, purpose: ReadingPurpose = None
) -> Response:
    """Read the lesson's summary as it stands: a machine made it, and every sentence cites events.

    Those who teach read all of it, and each of them the reflection on their own teaching. A learner
    reads what is the lesson's and what is their own. It is written once the lesson has ended
    (`summary.progressed` tells how far it is) and again when consent is taken back or captions are
    put right; 404 until there is one.
    """
    access = await authorize(services, caller, Action.READ, Resource.SUMMARY, lesson_id=lesson_id)
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    roll = await services.lessons.list_participants(caller.tenant_id, lesson_id)
    document = await _standing(services, lesson, roll)
    shown = seen_by(document, access.subjects, _own(caller, roll))
    await services.disclosures.record(
        caller,
        "summary",
        lesson_id=lesson_id,
        participant_ids=_told_of(shown),
        purpose=purpose,
    )
    named = with_names(shown, {one.id: one.name for one in roll})
    # As it is: a person's correction may say what a model may not, so it is not judged again.
    return Response(named.model_dump_json(), media_type="application/json")


@router.post("/corrections", status_code=201)
async def correct_summary(
    lesson_id: str, body: SummaryCorrection, caller: Caller, services: ServicesDependency
) -> dict[str, Any]:
    """Put a sentence of the summary right, or take it out; the answer is `summary.corrected`.

    It holds at once and in every later version that has the sentence.
    """
    await authorize(services, caller, Action.CORRECT, Resource.SUMMARY, lesson_id=lesson_id)
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    roll = await services.lessons.list_participants(caller.tenant_id, lesson_id)
    document = await _standing(services, lesson, roll)
    claims = {claim.claim_id: claim for claim in document.claims()}
    claim = claims.get(body.claim_id)
    if claim is None:
        raise NotFound(
            f"The summary has no sentence {body.claim_id!r}.",
            field="claim_id",
            fix=nearest(body.claim_id, list(claims)),
        )
    if body.text is not None and claim.speaker is None and claim.quotes(body.text):
        raise InvalidInput(
            "Nobody is named whose words the sentence quotes, so they would outlast the person.",
            field="text",
            fix="Say it without quotation marks.",
        )
    data = SummaryCorrected(
        summary_id=document.summary_id,
        claim_id=body.claim_id,
        text=body.text,
        removed=body.removed,
        corrected_by=caller.actor,
        remark=body.remark,
    )
    draft = EventDraft(data, None, about=claim.owner)
    (appended,) = await services.ledger.append(caller.tenant_id, lesson_id, [draft])
    return appended.event.to_wire()


async def _standing(
    services: Services, lesson: Lesson, roll: Sequence[Participant]
) -> SummaryDocument:
    """Return the summary as it stands, without those who refuse to be told of.

    Raises:
        NotFound: there is none now.
    """
    where = (lesson.tenant_id, lesson.id)
    events = await services.ledger.read_all(*where, STANDING_TYPES)
    document = standing_summary(events)
    if document is None:
        raise _none_yet(lesson)
    consents = await services.consents.of_participants(*where, [one.id for one in roll])
    refusing = {who for who, one in consents.items() if not one.permits(Purpose.SIGNALS)}
    if refusing & _told_of(document):
        # By a decision for all lessons, which no event of this one tells of.
        await services.jobs.wake_summary(*where)
    return without_people(document, refusing)


def _told_of(document: SummaryDocument) -> set[str]:
    learners = {one.participant_id for one in document.learners}
    owners = {claim.owner for claim in document.claims() if claim.owner is not None}
    return learners | owners | {one.participant_id for one in document.reflections}


def _none_yet(lesson: Lesson) -> NotFound:
    if lesson.status != "ended":
        return NotFound(
            "The lesson has not ended, so it has no summary.",
            field="lesson_id",
            fix="Read it after POST /v1/lessons/{id}/end.",
        )
    return NotFound(
        "There is no summary of this lesson now.",
        field="lesson_id",
        fix="It is written soon after the end; `summary.progressed` tells how far it is. Where the "
        "tenant has switched `features.summaries` off, none is.",
    )


def _own(caller: Credential, roll: Sequence[Participant]) -> frozenset[str] | None:
    """Return the caller's places in the lesson; None for a platform, which asks for its people."""
    if caller.kind == "api_key":
        return None
    return frozenset(
        one.id
        for one in roll
        if one.id == caller.participant_id
        or (caller.person_id is not None and one.person_id == caller.person_id)
    )
