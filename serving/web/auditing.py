"""Every change that is made over the API enters the audit trail, before its answer goes out.

What changes the store and its trail in one transaction, or says more than a request does, audits
itself; what a lesson's ledger records has its record there. Everything else is entered here, so an
operation that is added later cannot be forgotten.
"""

from __future__ import annotations

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lessons.errors import Unavailable
from lessons.policy import Credential
from serving.web.problems import problem_response
from serving.web.services import Services

CHANGING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

AUDITED_BY_THEMSELVES = frozenset(
    {
        "create_api_key",
        "rotate_api_key",
        "revoke_api_key",
        "create_webhook",
        "change_webhook",
        "delete_webhook",
        "rotate_webhook_secret",
        "replay_webhook",
        "revoke_tokens",
        "grant_in_lesson",
        "grant_everywhere",
        "revoke_in_lesson",
        "revoke_everywhere",
        "erase_person",
        "make_checkpoint",
        "sign_out",
        "end_own_sign_in",
        "end_sign_ins",
    }
)
"""Operations, by name, that enter what they do themselves."""

RECORDED_IN_THE_LEDGER = frozenset(
    {
        "post_events",
        "publish_media",
        "add_candidates",
        "stop_publishing",
        "start_lesson",
        "end_lesson",
        "correct_caption",
        "correct_summary",
        "type_caption",
        "take_over_captions",
        "hand_back_captions",
        "report_display",
    }
)
"""Operations, by name, that are events of a lesson, or the way to them."""

CHANGES_NOTHING = frozenset({"transcribe_audio", "transcribe_prerecorded"})
"""Operations, by name, that only answer: what was sent to them is not kept."""

NOT_ABOUT_A_TENANT = frozenset({"begin_sign_in"})
"""An operation, by name, before it is known who asks."""

_SILENT = AUDITED_BY_THEMSELVES | RECORDED_IN_THE_LEDGER | NOT_ABOUT_A_TENANT | CHANGES_NOTHING


class Auditing:
    """ASGI middleware that enters changes into the audit trail of the caller's tenant."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] not in CHANGING_METHODS:
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        refused = False

        async def send_after_entry(message: Message) -> None:
            nonlocal start, refused
            if message["type"] == "http.response.start" and _is_audited(scope, message["status"]):
                start = message  # until the body says what was made
                return
            if start is not None:
                began, start = start, None
                try:
                    await self._enter(scope, message.get("body", b""))
                except Unavailable as error:
                    refused = True
                    await problem_response(error)(scope, receive, send)
                    return
                await send(began)
            if not refused:
                await send(message)

        await self._app(scope, receive, send_after_entry)

    async def _enter(self, scope: Scope, body: bytes) -> None:
        caller: Credential = scope["state"]["caller"]
        path = scope["path"].removeprefix("/v1/")
        made = _id_in(body) if scope["method"] == "POST" else None
        await self._services.audit.record(
            caller.tenant_id,
            caller.actor,
            scope["route"].name.replace("_", " "),
            path,
            {"made": made} if made else {},
        )


def _is_audited(scope: Scope, status: int) -> bool:
    route = scope.get("route")
    if status >= 400 or route is None or route.name in _SILENT:
        return False
    return isinstance(scope.get("state", {}).get("caller"), Credential)


def _id_in(body: bytes) -> str | None:
    """Return the id of what a JSON answer says was made, if it says so."""
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    found = answer.get("id") if isinstance(answer, dict) else None
    return found if isinstance(found, str) else None
