from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput
from media_ingest.candidates import read_candidates

USABLE = [
    "a=candidate:1 1 udp 2122194687 192.0.2.2 36171 typ host generation 0 ufrag MmhF",
    "a=candidate:2 1 UDP 2122265343 fd00::2 44835 typ host",
    "a=candidate:3 1 udp 1677729535 203.0.113.9 6000 typ srflx raddr 192.0.2.2 rport 36171",
]
USELESS = [
    "a=candidate:4 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active",
    "a=candidate:5 1 udp 2113937151 1f9992c1-9f0a-49bb-801c-a3968dcceac1.local 52978 typ host",
    "a=candidate:6 2 udp 2122194686 192.0.2.2 36172 typ host",
    "a=candidate:7 1 udp 2122194687 192.0.2.2 65536 typ host",
    "a=candidate:8 1 udp 2122194687 192.0.2.2 0 typ host",
    "a=candidate:9 1 udp 2122194687 0.0.0.0 5000 typ host",
    "a=candidate:10 1 udp 2122194687 224.0.0.251 5353 typ host",
    "a=candidate:11 1 udp 2122194687 fe80::1%eth0 5000 typ host",
    "a=candidate:12 1 udp 2122194687 192.0.2.2 5000 typ wormhole",
    "a=candidate:13 1 udp -5 192.0.2.2 5000 typ host",
]


def test_usable_candidates_are_kept_with_their_section() -> None:
    candidates = read_candidates(["a=mid:7", *USABLE], mid="7", field="sdp")
    assert [candidate.port for candidate in candidates] == [36171, 44835, 6000]
    assert {candidate.sdpMid for candidate in candidates} == {"7"}


@pytest.mark.parametrize("line", USELESS)
def test_candidates_that_we_cannot_reach_are_passed_over(line: str) -> None:
    assert read_candidates([line], mid="0", field="sdp") == ()


@pytest.mark.parametrize("value", ["", "1 1 udp", "1 one udp 5 192.0.2.2 5000 typ host"])
def test_malformed_candidates_are_refused(value: str) -> None:
    with pytest.raises(InvalidInput, match="not an ICE candidate"):
        read_candidates([f"a=candidate:{value}"], mid="0", field="sdp")


@given(st.text())
def test_any_text_is_a_candidate_or_refused(value: str) -> None:
    with contextlib.suppress(InvalidInput):
        read_candidates([f"a=candidate:{value}"], mid="0", field="sdp")
