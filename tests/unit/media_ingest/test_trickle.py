from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput
from media_ingest.sdp import read_offer
from media_ingest.trickle import MAX_FRAGMENT_CHARACTERS, read_fragment
from tests.unit.media_ingest.mutations import CHROME_OFFER

OFFER = read_offer(CHROME_OFFER)
CREDENTIALS = "a=ice-ufrag:MmhF\r\na=ice-pwd:l6iLWLCX25U/hp5gTrTdmxvz\r\n"
SECTION = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"
CANDIDATE = "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\n"


def test_candidates_come_with_the_tag_of_their_section() -> None:
    fragment = read_fragment(CREDENTIALS + SECTION + CANDIDATE + "a=end-of-candidates\r\n", OFFER)
    assert [(one.sdpMid, one.port) for one in fragment.candidates] == [("0", 61764)]


def test_the_end_of_candidates_alone_is_a_fragment() -> None:
    fragment = read_fragment(CREDENTIALS + SECTION + "a=end-of-candidates\r\n", OFFER)
    assert fragment.candidates == ()


def test_bare_newlines_and_missing_credentials_are_taken() -> None:
    assert read_fragment((SECTION + CANDIDATE).replace("\r\n", "\n"), OFFER).candidates


@pytest.mark.parametrize("attribute", ["ice-ufrag:EsAw", "ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1"])
def test_an_ice_restart_is_refused(attribute: str) -> None:
    with pytest.raises(InvalidInput, match="ICE restart is not supported") as refusal:
        read_fragment(f"a={attribute}\r\n{SECTION}{CANDIDATE}", OFFER)
    assert refusal.value.field == attribute.partition(":")[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        CREDENTIALS + CANDIDATE,
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" + CANDIDATE,
        SECTION + "a=candidate:nonsense\r\n",
        SECTION + CANDIDATE * (MAX_FRAGMENT_CHARACTERS // len(CANDIDATE) + 1),
    ],
)
def test_malformed_fragments_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_fragment(text, OFFER)


@given(st.text() | st.lists(st.sampled_from([CREDENTIALS, SECTION, CANDIDATE, "a="])).map("".join))
def test_any_text_is_a_fragment_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        read_fragment(text, OFFER)
