"""SDP offers from WHIP clients (RFC 9725): what we take, what we refuse and what we decline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aiortc import RTCIceCandidate, RTCRtpReceiver
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.sdp import MediaDescription, SessionDescription, grouplines

from lessons.errors import InvalidInput, UnsupportedMedia
from media_ingest.candidates import CANDIDATE_ATTRIBUTE, read_candidates

TrackKind = Literal["audio", "video"]

MAX_OFFER_CHARACTERS = 65_536
MAX_SECTIONS = 16

_FIELD = "sdp"
_MEDIA_LINE = re.compile(r"^m=([a-z]+) [0-9]+ ([A-Za-z/]+) ([!-~ ]+)$")
_MID = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}$")
_ICE_CHARACTERS = re.compile(r"^[A-Za-z0-9+/]+$")
_FINGERPRINT_ALGORITHMS = frozenset({"sha-256", "sha-384", "sha-512"})
_SENDING = frozenset({"sendonly", "sendrecv"})

# What aiortc's parser raises on a text that is not SDP: it checks with assertions and look-ups.
PARSER_ERRORS = (
    AssertionError,
    AttributeError,
    LookupError,
    OverflowError,
    StopIteration,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class DeclinedSection:
    """A section that the answer declines with port 0 (RFC 3264 section 6), such as a data channel.

    Attributes:
        index: its place among the media sections.
        media_line: the answer's `m=` line.
        mid: its identification tag, or an empty string.
    """

    index: int
    media_line: str
    mid: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A checked offer.

    Attributes:
        sdp: the accepted sections, without candidates, for aiortc.
        kinds: kinds of the accepted sections, in their order.
        ice_usernames, ice_passwords: the ICE credentials of the offer's sections.
        candidates: the usable candidates it came with.
        declined: the sections left out of `sdp`.
    """

    sdp: str
    kinds: tuple[TrackKind, ...]
    ice_usernames: frozenset[str]
    ice_passwords: frozenset[str]
    candidates: tuple[RTCIceCandidate, ...]
    declined: tuple[DeclinedSection, ...]


def read_offer(text: str) -> Offer:
    """Check an offer of one audio and at most one video section, bundled.

    Raises:
        InvalidInput: not SDP, no audio, nothing sent, or without the ICE or DTLS lines it needs.
        UnsupportedMedia: a section offers no codec that we decode.
    """
    session_lines, groups = _split(text)
    description = _parse(session_lines, groups)
    accepted: list[list[str]] = []
    declined: list[DeclinedSection] = []
    media: list[MediaDescription] = []
    for index, (lines, section) in enumerate(zip(groups, description.media, strict=True)):
        if section.kind in ("audio", "video"):
            accepted.append(lines)
            media.append(section)
        else:
            declined.append(_declined(index, lines, section))
    kinds = _check_kinds(media)
    _check_mids(description)
    for section in media:
        _check_section(section)
    return Offer(
        sdp=_rebuild(session_lines, accepted, media),
        kinds=kinds,
        ice_usernames=frozenset(_credentials(section)[0] for section in description.media),
        ice_passwords=frozenset(_credentials(section)[1] for section in description.media),
        candidates=tuple(
            candidate
            for lines, section in zip(accepted, media, strict=True)
            for candidate in read_candidates(lines, mid=section.rtp.muxId, field=_FIELD)
        ),
        declined=tuple(declined),
    )


def complete_answer(answer: str, declined: Sequence[DeclinedSection]) -> str:
    """Put the declined sections back in their places: an answer has as many as its offer."""
    session_lines, groups = grouplines(answer)
    for section in declined:
        lines = [section.media_line, "c=IN IP4 0.0.0.0", "a=inactive"]
        if section.mid:
            lines.append(f"a=mid:{section.mid}")
        groups.insert(section.index, lines)
    return _join([*session_lines, *(line for lines in groups for line in lines)])


def _split(text: str) -> tuple[list[str], list[list[str]]]:
    if len(text) > MAX_OFFER_CHARACTERS:
        raise _invalid(f"The offer is longer than {MAX_OFFER_CHARACTERS} characters.")
    session_lines, groups = grouplines(text)
    if not session_lines or session_lines[0].strip() != "v=0":
        raise _invalid("The body is not SDP: its first line is not 'v=0'.")
    if not groups:
        raise _no_audio()
    if len(groups) > MAX_SECTIONS:
        raise _invalid(f"The offer has more than {MAX_SECTIONS} media sections.")
    return session_lines, groups


def _parse(session_lines: list[str], groups: list[list[str]]) -> SessionDescription:
    lines = _without_candidates([*session_lines, *(line for group in groups for line in group)])
    try:
        return SessionDescription.parse(_join(lines))
    except PARSER_ERRORS as error:
        raise _invalid(f"'{_malformed_line(lines)[:80]}' is not well-formed SDP.") from error


def _malformed_line(lines: list[str]) -> str:
    """The line at which a text that does not parse stops parsing, found by halving."""
    good, bad = 0, len(lines)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            SessionDescription.parse(_join(lines[:middle]))
            good = middle
        except PARSER_ERRORS:
            bad = middle
    return lines[bad - 1]


def _without_candidates(lines: list[str]) -> list[str]:
    """Candidates go the same way as trickled ones, and the end of candidates is never announced:

    told that no more will come, aioice gives up before the client's own checks arrive.
    """
    return [
        line for line in lines if not line.startswith((CANDIDATE_ATTRIBUTE, "a=end-of-candidates"))
    ]


