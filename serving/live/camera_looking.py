"""Looks at pictures of learners' cameras: one thread, one picture at a time, audio first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from features.camera.motion import thumbnail
from features.camera.windows import SeenPicture
from lessons.errors import Unavailable
from lessons.events import EventDraft
from media_ingest.frames import VideoFrame
from models.faces.reader import FaceReader, MediapipeFaces
from serving.live.camera_watch import CameraWatch
from serving.live.worker_status import CameraState
from serving.observability.camera_metrics import CameraMetrics

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.5


class CameraLooking:
    """Looks at the pictures of one worker's cameras, in turn, as an async context manager.

    Of each camera one picture waits at most: the newest. After each picture it rests for as long as
    that took, so that cameras never take more than half a core from the audio of their worker;
    when there are too many of them, each is looked at less often.

    Args:
        metrics: what is counted.
        load: loads the face models, in the thread, once the first camera may be looked at; most
            workers never meet one.

    Attributes:
        metrics: what became of pictures.
        off_because: why no camera can be looked at, once that is known; None while it can.
    """

    def __init__(
        self, metrics: CameraMetrics, load: Callable[[], FaceReader] = MediapipeFaces
    ) -> None:
        self.metrics = metrics
        self.off_because: str | None = None
        self._load = load
        self._loading = asyncio.Lock()
        self._reader: FaceReader | None = None
        self._watches: set[CameraWatch] = set()
        self._waiting: dict[CameraWatch, VideoFrame] = {}
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cameras")
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> CameraLooking:
        for work in (self._look_on(), self._tick_on()):
            task = asyncio.create_task(work)
            task.add_done_callback(self._after_task)
            self._tasks.append(task)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        self._waiting.clear()
        self._thread.shutdown(wait=True)

    @property
    def watched(self) -> int:
        """Cameras that are looked at."""
        self._forget_stopped()
        return len(self._watches)

    @property
    def state(self) -> CameraState:
        """Whether the face models were needed yet, and whether they are there."""
        if self.off_because is not None:
            return "off"
        return "idle" if self._reader is None else "ready"

    async def watch(
        self,
        participant_id: str,
        now_ms: Callable[[], float],
        record: Callable[[EventDraft], None],
    ) -> CameraWatch | None:
        """Begin to look at a camera; None where the face models are not installed.

        Args:
            participant_id: whose camera it is.
            now_ms: the lesson clock, in milliseconds.
            record: takes its events.
        """
        if not await self._ready():
            return None
        watch = CameraWatch(participant_id, now_ms, record, self._offer)
        self._watches.add(watch)
        return watch

    def _after_task(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self.off_because = "Looking at a picture failed; the worker's log says how."
            logger.error("no camera is looked at any more", exc_info=error)

    async def _ready(self) -> bool:
        """Load the models where nobody has yet; a second camera waits for the first one's."""
        async with self._loading:
            if self.state == "idle":
                await self._load_models()
        return self.off_because is None

    async def _load_models(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            self._reader = await loop.run_in_executor(self._thread, self._load)
        except Unavailable as missing:
            self.off_because = str(missing)
            logger.warning("no camera is looked at: %s", missing)
            return
        name, version, seconds = self._reader.name, self._reader.version, loop.time() - started
        logger.info("cameras are looked at by %s %s, loaded in %.1f s", name, version, seconds)

    def _offer(self, watch: CameraWatch, frame: VideoFrame) -> None:
        if watch in self._waiting:
            self.metrics.replaced()
        self._waiting[watch] = frame
        self._arrived.set()

    async def _look_on(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            watch = next(iter(self._waiting))
            frame = self._waiting.pop(watch)
            if watch.stopped or self._reader is None:
                continue
            started = loop.time()
            picture = await loop.run_in_executor(self._thread, _look, self._reader, frame)
            del frame
            self.metrics.looked_at(loop.time() - started)
            watch.take(picture, self._reader)
            del picture
            await asyncio.sleep(loop.time() - started)

    async def _tick_on(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._forget_stopped()
            for watch in self._watches:
                watch.tick()

    def _forget_stopped(self) -> None:
        for watch in [one for one in self._watches if one.stopped]:
            self._watches.discard(watch)
            self._waiting.pop(watch, None)


def _look(reader: FaceReader, frame: VideoFrame) -> SeenPicture:
    return SeenPicture(frame.at_ms, reader.faces(frame.pixels), thumbnail(frame.pixels))
