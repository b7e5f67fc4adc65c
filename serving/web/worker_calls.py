"""Signalling calls from the gateway to ingest workers: choose one, forward, pass refusals on."""

from __future__ import annotations

import logging
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from lessons.errors import (
    Conflict,
    InvalidInput,
    LecternError,
    NoHeadroom,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
    UnsupportedMedia,
)
from lessons.privacy.consent import ConsentMissing
from lessons.records import IngestWorkerRecord
from lessons.store.regions import WrongRegion
from media_ingest.admission import LIVE_LESSONS_RESERVE
from serving.web.problems import Problem
from serving.web.services import Services

logger = logging.getLogger(__name__)

SDP_MEDIA_TYPE = "application/sdp"
SDP_FRAGMENT_MEDIA_TYPE = "application/trickle-ice-sdpfrag"
MAX_WORKERS_TRIED = 3
DEFAULT_RETRY_SECONDS = 5

REFUSALS: dict[str, type[LecternError]] = {
    kind.code: kind
    for kind in (
        ConsentMissing,
        Conflict,
        InvalidInput,
        NotAllowed,
        NotAuthenticated,
        NotFound,
        UnsupportedMedia,
        WrongRegion,
    )
}


class PublishedPeer(BaseModel):
    """A worker's answer to an offer."""

    peer_id: str
    sdp: str


class NotTaken(Unavailable):
    """The worker did not take the offer at all, so another one may be given it."""


async def publish(
    services: Services, lesson_id: str, token: str, offer: bytes, *, live: bool = False
) -> tuple[IngestWorkerRecord, PublishedPeer]:
    """Give an offer to the least loaded worker; where that one is dead or full, to the next.

    Args:
        live: whether the lesson is live already; then workers have a reserve for it.

    Raises:
        Overloaded: every worker is past its admission limit, or there is none.
        NoHeadroom: the captioner has no room for another lesson.
        Unavailable: none of those tried took the offer, or the one that did went silent.
        LecternError: what the worker refused the offer for.
    """
    limit = services.settings.admission_limit + (LIVE_LESSONS_RESERVE if live else 0.0)
    tried: list[str] = []
    while True:
        worker = await services.workers.least_loaded(limit, tried)
        tried.append(worker.id)
        try:
            return worker, await _offer(services, worker, lesson_id, token, offer)
        except NotTaken as error:
            logger.warning("ingest worker %s did not take an offer: %s", worker.id, error)
            if len(tried) >= MAX_WORKERS_TRIED:
                raise


async def call_peer(
    services: Services, worker_id: str, peer_id: str, method: str, token: str, fragment: bytes = b""
) -> None:
    """Forward a PATCH or DELETE to the worker that holds the peer.

    Raises:
        NotFound: the worker or the peer is gone: publish anew.
        LecternError: what the worker refused it for.
    """
    worker = await services.workers.get(worker_id)
    headers = {"Content-Type": SDP_FRAGMENT_MEDIA_TYPE} if fragment else {}
    path = f"/peers/{quote(peer_id, safe='')}"
    await _call(services, worker, method, path, token, fragment, headers)


async def _offer(
    services: Services, worker: IngestWorkerRecord, lesson_id: str, token: str, offer: bytes
) -> PublishedPeer:
    headers = {"Content-Type": SDP_MEDIA_TYPE}
    path = f"/peers?lesson_id={quote(lesson_id, safe='')}"
    response = await _call(services, worker, "POST", path, token, offer, headers)
    try:
        return PublishedPeer.model_validate_json(response.content)
    except ValidationError as error:
        raise Unavailable(f"Ingest worker {worker.id} answered something else.") from error


async def _call(
    services: Services,
    worker: IngestWorkerRecord,
    method: str,
    path: str,
    token: str,
    body: bytes,
    headers: dict[str, str],
) -> httpx.Response:
    try:
        response = await services.http.request(
            method,
            f"{worker.url.rstrip('/')}{path}",
            content=body,
            headers=headers | {"Authorization": f"Bearer {token}"},
        )
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise NotTaken(f"Ingest worker {worker.id} is gone.") from error
    except httpx.TransportError as error:
        raise Unavailable(f"Ingest worker {worker.id} does not answer.") from error
    if response.is_error:
        raise _refusal(response)
    return response


def _refusal(response: httpx.Response) -> LecternError:
    """Return the worker's problem as the error that it was there."""
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return Unavailable(f"An ingest worker failed with status {response.status_code}.")
    kind = REFUSALS.get(problem.code)
    if kind is not None:
        return kind(problem.detail, field=problem.field, fix=problem.fix)
    seconds = response.headers.get("retry-after", "")
    # The captioner is everybody's, so that another worker would refuse the same.
    later = NoHeadroom if problem.code == NoHeadroom.code else NotTaken
    return later(
        problem.detail,
        field=problem.field,
        fix=problem.fix,
        retry_after_seconds=int(seconds) if seconds.isdecimal() else DEFAULT_RETRY_SECONDS,
    )
