"""Captions that a person types, and taking over the captions of a lesson by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from lessons.errors import (
    Conflict,
    InvalidInput,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.events import (
    CaptionerHandedBack,
    CaptionerTookOver,
    CaptionFinal,
    EventDraft,
    LearningEvent,
    PostingWindow,
)
from lessons.events.values import LARGEST_COUNT
from lessons.identifiers import new_id
from lessons.policy import MATRIX, Action, Credential, Resource
from lessons.records import Lesson, Participant
from lessons.store.masking import MaskingRules
from lessons.takeovers import TAKEOVER_TYPES, Takeover, Takeovers
from lessons.tenants import require_feature
from lessons.typed_captions import TypedCaption, says_the_same, typed_caption
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}",
    tags=["captions"],
    responses=documented(
        NotAuthenticated, NotAllowed, NotFound, InvalidInput, Conflict, Unavailable
    ),
)


class NewCaption(RequestModel):
    """What somebody said, as a person typed it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "cap_typed-1",
                    "text": "Three quarters of it.",
                    "participant_id": "par_01kb9x5t7v0000000000000000",
                }
            ]
        }
    )

    text: str = Field(min_length=1, max_length=2_000)
    id: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Your own id of it: sent again, it is stored once",
    )
    participant_id: str | None = Field(
        default=None, max_length=200, description="Who said it; null: somebody in the room"
    )
    start_ms: int | None = Field(
        default=None,
        ge=0,
        le=LARGEST_COUNT,
        description="When it was begun to be said, on the lesson clock; without it, now",
    )
    end_ms: int | None = Field(
        default=None,
        ge=0,
        le=LARGEST_COUNT,
        description="When it had been said; without it, as long after as it takes to read",
    )


class TakingOver(RequestModel):
    """Who captions from now on; whoever calls with a token of their own may leave it out."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"participant_id": "par_01kb9x5t7v0000000000000000"}]}
    )

    participant_id: str | None = Field(default=None, max_length=200)


class CaptionerView(BaseModel):
    """Who captions by hand, since when on the lesson clock."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "participant_id": "par_01kb9x5t7v0000000000000000",
                    "name": "Noor",
                    "since_ms": 93000,
                }
            ]
        }
    )

    participant_id: str
    name: str
    since_ms: int


