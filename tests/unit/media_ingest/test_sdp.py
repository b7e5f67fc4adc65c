from __future__ import annotations

import contextlib
import re

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import HealthCheck, given, settings

from lessons.errors import InvalidInput, UnsupportedMedia
from media_ingest.sdp import DeclinedSection, complete_answer, read_offer
from tests.unit.media_ingest.mutations import CHROME_OFFER, mangled_offers


def edited(pattern: str, replacement: str) -> str:
    """Chrome's offer with every line that matches replaced, or dropped for an empty one."""
    changed, count = re.subn(rf"(?m)^{pattern}\r\n", replacement, CHROME_OFFER)
    assert count
    return changed


def without_section(kind: str) -> str:
    offer = re.sub(rf"(?ms)^m={kind} .*?(?=^m=|\Z)", "", CHROME_OFFER)
    mids = " ".join(re.findall(r"(?m)^a=mid:(\S+)", offer))
    return re.sub(r"(?m)^a=group:BUNDLE[^\r]*", f"a=group:BUNDLE {mids}", offer)


def test_a_browsers_offer_is_taken() -> None:
    offer = read_offer(CHROME_OFFER)
    assert offer.kinds == ("audio", "video")
    assert offer.ice_usernames == {"MmhF"}
    assert [candidate.ip for candidate in offer.candidates] == ["192.0.2.2", "fd00::2"]
    assert [section.mid for section in offer.declined] == ["2"]


def test_what_goes_on_holds_accepted_sections_and_no_candidates() -> None:
    description = SessionDescription.parse(read_offer(CHROME_OFFER).sdp)
    assert [section.kind for section in description.media] == ["audio", "video"]
    assert [group.items for group in description.group] == [["0", "1"]]
    assert not any(section.ice_candidates for section in description.media)
    assert not any(section.ice_candidates_complete for section in description.media)


@pytest.mark.parametrize("kinds", [("audio",), ("audio", "video")])
def test_audio_alone_is_enough(kinds: tuple[str, ...]) -> None:
    text = CHROME_OFFER if "video" in kinds else without_section("video")
    assert read_offer(text).kinds == kinds


def test_a_section_without_direction_sends_and_receives() -> None:
    offer = read_offer(edited("a=sendonly", ""))
    assert offer.sdp.count("a=sendrecv") == 2


def test_a_data_channel_first_in_the_bundle_is_declined() -> None:
    offer = read_offer(edited("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 2 0 1\r\n"))
    assert "a=group:BUNDLE 0 1\r\n" in offer.sdp


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not SDP"),
        ("\x00\xff garbage", "not SDP"),
        ('{"sdp": "v=0"}', "not SDP"),
        ("v=0\r\n", "no audio"),
        (without_section("audio"), "no audio"),
        (edited("a=sendonly", "a=recvonly\r\n"), "send us nothing"),
        (edited("a=sendonly", "a=inactive\r\n"), "send us nothing"),
        (edited("a=ice-ufrag:.*", ""), "ice-ufrag"),
        (edited("a=ice-pwd:.*", "a=ice-pwd:short\r\n"), "ice-pwd"),
        (edited("a=fingerprint:.*", ""), "fingerprint"),
        (edited("a=fingerprint:.*", "a=fingerprint:md5 00:11\r\n"), "fingerprint"),
        (edited("a=setup:.*", ""), "setup"),
        (edited("a=setup:.*", "a=setup:sometimes\r\n"), "'a=setup:sometimes' is not well-formed"),
        (edited("a=rtcp-mux", ""), "rtcp-mux"),
        (edited("a=mid:1", "a=mid:0\r\n"), "same 'a=mid'"),
        (edited("a=mid:1", ""), "no valid 'a=mid'"),
        (edited("a=group:BUNDLE.*", ""), "BUNDLE"),
        (edited("m=video (.*)", r"m=audio \1" + "\r\n"), "2 audio"),
        (CHROME_OFFER + "a=x\r\n" * 20_000, "longer than"),
        (CHROME_OFFER + "m=text 9 RTP/AVP 0\r\n" * 16, "more than"),
    ],
)
def test_other_offers_are_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(reason)) as refusal:
        read_offer(text)
    assert refusal.value.field == "sdp"
    assert not isinstance(refusal.value, UnsupportedMedia)


def test_an_unknown_audio_codec_is_refused() -> None:
    codecs = r"a=(rtpmap|fmtp|rtcp-fb):(111|63|9|0|8|13|110|126) .*"
    with pytest.raises(UnsupportedMedia, match="offered: iLBC") as refusal:
        read_offer(edited(codecs, "").replace("a=mid:0", "a=rtpmap:111 iLBC/8000\r\na=mid:0"))
    assert "opus" in str(refusal.value.fix)


def test_vp9_alone_is_refused() -> None:
    others = r"a=(rtpmap|fmtp|rtcp-fb):(?!98 )(9[679]|[34]\d|1\d\d) .*"
    video = CHROME_OFFER.index("m=video")
    only_vp9 = CHROME_OFFER[:video] + re.sub(rf"(?m)^{others}\r\n", "", CHROME_OFFER[video:])
    with pytest.raises(UnsupportedMedia, match=r"video section.*offered: VP9"):
        read_offer(only_vp9)


def test_declined_sections_keep_their_place_in_the_answer() -> None:
    answer = "v=0\r\nm=audio 5 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\nm=video 5 X 96\r\na=mid:2\r\n"
    declined = DeclinedSection(1, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel", "1")
    sections = re.findall(r"(?m)^m=(\w+) (\d+)", complete_answer(answer, [declined]))
    assert sections == [("audio", "5"), ("application", "0"), ("video", "5")]


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(mangled_offers())
def test_a_mangled_offer_is_taken_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert "audio" in read_offer(text).kinds
