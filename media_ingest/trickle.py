"""Trickled candidates: `application/trickle-ice-sdpfrag` (RFC 8840, RFC 9725 section 4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from aiortc import RTCIceCandidate
from aiortc.sdp import grouplines

from lessons.errors import InvalidInput
from media_ingest.candidates import read_candidates
from media_ingest.sdp import Offer

MAX_FRAGMENT_CHARACTERS = 16_384

_FIELD = "sdpfrag"
_MID = "a=mid:"


@dataclass(frozen=True, slots=True)
class Fragment:
    """What one PATCH told: usable candidates, each with its section's identification tag."""

    candidates: tuple[RTCIceCandidate, ...]


def read_fragment(text: str, offer: Offer) -> Fragment:
    """Check a fragment against the offer it belongs to.

    Raises:
        InvalidInput: malformed, candidates outside a section with `a=mid`, or credentials other
            than the offer's, which ask for an ICE restart.
    """
    if len(text) > MAX_FRAGMENT_CHARACTERS:
        raise _invalid(f"The fragment is longer than {MAX_FRAGMENT_CHARACTERS} characters.")
    session_lines, sections = grouplines(text)
    lines = [*session_lines, *(line for section in sections for line in section)]
    if not any(line.startswith("a=") for line in lines):
        raise _invalid("The body is not an SDP fragment: it has no attribute line.")
    _check_credentials(lines, offer)
    if read_candidates(session_lines, mid="", field=_FIELD):
        raise _invalid("A candidate stands before the first media section.")
    return Fragment(
        tuple(
            candidate
            for section in sections
            for candidate in read_candidates(section, mid=_mid(section), field=_FIELD)
        )
    )


def _check_credentials(lines: list[str], offer: Offer) -> None:
    for attribute, known in (
        ("ice-ufrag", offer.ice_usernames),
        ("ice-pwd", offer.ice_passwords),
    ):
        prefix = f"a={attribute}:"
        given = {line.removeprefix(prefix).strip() for line in lines if line.startswith(prefix)}
        if not given <= known:
            raise InvalidInput(
                "The ICE credentials are not the offer's, and ICE restart is not supported.",
                field=attribute,
                fix="Publish again: DELETE this session and POST a new offer.",
            )


def _mid(section: list[str]) -> str:
    for line in section:
        if line.startswith(_MID):
            return line[len(_MID) :].strip()
    raise _invalid("A media section of the fragment has no 'a=mid' line.")


def _invalid(reason: str) -> InvalidInput:
    return InvalidInput(reason, field=_FIELD, fix="Send a fragment as RFC 8840 section 9 does.")
