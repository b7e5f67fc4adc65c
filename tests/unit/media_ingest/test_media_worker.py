from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

import media_ingest.media_worker
import media_ingest.peer
from lessons.errors import InvalidInput, NotFound, Overloaded
from media_ingest.admission import LoadMeter
from media_ingest.frames import AudioFrame
from media_ingest.media_worker import MediaWorker
from media_ingest.peer import PeerLimits
from media_ingest.peer_handler import CloseReason
from tests.media import ADMIT_ALL
from tests.unit.media_ingest.clients import client, clock
from tests.unit.media_ingest.mutations import CHROME_OFFER
from tests.unit.media_ingest.whip_endpoint import Listener

CLOSE_SECONDS = 8.0


@pytest.fixture
async def worker() -> AsyncIterator[MediaWorker]:
    limits = PeerLimits(connect_timeout_seconds=2, silence_timeout_seconds=1.5)
    async with MediaWorker(admission_limit=ADMIT_ALL, limits=limits) as worker:
        yield worker


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.02)


async def test_audio_and_pictures_reach_the_handler(worker: MediaWorker, tmp_path: Path) -> None:
    listener = Listener()
    async with client(tmp_path, video=True) as publisher:
        peer = await publisher.connect(worker, listener)
        await until(lambda: len(listener.audio) > 100 and len(listener.video) > 3)
        assert worker.peers == {peer.id: peer}
        assert peer.kinds == ("audio", "video")
        await worker.close_peer(peer.id)
    await listener.closed.wait()
    assert listener.tracks == ["audio", "video"]
    assert listener.calls[2] == "connected"
    assert listener.calls[-1] == "closed"
    assert listener.reason == "left"
    assert listener.video[0].pixels.shape == (480, 640, 3)
    assert listener.video[0].pixels.max() > 200
    times = [picture.at_ms for picture in listener.video]
    assert all(late - early >= 500 for early, late in itertools.pairwise(times))
    assert sum(peer.counters.as_dict().values()) == peer.counters.timestamp_resets
    assert not worker.peers


async def test_candidates_may_come_later(worker: MediaWorker, tmp_path: Path) -> None:
    listener = Listener()
    async with client(tmp_path) as publisher:
        peer = await publisher.connect(worker, listener, publisher.offer_without_candidates)
        await worker.trickle(peer.id, publisher.fragment)
        await until(lambda: listener.audio)


async def test_a_client_of_hidden_addresses_connects(worker: MediaWorker, tmp_path: Path) -> None:
    """A browser without the right to the microphone offers `.local` names alone."""
    hidden = "a=candidate:1 1 udp 2113937151 1f9992c1-9f0a-49bb-801c-a3968dcceac1.local 5 typ host"
    listener = Listener()
    async with client(tmp_path) as publisher:
        offer = f"{publisher.offer_without_candidates}{hidden}\r\na=end-of-candidates\r\n"
        started = time.monotonic()
        await publisher.connect(worker, listener, offer)
        assert time.monotonic() - started < 1
        await until(lambda: listener.audio)


async def test_an_ice_restart_leaves_the_peer_alone(worker: MediaWorker, tmp_path: Path) -> None:
    listener = Listener()
    async with client(tmp_path) as publisher:
        peer = await publisher.connect(worker, listener)
        await until(lambda: listener.audio)
        with pytest.raises(InvalidInput, match="ICE restart is not supported"):
            await worker.trickle(peer.id, "a=ice-ufrag:EsAw\r\nm=audio 9 X 0\r\na=mid:0\r\n")
        heard = len(listener.audio)
        await until(lambda: len(listener.audio) > heard + 10)


async def test_candidates_without_end_are_refused(worker: MediaWorker) -> None:
    peer = await worker.accept(CHROME_OFFER, Listener(), clock())
    section = "m=audio 9 X 0\r\na=mid:0\r\n"
    some = "".join(
        f"a=candidate:1 1 udp 5 192.0.2.9 {1000 + port} typ host\r\n" for port in range(40)
    )
    await worker.trickle(peer.id, section + some)
    with pytest.raises(InvalidInput, match="64 ICE candidates"):
        await worker.trickle(peer.id, section + some)


async def test_a_client_that_closes_has_left(worker: MediaWorker, tmp_path: Path) -> None:
    listener = Listener()
    async with client(tmp_path) as publisher:
        await publisher.connect(worker, listener)
        await until(lambda: listener.audio)
    await asyncio.wait_for(listener.closed.wait(), CLOSE_SECONDS)
    assert listener.reason == "left"


async def test_a_client_that_falls_silent_is_lost(worker: MediaWorker, tmp_path: Path) -> None:
    listener = Listener()
    async with client(tmp_path) as publisher:
        await publisher.connect(worker, listener)
        await until(lambda: listener.audio)
        publisher.fall_silent()
        await asyncio.wait_for(listener.closed.wait(), CLOSE_SECONDS)
    assert listener.reason == "lost"
    assert listener.mutes == [True]


async def test_a_client_that_never_connects_is_let_go(worker: MediaWorker) -> None:
    listener = Listener()
    peer = await worker.accept(CHROME_OFFER, listener, clock())
    assert peer.id in worker.peers
    await asyncio.wait_for(listener.closed.wait(), 2 + CLOSE_SECONDS)
    assert listener.reason == "never_connected"
    assert "connected" not in listener.calls
    assert not worker.peers


