"""Consent that is taken back in mid-lesson, with real peers: that track stops, the others go on."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiortc import RTCSessionDescription

from lessons.errors import LecternError
from lessons.policy import Credential
from lessons.privacy.consent import Basis, ConsentMissing, Purpose
from lessons.records import Lesson, Participant
from lessons.store.consent_changes import ConsentChange, ConsentChanges
from serving.live.ingest_worker import IngestWorker
from serving.live.live_track import LiveTrack
from serving.live.process import open_worker
from serving.live.publication import Publication
from serving.settings import Settings
from serving.web.services import Services
from tests.unit.media_ingest.clients import Client, client

AT_ONCE_SECONDS = 2.0


@pytest.fixture
async def worker(settings: Settings, served_database: str) -> AsyncIterator[IngestWorker]:
    async with open_worker(settings, served_database) as opened:
        yield opened


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many frames reached the lesson, and how many of them the captions."""
    counts: Counter[str] = Counter()

    def counted(kind: type, name: str, key: str) -> None:
        original: Callable[..., Any] = getattr(kind, name)

        def count(self: object, frame: object) -> Any:
            counts[key] += 1
            return original(self, frame)

        monkeypatch.setattr(kind, name, count)

    counted(Publication, "on_audio", "audio")
    counted(Publication, "on_video", "video")
    counted(LiveTrack, "feed", "captions")
    return counts


async def _publish(worker: IngestWorker, learner: Participant, lesson: Lesson, own: Client) -> None:
    credential = Credential(
        lesson.tenant_id,
        "participant",
        lesson_id=lesson.id,
        participant_id=learner.id,
        role=learner.role,
        name=learner.name,
        home_tenant_id=lesson.tenant_id,
    )
    peer = await worker.publish(credential, lesson.id, own.offer)
    await own.connection.setRemoteDescription(RTCSessionDescription(peer.answer, "answer"))


async def _until(holds: Callable[[], bool], seconds: float = 10.0) -> float:
    """Wait until it holds; return how long that took."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < seconds
        await asyncio.sleep(0.02)
    return time.monotonic() - started


async def _more(heard: Counter[str], name: str, times: int) -> None:
    before = heard[name]
    await _until(lambda: heard[name] > before + times)


async def _stops(heard: Counter[str], name: str, *, while_goes_on: str, times: int) -> None:
    """Wait until no more than one comes while the other is heard so often; at once, it must be."""
    decided = time.monotonic()
    while True:
        waited = time.monotonic() - decided
        before = heard[name]
        await _more(heard, while_goes_on, times)
        if heard[name] - before <= 1:
            return
        assert waited < AT_ONCE_SECONDS, f"{name} went on"


async def _decide(
    services: Services, lesson: Lesson, learner: Participant, purpose: Purpose, *, granted: bool
) -> None:
    basis = Basis.OWN if granted else None
    change = ConsentChange(learner.person_id, lesson.id, [purpose], granted, basis, learner.id)
    await ConsentChanges(services.database).decide(lesson.tenant_id, change)


async def _ends(services: Services, lesson: Lesson) -> list[tuple[str, str]]:
    events = await services.ledger.read(lesson.tenant_id, lesson.id)
    return [
        (event.type, getattr(event.data, "kind", "") or "")
        for event in events
        if getattr(event.data, "reason", "") == "consent revoked"
    ]


async def test_the_camera_stops_and_the_microphone_goes_on(
    services: Services,
    worker: IngestWorker,
    lesson: Lesson,
    learner: Participant,
    heard: Counter[str],
    tmp_path: Path,
) -> None:
    async with client(tmp_path, video=True) as own:
        await _publish(worker, learner, lesson, own)
        await _until(lambda: heard["video"] > 1 and heard["audio"] > 10)
        await _decide(services, lesson, learner, Purpose.VIDEO, granted=False)
        assert await _ends(services, lesson) == [("track.ended", "video")]
        await _stops(heard, "video", while_goes_on="captions", times=60)
        await _decide(services, lesson, learner, Purpose.AUDIO, granted=False)
        await _until(lambda: worker.status().peers == 0, AT_ONCE_SECONDS)


async def test_the_microphone_stops_and_with_it_all_that_was_not_captioned_yet(
    services: Services,
    worker: IngestWorker,
    lesson: Lesson,
    learner: Participant,
    heard: Counter[str],
    tmp_path: Path,
) -> None:
    async with client(tmp_path) as own:
        await _publish(worker, learner, lesson, own)
        await _until(lambda: heard["captions"] > 10)
        await _decide(services, lesson, learner, Purpose.AUDIO, granted=False)
        took = await _until(lambda: worker.status().peers == 0, AT_ONCE_SECONDS)
        assert took < AT_ONCE_SECONDS
        await _until(lambda: worker.status().lessons == 0)
    assert await _ends(services, lesson) == [("track.ended", "audio"), ("participant.left", "")]
    async with client(tmp_path) as again:
        with pytest.raises(ConsentMissing, match="taken back"):
            await _publish(worker, learner, lesson, again)
        await _decide(services, lesson, learner, Purpose.AUDIO, granted=True)
        await _publish(worker, learner, lesson, again)
        await _until(lambda: worker.status().peers == 1)


async def test_captions_stop_while_the_track_goes_on(
    services: Services,
    worker: IngestWorker,
    lesson: Lesson,
    learner: Participant,
    heard: Counter[str],
    tmp_path: Path,
) -> None:
    async with client(tmp_path) as own:
        await _publish(worker, learner, lesson, own)
        await _until(lambda: heard["captions"] > 10)
        await _decide(services, lesson, learner, Purpose.CAPTIONS, granted=False)
        await _stops(heard, "captions", while_goes_on="audio", times=30)
        assert await _ends(services, lesson) == []


async def test_who_has_refused_captions_publishes_without_them(
    services: Services,
    worker: IngestWorker,
    lesson: Lesson,
    learner: Participant,
    heard: Counter[str],
    tmp_path: Path,
) -> None:
    await _decide(services, lesson, learner, Purpose.CAPTIONS, granted=False)
    async with client(tmp_path) as own:
        await _publish(worker, learner, lesson, own)
        await _until(lambda: heard["audio"] > 20)
    assert heard["captions"] == 0


async def test_an_offer_with_a_camera_is_refused_where_the_camera_is(
    services: Services, worker: IngestWorker, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    await _decide(services, lesson, learner, Purpose.VIDEO, granted=False)
    async with client(tmp_path, video=True) as own:
        with pytest.raises(LecternError, match="video"):
            await _publish(worker, learner, lesson, own)
    assert await services.tracks.list_tracks(lesson.tenant_id, lesson.id) == []
    assert (await services.lessons.get_lesson(lesson.tenant_id, lesson.id)).status == "scheduled"
    assert worker.status().peers == 0
