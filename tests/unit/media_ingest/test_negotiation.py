from __future__ import annotations

import asyncio
import time
from typing import Any

import aioice.ice
import pytest
from aiortc.sdp import SessionDescription
from hypothesis import HealthCheck, assume, given, settings

from lessons.errors import InvalidInput, Unavailable
from media_ingest.negotiation import (
    GATHERING_SECONDS,
    answer_offer,
    close_connection,
    ice_configuration,
)
from media_ingest.sdp import complete_answer, read_offer
from tests.unit.media_ingest.mutations import CHROME_OFFER, mangled_offers

NO_SERVERS = ice_configuration(())


async def test_the_answer_receives_and_carries_every_candidate() -> None:
    offer = read_offer(CHROME_OFFER)
    connection = await answer_offer(offer, NO_SERVERS)
    await close_connection(connection)
    text = complete_answer(connection.localDescription.sdp, offer.declined)
    answer = SessionDescription.parse(text)
    assert [section.kind for section in answer.media] == ["audio", "video", "application"]
    assert [section.port == 0 for section in answer.media] == [False, False, True]
    assert {section.direction for section in answer.media[:2]} == {"recvonly"}
    assert answer.media[0].ice_candidates
    assert answer.media[0].ice_candidates_complete
    assert "127.0.0.1" not in {one.ip for one in answer.media[0].ice_candidates}


async def test_a_machine_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: [])
    with pytest.raises(Unavailable, match="no network address"):
        await answer_offer(read_offer(CHROME_OFFER), NO_SERVERS)


async def test_a_stun_server_that_never_answers_holds_nobody_up_for_long() -> None:
    silent = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    port = silent[0].get_extra_info("sockname")[1]
    started = time.monotonic()
    offer = read_offer(CHROME_OFFER)
    connection = await answer_offer(offer, ice_configuration([f"stun:127.0.0.1:{port}"]))
    assert time.monotonic() - started < GATHERING_SECONDS
    await close_connection(connection)
    silent[0].close()


@pytest.mark.parametrize("server", ["stun.example.org", "http://example.org", "turn:", ""])
def test_an_ice_server_must_be_a_stun_or_turn_uri(server: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ice_configuration([server])
    assert refusal.value.field == "ice_servers"


async def _negotiate(text: str) -> list[dict[str, Any]]:
    """Answer an offer if it is one; gives what went wrong where nobody was looking."""
    unseen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    try:
        offer = read_offer(text)
        connection = await answer_offer(offer, NO_SERVERS)
    except InvalidInput:
        return unseen
    await asyncio.sleep(0.02)
    answer = complete_answer(connection.localDescription.sdp, offer.declined)
    await close_connection(connection)
    assert len(SessionDescription.parse(answer).media) == text.count("\nm=")
    return unseen


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(mangled_offers())
def test_a_mangled_offer_is_answered_or_refused(text: str) -> None:
    assume(text.startswith("v=0"))
    assert asyncio.run(_negotiate(text)) == []