async def test_a_handler_that_raises_ends_its_peer_alone(
    worker: MediaWorker, tmp_path: Path
) -> None:
    class Failing(Listener):
        async def on_audio(self, frame: AudioFrame) -> None:
            raise NotFound("The lesson is gone.")

    failing, healthy = Failing(), Listener()
    (tmp_path / "other").mkdir()
    async with client(tmp_path) as one, client(tmp_path / "other") as other:
        await one.connect(worker, failing)
        await other.connect(worker, healthy)
        await asyncio.wait_for(failing.closed.wait(), CLOSE_SECONDS)
        heard = len(healthy.audio)
        await until(lambda: len(healthy.audio) > heard + 10)
    assert failing.reason == "failed"


async def test_a_handler_that_hangs_does_not_hold_up_the_end(
    worker: MediaWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_ingest.peer, "BACKLOG_SECONDS", 1.0)

    class Hanging(Listener):
        async def on_audio(self, frame: AudioFrame) -> None:
            self.calls.append("audio")
            await asyncio.Event().wait()

    listener = Hanging()
    async with client(tmp_path) as publisher:
        peer = await publisher.connect(worker, listener)
        await until(lambda: "audio" in listener.calls)
        await asyncio.sleep(0.5)  # More frames come while it hangs.
        await asyncio.wait_for(worker.close_peer(peer.id), CLOSE_SECONDS)
        assert not worker.peers
        await asyncio.wait_for(listener.closed.wait(), 5)
    assert peer.counters.audio_frames_dropped > 0


async def test_garbage_leaves_nothing_behind(worker: MediaWorker) -> None:
    listener = Listener()
    with pytest.raises(InvalidInput):
        await worker.accept("garbage", listener, clock())
    assert not worker.peers
    assert worker.load() < 1
    assert listener.calls == []


async def test_an_unknown_peer_is_not_found(worker: MediaWorker) -> None:
    with pytest.raises(NotFound):
        await worker.trickle("per_unknown", "a=mid:0\r\n")
    with pytest.raises(NotFound):
        await worker.close_peer("per_unknown")


async def test_past_the_limit_new_peers_wait() -> None:
    async with MediaWorker(capacity_peers=4, admission_limit=0.5) as worker:
        peers = [await worker.accept(CHROME_OFFER, Listener(), clock()) for _ in range(2)]
        assert worker.load() >= 0.5
        with pytest.raises(Overloaded, match="50%") as refusal:
            await worker.accept(CHROME_OFFER, Listener(), clock())
        assert refusal.value.retry_after_seconds > 0
        await worker.close_peer(peers[0].id)
        assert len(worker.peers) == 1


async def test_offers_at_the_same_time_count_each_other() -> None:
    async with MediaWorker(capacity_peers=2, admission_limit=0.5) as worker:
        offers = (worker.accept(CHROME_OFFER, Listener(), clock()) for _ in range(5))
        outcomes = await asyncio.gather(*offers, return_exceptions=True)
        assert sum(isinstance(outcome, Overloaded) for outcome in outcomes) == 4


class Idle(LoadMeter):
    """A process that has nothing else to do, however busy the machine is."""

    async def run(self) -> None:
        """Measure nothing."""


async def test_lessons_that_are_live_may_use_the_reserve_and_no_more() -> None:
    async with MediaWorker(capacity_peers=10, admission_limit=0.2, load_meter=Idle()) as worker:
        for _ in range(2):
            await worker.accept(CHROME_OFFER, Listener(), clock())
        with pytest.raises(Overloaded, match="20%"):
            await worker.accept(CHROME_OFFER, Listener(), clock())
        for _ in range(2):
            await worker.accept(CHROME_OFFER, Listener(), clock(), reserved=True)
        with pytest.raises(Overloaded, match="35%"):
            await worker.accept(CHROME_OFFER, Listener(), clock(), reserved=True)


async def test_draining_waits_then_closes(worker: MediaWorker, tmp_path: Path) -> None:
    listener = Listener()
    async with client(tmp_path) as publisher:
        await publisher.connect(worker, listener)
        await until(lambda: listener.audio)
        draining = asyncio.create_task(worker.drain(timeout_seconds=1))
        await asyncio.sleep(0.2)
        assert worker.draining
        with pytest.raises(Overloaded, match="shutting down"):
            await worker.accept(CHROME_OFFER, Listener(), clock())
        heard = len(listener.audio)
        await until(lambda: len(listener.audio) > heard)
        await asyncio.wait_for(draining, 1 + CLOSE_SECONDS)
    assert listener.reason == "drained"
    assert not worker.peers


async def test_draining_ends_as_soon_as_everybody_left(worker: MediaWorker, tmp_path: Path) -> None:
    async with client(tmp_path) as publisher:
        listener = Listener()
        peer = await publisher.connect(worker, listener)
        draining = asyncio.create_task(worker.drain(timeout_seconds=100))
        await asyncio.sleep(0.1)
        await worker.close_peer(peer.id)
        await asyncio.wait_for(draining, CLOSE_SECONDS)
    assert listener.reason == "left"


async def test_a_handler_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(Listener):
        async def on_closed(self, reason: CloseReason) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                self.reason = reason

    monkeypatch.setattr(media_ingest.media_worker, "EXIT_SECONDS", 2.0)
    listener = Endless()
    async with asyncio.timeout(CLOSE_SECONDS), MediaWorker(admission_limit=ADMIT_ALL) as worker:
        await worker.accept(CHROME_OFFER, listener, clock())
    await until(lambda: listener.reason == "drained", 1)
