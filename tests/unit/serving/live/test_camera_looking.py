"""Pictures are looked at one at a time, the newest of each camera, and nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry

from features.camera.face import Box, SeenFace
from lessons.errors import Unavailable
from lessons.events import CameraObserved, EventDraft
from media_ingest.frames import VideoFrame
from models.faces.reader import FaceReader
from serving.live.camera_looking import CameraLooking
from serving.live.camera_watch import CameraWatch
from serving.observability.camera_metrics import CameraMetrics
from tests.unit.serving.live.waiting import until


class GatedReader:
    """Sees one face in each picture, but looks at none before it is let."""

    name = "gated"
    version = "1"

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.looking = 0
        self.most_at_once = 0
        self.seen: list[int] = []

    def faces(self, pixels: NDArray[np.uint8]) -> tuple[SeenFace, ...]:
        self.looking += 1
        self.most_at_once = max(self.most_at_once, self.looking)
        self.gate.acquire()
        self.looking -= 1
        self.seen.append(int(pixels[0, 0, 0]))
        return (SeenFace(Box(0.4, 0.2, 0.6, 0.5)),)

    def let(self, pictures: int) -> None:
        self.gate.release(pictures)


def frame(at_ms: float, mark: int) -> VideoFrame:
    return VideoFrame(at_ms, np.full((48, 64, 3), mark, np.uint8))


def looking_by(load: Callable[[], FaceReader]) -> CameraLooking:
    return CameraLooking(CameraMetrics(CollectorRegistry()), load)


@pytest.fixture
def reader() -> GatedReader:
    return GatedReader()


@pytest.fixture
async def looking(reader: GatedReader) -> AsyncIterator[CameraLooking]:
    async with looking_by(lambda: reader) as opened:
        yield opened
        reader.let(1_000)


async def watched(
    looking: CameraLooking,
    told: list[EventDraft],
    now_ms: Callable[[], float] = lambda: 0.0,
    name: str = "par_1",
) -> CameraWatch:
    watch = await looking.watch(name, now_ms, told.append)
    assert watch is not None
    return watch


async def looked_at(looking: CameraLooking, pictures: int) -> None:
    """Wait until so many were looked at."""
    await until(lambda: looking.metrics.frames_looked_at == pictures)


async def test_only_the_newest_picture_of_a_camera_waits(
    looking: CameraLooking, reader: GatedReader
) -> None:
    watch = await watched(looking, [])
    watch.feed(frame(0, 0))
    await until(lambda: reader.looking == 1)
    for number in range(1, 10):
        watch.feed(frame(500 * number, number))
    reader.let(10)
    await looked_at(looking, 2)
    assert reader.seen == [0, 9]
    assert looking.metrics.frames_replaced == 8


async def test_cameras_take_turns_however_much_one_sends(
    looking: CameraLooking, reader: GatedReader
) -> None:
    one, other = await watched(looking, []), await watched(looking, [], name="par_2")
    one.feed(frame(0, 1))
    await until(lambda: reader.looking == 1)
    other.feed(frame(10, 2))
    for number in range(20):
        one.feed(frame(20 + number, 3))
    reader.let(3)
    await looked_at(looking, 3)
    assert reader.seen == [1, 2, 3]
    assert reader.most_at_once == 1


async def test_windows_are_told_with_numbers_alone(
    looking: CameraLooking, reader: GatedReader
) -> None:
    told: list[EventDraft] = []
    reader.let(100)
    watch = await watched(looking, told)
    for number in range(11):
        watch.feed(frame(500 * number, number))
        await looked_at(looking, number + 1)
    (draft,) = told
    assert isinstance(draft.data, CameraObserved)
    assert (draft.subject, draft.lesson_time_ms) == ("par_1", 5_000)
    assert (draft.data.frames, draft.data.presence, draft.data.faces_most) == (10, 1.0, 1)
    assert (draft.data.model, draft.data.model_version) == ("gated", "1")


async def test_a_camera_that_freezes_still_ends_its_window(
    looking: CameraLooking, reader: GatedReader
) -> None:
    told: list[EventDraft] = []
    now_ms = 100.0
    reader.let(100)
    watch = await watched(looking, told, lambda: now_ms)
    watch.feed(frame(100, 1))
    await looked_at(looking, 1)
    now_ms = 6_500.0
    await until(lambda: bool(told))
    assert isinstance(told[0].data, CameraObserved)
    assert told[0].data.frames == 1


async def test_who_looks_away_forgets_what_waits_and_what_is_being_looked_at(
    looking: CameraLooking, reader: GatedReader
) -> None:
    told: list[EventDraft] = []
    watch, other = await watched(looking, told), await watched(looking, [], name="par_2")
    watch.feed(frame(0, 1))
    await until(lambda: reader.looking == 1)
    watch.feed(frame(500, 2))
    watch.stop()
    watch.feed(frame(6_000, 3))
    other.feed(frame(6_000, 4))
    reader.let(10)
    await until(lambda: 4 in reader.seen)
    assert reader.seen == [1, 4]
    assert told == []
    assert looking.watched == 1


async def test_the_models_are_loaded_once_when_the_first_camera_may_be_looked_at(
    reader: GatedReader, caplog: pytest.LogCaptureFixture
) -> None:
    loaded_by: list[str] = []

    def load() -> FaceReader:
        loaded_by.append(threading.current_thread().name)
        return reader

    caplog.set_level(logging.INFO)
    async with looking_by(load) as looking:
        assert (looking.state, loaded_by) == ("idle", [])
        await asyncio.gather(*(watched(looking, [], name=f"par_{one}") for one in range(5)))
        assert looking.state == "ready"
        assert looking.watched == 5
    (thread,) = loaded_by
    assert thread.startswith("cameras")
    assert "cameras are looked at by gated 1" in caplog.text


def test_a_worker_that_looks_at_no_camera_does_not_load_what_runs_the_models() -> None:
    program = (
        "import sys, serving.live.process as p; print('ai_edge_litert' in sys.modules, p.__name__)"
    )
    root = Path(__file__).parents[4]
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, check=True, timeout=110
    )
    assert told.stdout.split() == [b"False", b"serving.live.process"]


async def test_what_becomes_of_pictures_is_counted(reader: GatedReader) -> None:
    registry = CollectorRegistry()
    async with CameraLooking(CameraMetrics(registry), lambda: reader) as looking:
        watch = await watched(looking, [])
        watch.feed(frame(0, 1))
        await until(lambda: reader.looking == 1)
        for number in range(1, 4):
            watch.feed(frame(500 * number, number))
        reader.let(10)
        await looked_at(looking, 2)
    for outcome in ("looked_at", "replaced"):
        name, labels = "lectern_camera_frames_total", {"outcome": outcome}
        assert registry.get_sample_value(name, labels) == 2
    assert registry.get_sample_value("lectern_camera_frame_seconds_count") == 2


async def test_without_the_models_no_camera_is_looked_at_and_it_is_said_why() -> None:
    loads = 0

    def absent() -> FaceReader:
        nonlocal loads
        loads += 1
        raise Unavailable("The face model is not there.", fix="Install it.")

    async with looking_by(absent) as looking:
        for _ in range(2):
            assert await looking.watch("par_1", lambda: 0.0, lambda _: None) is None
        assert looking.off_because == "The face model is not there. Install it."
        assert looking.state == "off"
    assert loads == 1


async def test_a_model_that_breaks_leaves_no_camera_looked_at_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class BrokenReader(GatedReader):
        def faces(self, pixels: NDArray[np.uint8]) -> tuple[SeenFace, ...]:
            raise RuntimeError("the interpreter gave up")

    async with looking_by(BrokenReader) as looking:
        watch = await watched(looking, [])
        watch.feed(frame(0, 1))
        await until(lambda: looking.off_because is not None)
        watch.feed(frame(500, 2))
        assert await looking.watch("par_2", lambda: 0.0, lambda _: None) is None
    assert "no camera is looked at any more" in caplog.text


async def test_it_ends_while_pictures_wait(reader: GatedReader) -> None:
    async with asyncio.timeout(30):
        async with looking_by(lambda: reader) as looking:
            watch = await watched(looking, [])
            watch.feed(frame(0, 1))
            await until(lambda: reader.looking == 1)
            watch.feed(frame(500, 2))
            reader.let(1)
    assert reader.seen in ([1], [1, 2])
