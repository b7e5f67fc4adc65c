"""Real cameras of real peers: looked at only where tenant, region and the learner all say so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from aiortc import RTCSessionDescription
from numpy.typing import NDArray

from eval.camera_capacity import swaying_learner
from eval.drawn_face import DrawnFace, drawn_picture
from lessons.events import CameraObserved, LearningEvent
from lessons.policy import Credential
from lessons.privacy.consent import Basis, Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.consent_changes import REVOKED, ConsentChange, ConsentChanges
from lessons.store.tenants import TenantStore
from media_ingest.paced_tracks import encode_pictures
from serving.live.ingest_worker import IngestWorker
from serving.live.process import open_worker
from serving.live.worker_status import CameraStatus
from serving.observability.camera_metrics import CameraRefusal
from serving.observability.ingest_observer import IngestObserver
from serving.settings import Settings
from serving.web.services import Services
from tests.face_models import require_faces
from tests.unit.media_ingest.clients import client
from tests.unit.serving.live.waiting import until


@cache
def learner_at_a_desk() -> tuple[bytes, ...]:
    return encode_pictures(swaying_learner())


@pytest.fixture(autouse=True)
def installed() -> None:
    require_faces()


@pytest.fixture
async def worker(
    settings: Settings, served_database: str, observer: IngestObserver
) -> AsyncIterator[IngestWorker]:
    async with open_worker(settings, served_database, observer) as opened:
        yield opened


@pytest.fixture
def observer() -> IngestObserver:
    return IngestObserver.of_its_own()


def refused(observer: IngestObserver) -> dict[str, float]:
    """How often a camera was not looked at, by what stood against it."""
    reasons = get_args(CameraRefusal)
    name, registry = "lectern_cameras_refused_total", observer.metrics.registry
    counted = {one: registry.get_sample_value(name, {"reason": one}) or 0 for one in reasons}
    return {reason: count for reason, count in counted.items() if count}


@pytest.fixture
async def switched_on(services: Services, lesson: Lesson) -> None:
    await _switch(services, lesson, on=True)


@asynccontextmanager
async def publishing(
    worker: IngestWorker,
    lesson: Lesson,
    person: Participant,
    folder: Path,
    h264: Sequence[NDArray[np.uint8]] | None = None,
) -> AsyncIterator[str]:
    """Somebody's microphone and camera in the lesson; gives the worker's answer."""
    credential = Credential(
        lesson.tenant_id,
        "participant",
        lesson_id=lesson.id,
        participant_id=person.id,
        role=person.role,
        name=person.name,
        home_tenant_id=lesson.tenant_id,
    )
    pictures = None if h264 else learner_at_a_desk()
    async with client(folder, seconds=90, video=True, pictures=pictures, h264=h264) as own:
        peer = await worker.publish(credential, lesson.id, own.offer)
        answer = RTCSessionDescription(peer.answer, "answer")
        await own.connection.setRemoteDescription(answer)
        await until(lambda: worker.status().peers == 1)
        yield peer.answer
        # Says goodbye: a worker waits for whoever merely falls silent.
        await worker.unpublish(credential, peer.id)


async def _switch(services: Services, lesson: Lesson, *, on: bool) -> None:
    tenants = TenantStore(services.database)
    changed = {"engagement": {"camera": on}}
    await tenants.change(lesson.tenant_id, lesson.tenant_id, settings=changed)


async def _decide(
    services: Services, lesson: Lesson, person: Participant, *, granted: bool
) -> None:
    basis = Basis.OWN if granted else None
    purposes = [Purpose.CAMERA_SIGNALS]
    change = ConsentChange(person.person_id, lesson.id, purposes, granted, basis, person.id)
    await ConsentChanges(services.database).decide(lesson.tenant_id, change)


async def _events(services: Services, lesson: Lesson) -> list[LearningEvent]:
    return await services.ledger.read(lesson.tenant_id, lesson.id)


async def _observed(services: Services, lesson: Lesson) -> list[CameraObserved]:
    events = await _events(services, lesson)
    return [event.data for event in events if isinstance(event.data, CameraObserved)]


async def _some_observed(services: Services, lesson: Lesson, at_least: int) -> list[CameraObserved]:
    async with asyncio.timeout(100):
        while len(found := await _observed(services, lesson)) < at_least:
            await asyncio.sleep(0.2)
    return found


def _cameras(worker: IngestWorker) -> CameraStatus:
    told = worker.status().cameras
    assert told is not None
    return told


@pytest.mark.usefixtures("switched_on")
async def test_a_learner_who_consented_is_counted_until_they_take_it_back(
    services: Services, worker: IngestWorker, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    await _decide(services, lesson, learner, granted=True)
    async with publishing(worker, lesson, learner, tmp_path):
        (seen, *_) = await _some_observed(services, lesson, 1)
        assert seen.end_ms - seen.start_ms == 5_000
        assert seen.frames >= 1
        assert (seen.presence, seen.faces_most) == (1.0, 1)
        assert (seen.facing_screen, seen.facing_desk) == (1.0, 0.0)
        assert (seen.model, seen.model_version) == ("mediapipe-faces", "0.10.21")
        await _decide(services, lesson, learner, granted=False)
        await until(lambda: _cameras(worker).looked_at == 0)
        looked_at = _cameras(worker).frames_looked_at
        await asyncio.sleep(1.5)
        assert _cameras(worker).frames_looked_at <= looked_at + 1
        events = await _events(services, lesson)
    # The track itself goes on, for whoever watches the lesson.
    assert [one for one in events if getattr(one.data, "reason", "") == REVOKED] == []
    types = [event.type for event in events]
    assert "camera.observed" not in types[types.index("consent.revoked") :]


@pytest.mark.usefixtures("switched_on")
async def test_a_face_is_seen_in_h264_as_well(
    services: Services, worker: IngestWorker, lesson: Lesson, learner: Participant, tmp_path: Path
) -> None:
    await _decide(services, lesson, learner, granted=True)
    pictures = [
        drawn_picture(DrawnFace(x=0.5 + 0.01 * (number % 8)), width=320, height=240)
        for number in range(16)
    ]
    async with publishing(worker, lesson, learner, tmp_path, h264=pictures) as answer:
        assert "H264/90000" in answer
        assert "VP8/90000" not in answer
        (seen, *_) = await _some_observed(services, lesson, 1)
    assert seen.frames >= 1
    assert (seen.presence, seen.faces_most, seen.facing_screen) == (1.0, 1, 1.0)


async def test_who_was_not_asked_and_who_does_not_learn_are_not_looked_at(
    services: Services,
    worker: IngestWorker,
    observer: IngestObserver,
    lesson: Lesson,
    learner: Participant,
    tmp_path: Path,
) -> None:
    tutor = await services.lessons.add_participant(
        lesson.tenant_id, lesson.id, "Bo", Role.INSTRUCTOR
    )
    async with publishing(worker, lesson, learner, tmp_path):
        assert _cameras(worker).looked_at == 0  # the tenant is off
        await _switch(services, lesson, on=True)
    await until(lambda: worker.status().peers == 0)
    async with publishing(worker, lesson, learner, tmp_path):
        assert _cameras(worker).looked_at == 0  # no decision
    await until(lambda: worker.status().peers == 0)
    await _decide(services, lesson, tutor, granted=True)
    async with publishing(worker, lesson, tutor, tmp_path):
        assert _cameras(worker).looked_at == 0  # no learner
    assert _cameras(worker).frames_looked_at == 0
    assert _cameras(worker).state == "idle"
    assert refused(observer) == {"tenant": 1, "consent": 1}


@pytest.mark.usefixtures("switched_on")
async def test_consent_in_mid_lesson_begins_it_and_the_tenant_ends_it(
    services: Services,
    worker: IngestWorker,
    observer: IngestObserver,
    lesson: Lesson,
    learner: Participant,
    tmp_path: Path,
) -> None:
    async with publishing(worker, lesson, learner, tmp_path):
        assert _cameras(worker).looked_at == 0
        await _decide(services, lesson, learner, granted=True)
        await until(lambda: _cameras(worker).looked_at == 1)
        await _switch(services, lesson, on=False)
        observer.metrics.worker_is(worker.status())  # as its heartbeat does
        watched = "lectern_cameras_looked_at"
        assert observer.metrics.registry.get_sample_value(watched) == 1
        await worker.end_revoked()  # as its heartbeat does
        assert _cameras(worker).looked_at == 0
        assert refused(observer) == {"consent": 1, "tenant": 1}


@pytest.mark.usefixtures("switched_on")
async def test_a_region_that_forbids_it_is_stronger_than_consent(
    services: Services,
    settings: Settings,
    served_database: str,
    lesson: Lesson,
    learner: Participant,
    tmp_path: Path,
) -> None:
    await _decide(services, lesson, learner, granted=True)
    here = settings.model_copy(update={"region": "eu", "camera_forbidden_regions": ["eu"]})
    async with (
        open_worker(here, served_database) as worker,
        publishing(worker, lesson, learner, tmp_path),
    ):
        assert _cameras(worker).looked_at == 0
