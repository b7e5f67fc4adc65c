"""Sets up and ends aiortc connections, each step in bounded time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from aiortc import (
    InvalidAccessError,
    InvalidStateError,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, OperationError
from aiortc.rtcicetransport import parse_stun_turn_uri

from lessons.errors import InvalidInput, Unavailable
from media_ingest.sdp import PARSER_ERRORS, Offer, unsupported_codecs

logger = logging.getLogger(__name__)

GATHERING_SECONDS = 8.0
"""aioice itself waits 5 s for a STUN or TURN server and then goes on without it."""
CLOSE_SECONDS = 5.0


def ice_configuration(servers: Sequence[str]) -> RTCConfiguration:
    """The configuration with these STUN and TURN URIs and no other; aiortc's default asks Google's.

    Raises:
        InvalidInput: one is not a URI of RFC 7064 or RFC 7065.
    """
    for server in servers:
        try:
            parse_stun_turn_uri(server)
        except ValueError as error:
            raise InvalidInput(
                f"'{server}' is not a STUN or TURN URI.",
                field="ice_servers",
                fix="Write it as stun:host:port or turn:host:port?transport=udp.",
            ) from error
    return RTCConfiguration(iceServers=[RTCIceServer(urls=server) for server in servers])


async def answer_offer(offer: Offer, configuration: RTCConfiguration) -> RTCPeerConnection:
    """A connection whose local description is the answer, with every candidate gathered.

    Raises:
        InvalidInput: aiortc cannot make sense of the offer.
        UnsupportedMedia: no codec in common.
        Unavailable: no local address could be gathered in time.
    """
    connection = RTCPeerConnection(configuration)
    try:
        await _take_offer(connection, offer)
        await gather(connection)
    except BaseException:
        await close_connection(connection)
        raise
    return connection


async def gather(connection: RTCPeerConnection) -> None:
    """Set the local description and gather its candidates.

    Raises:
        Unavailable: none was found in time.
    """
    try:
        async with asyncio.timeout(GATHERING_SECONDS):
            await connection.setLocalDescription()
    except TimeoutError as error:
        raise Unavailable("Gathering ICE candidates took too long.") from error
    if "a=candidate:" not in connection.localDescription.sdp:
        raise Unavailable(
            "This machine has no network address that WebRTC can use.",
            fix="Connect it to a network: 127.0.0.1 alone does not do.",
        )


async def close_connection(connection: RTCPeerConnection) -> None:
    """Close a connection; one that hangs is given up after `CLOSE_SECONDS`."""
    closing = asyncio.ensure_future(connection.close())
    await asyncio.wait({closing}, timeout=CLOSE_SECONDS)
    if not closing.done():
        closing.cancel()
        logger.warning("a WebRTC connection did not close within %s s", CLOSE_SECONDS)
    elif not closing.cancelled() and (error := closing.exception()):
        logger.warning("a WebRTC connection closed with an error", exc_info=error)


async def _take_offer(connection: RTCPeerConnection, offer: Offer) -> None:
    try:
        await connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        for candidate in offer.candidates:
            await connection.addIceCandidate(candidate)
    except OperationError as error:
        raise unsupported_codecs("video" if "video" in str(error) else "audio") from error
    except (*PARSER_ERRORS, InternalError, InvalidAccessError, InvalidStateError) as error:
        logger.info("aiortc refused an offer", exc_info=error)
        raise InvalidInput(
            "The offer cannot be answered: its sections contradict each other.", field="sdp"
        ) from error