def _declined(index: int, lines: list[str], section: MediaDescription) -> DeclinedSection:
    match = _MEDIA_LINE.match(lines[0])
    if match is None:
        raise _invalid(f"'{lines[0][:80]}' is not a media line.")
    kind, profile, formats = match.groups()
    return DeclinedSection(index, f"m={kind} 0 {profile} {formats}", section.rtp.muxId)


def _check_kinds(media: list[MediaDescription]) -> tuple[TrackKind, ...]:
    audio = sum(section.kind == "audio" for section in media)
    video = len(media) - audio
    if audio == 0:
        raise _no_audio()
    if audio > 1 or video > 1:
        raise _invalid(
            f"The offer has {audio} audio and {video} video sections.",
            fix="Publish one audio and at most one video track; use one connection a participant.",
        )
    return tuple("audio" if section.kind == "audio" else "video" for section in media)


def _check_mids(description: SessionDescription) -> None:
    mids = [section.rtp.muxId for section in description.media]
    if len(mids) > 1 or mids[0] != "":
        for mid in mids:
            if not _MID.match(mid or ""):
                raise _invalid("A media section has no valid 'a=mid' line.")
        if len(set(mids)) != len(mids):
            raise _invalid("Two media sections have the same 'a=mid'.")
    bundles = [group.items for group in description.group if group.semantic == "BUNDLE"]
    bundled = set(bundles[0]) if bundles else set()
    taken = {s.rtp.muxId for s in description.media if s.kind in ("audio", "video")}
    if len(bundles) > 1 or not bundled <= set(mids) or (len(taken) > 1 and not taken <= bundled):
        raise _invalid(
            "The media sections are not in one BUNDLE group.",
            fix="Bundle audio and video on one transport (RFC 9725 section 4.4.1).",
        )


def _check_section(section: MediaDescription) -> None:
    name = f"The {section.kind} section"
    username, password = _credentials(section)
    if not (4 <= len(username) <= 256 and _ICE_CHARACTERS.match(username)):
        raise _invalid(f"{name} has no valid 'a=ice-ufrag' line.")
    if not (22 <= len(password) <= 256 and _ICE_CHARACTERS.match(password)):
        raise _invalid(f"{name} has no valid 'a=ice-pwd' line.")
    if section.dtls is None:
        raise _invalid(f"{name} has no 'a=setup' line.")
    algorithms = {print_.algorithm.lower() for print_ in section.dtls.fingerprints}
    if not algorithms & _FINGERPRINT_ALGORITHMS:
        raise _invalid(f"{name} has no SHA-256, SHA-384 or SHA-512 'a=fingerprint' line.")
    if not section.rtcp_mux:
        raise _invalid(f"{name} has no 'a=rtcp-mux' line.")
    if section.direction not in _SENDING | {None}:
        raise _invalid(
            f"{name} is '{section.direction}': it would send us nothing.",
            fix="Offer 'sendonly' (RFC 9725 section 4.2).",
        )
    _check_codecs(section)


def _credentials(section: MediaDescription) -> tuple[str, str]:
    if section.ice is None:
        return "", ""
    return section.ice.usernameFragment or "", section.ice.password or ""


def _check_codecs(section: MediaDescription) -> None:
    decoded = {codec.mimeType.lower() for codec in _capabilities(section.kind)} - {
        f"{section.kind}/rtx"
    }
    offered = [codec.mimeType for codec in section.rtp.codecs]
    if decoded.isdisjoint(name.lower() for name in offered):
        raise unsupported_codecs(section.kind, offered)


def unsupported_codecs(kind: str, offered: Sequence[str] = ()) -> UnsupportedMedia:
    """The error for a section that shares no codec with us."""
    names = ", ".join(sorted({name.partition("/")[2] for name in offered})[:12])
    decoded = sorted({c.mimeType.partition("/")[2] for c in _capabilities(kind)} - {"rtx"})
    return UnsupportedMedia(
        f"The {kind} section offers no codec that Lectern decodes"
        + (f" (offered: {names})." if names else "."),
        field=_FIELD,
        fix=f"Offer one of: {', '.join(decoded)}.",
    )


def _capabilities(kind: str) -> list[RTCRtpCodecCapability]:
    capabilities = RTCRtpReceiver.getCapabilities(kind)
    return capabilities.codecs if capabilities else []


def _rebuild(
    session_lines: list[str], accepted: list[list[str]], media: list[MediaDescription]
) -> str:
    """The offer for aiortc: accepted sections alone, each with its direction written out."""
    mids = " ".join(section.rtp.muxId for section in media if section.rtp.muxId)
    lines = [line for line in session_lines if not line.startswith("a=group:")]
    if mids:
        lines.append(f"a=group:BUNDLE {mids}")
    for section_lines, section in zip(accepted, media, strict=True):
        lines += section_lines
        if section.direction is None:
            lines.append("a=sendrecv")
    return _join(_without_candidates(lines))


def _join(lines: Sequence[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)


def _no_audio() -> InvalidInput:
    return _invalid(
        "The offer has no audio section.", fix="Offer a microphone track; video alone is not taken."
    )


def _invalid(reason: str, *, fix: str | None = None) -> InvalidInput:
    return InvalidInput(reason, field=_FIELD, fix=fix)
