"""ICE candidates as a client writes them, in an offer or trickled (RFC 8839 section 5.1)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp

from lessons.errors import InvalidInput

CANDIDATE_ATTRIBUTE = "a=candidate:"
MAX_CANDIDATES = 64
"""Candidates of one peer that we check; each costs us STUN requests to an address it chose."""

_USABLE_TYPES = frozenset({"host", "srflx", "relay"})


def read_candidates(lines: Iterable[str], *, mid: str, field: str) -> tuple[RTCIceCandidate, ...]:
    """The usable candidates among the lines of one media section.

    Args:
        lines: SDP lines; those that are not candidates are passed over.
        mid: identification tag of the section.
        field: name of the input, for errors.

    Raises:
        InvalidInput: a candidate line does not follow the grammar.
    """
    values = (
        line.removeprefix(CANDIDATE_ATTRIBUTE)
        for line in lines
        if line.startswith(CANDIDATE_ATTRIBUTE)
    )
    candidates = [_read_candidate(value, field) for value in values]
    for candidate in candidates:
        candidate.sdpMid = mid
    return tuple(candidate for candidate in candidates if _is_usable(candidate))


def _read_candidate(value: str, field: str) -> RTCIceCandidate:
    try:
        return candidate_from_sdp(value)
    except (AssertionError, ValueError) as error:
        raise InvalidInput(
            f"'{value[:120]}' is not an ICE candidate.",
            field=field,
            fix="Write candidates as RFC 8839 section 5.1 does.",
        ) from error


def _is_usable(candidate: RTCIceCandidate) -> bool:
    """Whether we can send checks to it.

    Browsers hide host addresses behind `.local` names until they may use the microphone. We leave
    those unresolved: multicast DNS rarely crosses into a container, and the browser's own checks
    reach us and make its address known as a peer-reflexive candidate (RFC 8445 section 7.3.1.3).
    """
    try:
        address = ipaddress.ip_address(candidate.ip)
    except ValueError:
        return False
    return (
        candidate.component == 1
        and candidate.protocol.lower() == "udp"
        and candidate.type in _USABLE_TYPES
        and 0 < candidate.port < 65536
        and 0 <= candidate.priority < 2**32
        and "%" not in candidate.ip
        and not address.is_multicast
        and not address.is_unspecified
    )
