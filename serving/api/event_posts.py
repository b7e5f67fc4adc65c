"""Learning events from a platform: one, or a batch in which each has an outcome of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.errors import (
    InvalidInput,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
    UnsupportedMedia,
)
from lessons.events import (
    ChatPosted,
    EngagementContested,
    EventDraft,
    PostingWindow,
    parse_posted,
)
from lessons.policy import Access, Action, Credential, Resource
from lessons.records import Lesson
from lessons.store import Appended
from lessons.tenants import TenantSettings
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.json_body import json_body
from serving.web.problems import Problem, TooLarge, documented, problem_of
from serving.web.services import Services, ServicesDependency

MAX_BATCH_EVENTS = 500

EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"
MEDIA_TYPES = (JSON, EVENT, BATCH)
"""The last two are those of CloudEvents 1.0.2, in structured and in batched mode."""

_ONE: JsonDict = {"$ref": "#/components/schemas/PostedEvent"}
_LIST: JsonDict = {"type": "array", "minItems": 1, "maxItems": MAX_BATCH_EVENTS, "items": _ONE}
_WRAPPED: JsonDict = {
    "type": "object",
    "properties": {"events": _LIST},
    "required": ["events"],
    "additionalProperties": False,
}

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}",
    tags=["events"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class PostResult(BaseModel):
    """Outcome of one posted event: 201 stored, 200 was already there, else a problem."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "platform-4711", "status": 201, "sequence": 41}]}
    )

    id: str | None = Field(default=None, description="As it was posted, where it was a name")
    status: int = Field(description="As of an HTTP response for this event alone")
    sequence: int | None = Field(default=None, description="Its place in the lesson's ledger")
    problem: Problem | None = None


class PostResults(BaseModel):
    """Outcomes in the order in which the events were posted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"results": [{"id": "platform-4711", "status": 201, "sequence": 41}]}]
        }
    )

    results: list[PostResult]


@router.post(
    "/events",
    response_model=PostResults,
    response_model_exclude_none=True,
    responses=documented(TooLarge, UnsupportedMedia),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": {"oneOf": [_ONE, _WRAPPED]}},
                EVENT: {"schema": _ONE},
                BATCH: {"schema": _LIST},
            },
        }
    },
)
async def post_events(
    lesson_id: str, request: Request, caller: Caller, services: ServicesDependency
) -> PostResults:
    """Post one event, or a batch as `{"events": [...]}`; each item has an outcome of its own.

    It is idempotent by `id`: the same id and body again answers 200, another body 409. A lesson
    that ended takes events for as long as its tenant says (`late_events_minutes`, a day unless
    set), and 409 after that; what comes later by its nature (`assessment.graded`, homework) is
    always taken. What each type takes is at `GET /v1/event-types`.
    """
    access = await authorize(services, caller, Action.POST, Resource.EVENT, lesson_id=lesson_id)
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    items = _items_of(await json_body(request, MEDIA_TYPES))
    drafts = [_draft_of(item, access, caller) for item in items]
    rules = await _rules(services, lesson, drafts)
    late = timedelta(minutes=rules.late_events_minutes)
    window = PostingWindow(lesson, datetime.now(UTC), late)
    known = await _known_ids(services, window, drafts)
    drafts = [_admitted(draft, window, rules, known) for draft in drafts]
    outcomes = await _append(services, caller, lesson_id, drafts)
    return PostResults(
        results=[_result_of(item, outcome) for item, outcome in zip(items, outcomes, strict=True)]
    )


def _items_of(body: Any) -> list[Any]:
    if isinstance(body, list):
        items = body
    elif not isinstance(body, dict):
        raise InvalidInput(
            "It is neither an event nor a batch.", field="body", fix='Send {"events": [...]}.'
        )
    elif "events" not in body or "type" in body:
        return [body]
    else:
        items = body["events"]
        if not isinstance(items, list) or len(body) > 1:
            raise InvalidInput(
                "A batch is an object with one list.", field="events", fix='Send {"events": [...]}.'
            )
    if not 0 < len(items) <= MAX_BATCH_EVENTS:
        raise InvalidInput(
            f"A batch holds 1 to {MAX_BATCH_EVENTS} events, not {len(items)}.",
            field="events",
            fix="Send several batches.",
        )
    return items


def _draft_of(item: Any, access: Access, caller: Credential) -> EventDraft | LecternError:
    if not isinstance(item, dict):
        return InvalidInput("An event is a JSON object.", field="events")
    try:
        draft = parse_posted(item)
        _require_own_doing(draft, access, caller)
    except LecternError as error:
        return error
    return draft


def _require_own_doing(draft: EventDraft, access: Access, caller: Credential) -> None:
    """Let a learner post only what that learner did, and nothing that is a teacher's to say."""
    if access.subjects is None:
        return
    if draft.data.by_teachers:
        raise NotAllowed(
            f"Events of type {draft.data.type} come from those who teach.",
            field="type",
            fix="Post it with an API key, or with the token of an instructor.",
        )
    if isinstance(draft.data, EngagementContested) and draft.data.contested_by != "learner":
        raise NotAllowed(
            "A learner contests as themself.",
            field="contested_by",
            fix="Leave it out; a guardian contests at .../engagement/learners/{id}/contests.",
        )
    if not access.covers(draft.subject):
        raise NotAllowed(
            "A learner may post only events of their own.",
            field="subject",
            fix=f"Send 'subject': '{caller.participant_id}'.",
        )