@router.post(
    "/captions",
    status_code=201,
    responses={
        200: {
            "description": "It was there already.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def type_caption(
    lesson_id: str,
    body: NewCaption,
    caller: Caller,
    services: ServicesDependency,
    response: Response,
) -> dict[str, Any]:
    """Caption what was said by hand; the answer is the `caption.final` event, engine `human`.

    It is idempotent by `id`: the same text for the same speaker again answers 200. The speaker's
    consent to captions counts as it does for the engine's.
    """
    await authorize(services, caller, Action.POST, Resource.CAPTION, lesson_id=lesson_id)
    lesson = await _begun(services, caller, lesson_id)
    rules = await services.tenants.settings(caller.tenant_id)
    require_feature(rules, "live_captions")
    typed = TypedCaption(
        id=body.id or new_id("cap"),
        text=body.text,
        speaker=await _speaker(services, caller, lesson_id, body.participant_id),
        typed_by=caller.actor,
        start_ms=body.start_ms,
        end_ms=body.end_ms,
    )
    now = datetime.now(UTC)
    draft = typed_caption(typed, lesson, now)
    PostingWindow(lesson, now, timedelta(minutes=rules.late_events_minutes)).check(draft)
    (outcome,) = await services.ledger.append_each(caller.tenant_id, lesson_id, [draft])
    if isinstance(outcome, LecternError):
        response.status_code = 200
        return (await _repeated(services, caller, lesson_id, typed, draft, outcome)).to_wire()
    services.fan_out.offer([outcome.event] if outcome.created else [])
    response.status_code = 201 if outcome.created else 200
    return outcome.event.to_wire()


@router.put("/captioner", response_model=CaptionerView)
async def take_over_captions(
    lesson_id: str, body: TakingOver, caller: Caller, services: ServicesDependency
) -> CaptionerView:
    """Let a person caption the lesson from now on, instead of whoever did; once is enough.

    The engine goes on. What it hears while the captioner types stays in the ledger and is left out
    of transcripts; where the captioner sends nothing for 30 seconds, it counts again.
    """
    await authorize(services, caller, Action.POST, Resource.CAPTION, lesson_id=lesson_id)
    lesson = await _begun(services, caller, lesson_id)
    if lesson.status == "ended":
        raise Conflict("The lesson has ended.", field="lesson_id", fix="Correct its captions.")
    participant_id = body.participant_id or caller.participant_id
    if participant_id is None:
        raise InvalidInput(
            "It is not said who captions.",
            field="participant_id",
            fix="Give a participant of the lesson, or call with that participant's token.",
        )
    held = (await _takeovers(services, caller, lesson_id)).current
    if held is None or held.participant_id != participant_id:
        person = await services.lessons.get_participant(caller.tenant_id, lesson_id, participant_id)
        _require_captioner(person)
        data = CaptionerTookOver(name=person.name, asked_by=caller.actor)
        event = await _record(services, caller, lesson_id, EventDraft(data, None, person.id))
        held = Takeover(person.id, person.name, event.lessontimems)
    return CaptionerView(participant_id=held.participant_id, name=held.name, since_ms=held.start_ms)


@router.delete("/captioner", status_code=204)
async def hand_back_captions(lesson_id: str, caller: Caller, services: ServicesDependency) -> None:
    """Leave the captions to the engine again; if nobody had taken over, nothing changes."""
    await authorize(services, caller, Action.POST, Resource.CAPTION, lesson_id=lesson_id)
    await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    held = (await _takeovers(services, caller, lesson_id)).current
    if held is not None:
        data = CaptionerHandedBack(asked_by=caller.actor)
        await _record(services, caller, lesson_id, EventDraft(data, None, held.participant_id))


async def _begun(services: Services, caller: Credential, lesson_id: str) -> Lesson:
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    if lesson.started_at is None:
        raise Conflict(
            "The lesson has not begun, so it has no clock to put captions on.",
            field="lesson_id",
            fix="Start it at POST /v1/lessons/{id}/start.",
        )
    return lesson


def _require_captioner(person: Participant) -> None:
    if person.role not in MATRIX[Resource.CAPTION, Action.POST]:
        raise InvalidInput(
            f"{person.name} is a {person.role.replace('_', ' ')} and may not type captions.",
            field="participant_id",
            fix="Give them the role of a captioner first: PATCH .../participants/{id}.",
        )


async def _speaker(
    services: Services, caller: Credential, lesson_id: str, participant_id: str | None
) -> Participant:
    if participant_id is None:
        return await services.lessons.unattributed(caller.tenant_id, lesson_id)
    return await services.lessons.get_participant(caller.tenant_id, lesson_id, participant_id)


async def _takeovers(services: Services, caller: Credential, lesson_id: str) -> Takeovers:
    events = await services.ledger.read(
        caller.tenant_id, lesson_id, limit=1_000, types=TAKEOVER_TYPES
    )
    return Takeovers(events)


async def _record(
    services: Services, caller: Credential, lesson_id: str, draft: EventDraft
) -> LearningEvent:
    (appended,) = await services.ledger.append(caller.tenant_id, lesson_id, [draft])
    services.fan_out.offer([appended.event])
    return appended.event


async def _repeated(
    services: Services,
    caller: Credential,
    lesson_id: str,
    typed: TypedCaption,
    draft: EventDraft,
    refused: LecternError,
) -> LearningEvent:
    """Return the stored event where the caption is a repetition of it, or raise what refused it."""
    if isinstance(refused, Conflict):
        events = await services.caption_records.events(caller.tenant_id, lesson_id)
        masking = await MaskingRules(services.database).of(caller.tenant_id)
        # What is stored is read as everybody reads it, so a repetition is as well.
        read = masking.of_event(draft.data)
        same = replace(typed, text=read.text) if isinstance(read, CaptionFinal) else typed
        for event in events:
            if event.id == typed.id and says_the_same(event, same):
                return event
    raise refused
