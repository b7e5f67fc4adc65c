"""A WHIP client (RFC 9725): publishes a file by a real WebRTC connection, at real-time pace."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin

import httpx
from aiortc import RTCPeerConnection, RTCSessionDescription

from lessons.errors import (
    Conflict,
    InvalidInput,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Overloaded,
    Unavailable,
    UnsupportedMedia,
)
from media_ingest.negotiation import close_connection, gather, ice_configuration
from media_ingest.paced_tracks import FileAudioTrack, GeneratedVideoTrack
from media_ingest.sdp import PARSER_ERRORS

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 15.0
REQUEST_SECONDS = 20.0

_REFUSALS: dict[int, type[LecternError]] = {
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    415: UnsupportedMedia,
}


class WhipPublisher:
    """Publishes one audio file as one participant.

    Args:
        whip_url: where to POST the offer.
        token: bearer token of the participant.
        audio_path: any file that FFmpeg decodes; its first audio stream is published.
        video: publish a generated moving picture as well.
        pictures: which one, as `encode_pictures` made it; None: a bar that wanders.
    """

    def __init__(
        self,
        whip_url: str,
        token: str,
        audio_path: Path,
        *,
        video: bool = False,
        pictures: Sequence[bytes] | None = None,
    ) -> None:
        self._whip_url = whip_url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._audio_path = audio_path
        self._video = video
        self._pictures = pictures
        self._stopping = False
        self._changed = asyncio.Event()
        self._audio: FileAudioTrack | None = None

    @property
    def started(self) -> float | None:
        """When the first sample of the file was sent, of `time.monotonic`; None before."""
        return self._audio.started if self._audio is not None else None

    async def publish(self) -> None:
        """Publish until the file ends or `stop` is called, then take leave by DELETE.

        Raises:
            InvalidInput: the file cannot be decoded, or the endpoint refuses the offer.
            NotAuthenticated, NotAllowed, NotFound, Conflict, UnsupportedMedia: the endpoint's no.
            Overloaded: the endpoint answers 503; `retry_after_seconds` is its Retry-After.
            Unavailable: no endpoint, no connection, or the connection was lost.
        """
        self._audio = audio = FileAudioTrack(self._audio_path, on_ended=self._changed.set)
        connection = RTCPeerConnection(ice_configuration(()))
        connection.on("connectionstatechange", self._changed.set)
        try:
            async with httpx.AsyncClient(
                headers=self._headers, timeout=REQUEST_SECONDS, trust_env=False
            ) as client:
                session_url = await self._offer(client, connection, audio)
                try:
                    await self._play(connection, audio)
                finally:
                    await _leave(client, session_url)
        finally:
            audio.stop()
            await close_connection(connection)
        if audio.failure is not None:
            raise audio.failure

    def stop(self) -> None:
        """Let `publish` take leave and return; at once, without waiting for it."""
        self._stopping = True
        self._changed.set()

    async def _offer(
        self, client: httpx.AsyncClient, connection: RTCPeerConnection, audio: FileAudioTrack
    ) -> str:
        """Signal, and return the address of the session."""
        connection.addTransceiver(audio, direction="sendonly")
        if self._video:
            track = GeneratedVideoTrack(self._pictures)
            connection.addTransceiver(track, direction="sendonly")
        await gather(connection)
        try:
            response = await client.post(
                self._whip_url,
                content=connection.localDescription.sdp,
                headers={"Content-Type": "application/sdp"},
            )
        except httpx.TransportError as error:
            raise Unavailable(f"{self._whip_url} does not answer: {error!r}.") from error
        if response.status_code != httpx.codes.CREATED:
            raise _refusal(response)
        try:
            answer = RTCSessionDescription(response.text, "answer")
            await connection.setRemoteDescription(answer)
            return urljoin(self._whip_url, response.headers["Location"])
        except PARSER_ERRORS as error:
            raise Unavailable(f"{self._whip_url} does not answer as a WHIP endpoint.") from error

    async def _play(self, connection: RTCPeerConnection, audio: FileAudioTrack) -> None:
        """Wait for the end of the file, of the connection or of patience."""
        deadline = time.monotonic() + CONNECT_SECONDS
        while not audio.ended and not self._stopping:
            self._changed.clear()
            _check(connection.connectionState, deadline)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), CONNECT_SECONDS)


def _check(state: str, connect_before: float) -> None:
    if state in ("failed", "closed"):
        raise Unavailable("The WebRTC connection was lost.")
    if state != "connected" and time.monotonic() > connect_before:
        raise Unavailable("The WebRTC connection did not come up.")


async def _leave(client: httpx.AsyncClient, session_url: str) -> None:
    try:
        await client.delete(session_url)
    except httpx.TransportError as error:
        # The connection closes all the same, which ends the session there too.
        logger.info("no answer to the DELETE of %s: %r", session_url, error)


def _refusal(response: httpx.Response) -> LecternError:
    """The endpoint's refusal as an error of ours; `detail` is RFC 9457's."""
    try:
        body = response.json()
        detail = str(body["detail"]) if isinstance(body, dict) and "detail" in body else ""
    except ValueError:
        detail = ""
    reason = f"The WHIP endpoint answers {response.status_code}" + (
        f": {detail}" if detail else "."
    )
    if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        seconds = response.headers.get("Retry-After", "")
        return Overloaded(reason, retry_after_seconds=int(seconds) if seconds.isdigit() else 5)
    if response.is_server_error:
        return Unavailable(reason)
    return _REFUSALS.get(response.status_code, InvalidInput)(reason)