async def _rules(
    services: Services, lesson: Lesson, drafts: list[EventDraft | LecternError]
) -> TenantSettings:
    """Return the tenant's rules, asking for them only where one of them matters."""
    has_text = any(isinstance(draft, EventDraft) and _has_text(draft) for draft in drafts)
    if lesson.ended_at is None and not has_text:
        return TenantSettings()
    return await services.tenants.settings(lesson.tenant_id)


async def _known_ids(
    services: Services, window: PostingWindow, drafts: list[EventDraft | LecternError]
) -> frozenset[str]:
    """Return what is stored already where nothing new is taken: repeating stays harmless."""
    if not window.is_over:
        return frozenset()
    ids = [draft.id for draft in drafts if isinstance(draft, EventDraft)]
    return await services.ledger.known_ids(window.lesson.tenant_id, window.lesson.id, ids)


def _admitted(
    draft: EventDraft | LecternError,
    window: PostingWindow,
    rules: TenantSettings,
    known: Collection[str],
) -> EventDraft | LecternError:
    """Return a draft as it is kept, or why it is not."""
    if isinstance(draft, LecternError):
        return draft
    try:
        if draft.id not in known:
            window.check(draft)
    except LecternError as refused:
        return refused
    if isinstance(draft.data, ChatPosted) and not rules.features.chat_text:
        return replace(draft, data=draft.data.without_text())
    return draft


def _has_text(draft: EventDraft) -> bool:
    return isinstance(draft.data, ChatPosted) and draft.data.text is not None


async def _append(
    services: Services,
    caller: Credential,
    lesson_id: str,
    drafts: list[EventDraft | LecternError],
) -> list[Appended | LecternError]:
    """Append the good drafts and leave the refusals where they stood."""
    good = [draft for draft in drafts if isinstance(draft, EventDraft)]
    outcomes = await services.ledger.append_each(caller.tenant_id, lesson_id, good)
    created = [one.event for one in outcomes if isinstance(one, Appended) and one.created]
    services.fan_out.offer(created)
    stored = iter(outcomes)
    return [next(stored) if isinstance(draft, EventDraft) else draft for draft in drafts]


def _result_of(item: Any, outcome: Appended | LecternError) -> PostResult:
    identifier = item.get("id") if isinstance(item, dict) else None
    name = identifier if isinstance(identifier, str) else None
    if isinstance(outcome, LecternError):
        problem = problem_of(outcome)
        return PostResult(id=name, status=problem.status, problem=problem)
    status = 201 if outcome.created else 200
    return PostResult(id=name, status=status, sequence=outcome.event.ledgersequence)
