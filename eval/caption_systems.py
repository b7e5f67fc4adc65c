"""What captions live streams, behind one interface; and Lectern behind it.

Lectern gets its speech by WHIP and is read by its event stream, as in a lesson.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
import wave
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import numpy as np
import psutil
from numpy.typing import NDArray

from eval.live_speech import create_lesson, join_lesson, settled_finals
from eval.own_lectern import OwnLectern, own_lectern
from eval.reading import Sight
from media_ingest.frames import SAMPLE_RATE
from media_ingest.publisher import WhipPublisher


class CaptionSystem(Protocol):
    """A running system."""

    @property
    def name(self) -> str:
        """What the table calls it."""
        ...

    @property
    def process(self) -> psutil.Process:
        """The root of its processes."""
        ...

    async def caption(self, samples: NDArray[np.float32]) -> list[Sight]:
        """Speak a stream at the pace of real time; return what its reader saw.

        Raises:
            LecternError: the system does not take the stream.
        """
        ...


@dataclass(slots=True)
class LecternScreen:
    """The captions of one speaker, as the events of a lesson make them."""

    finals: dict[str, tuple[int, str]] = field(default_factory=dict)
    partials: dict[str, tuple[int, str]] = field(default_factory=dict)

    def show(self, name: str, data: dict[str, Any]) -> tuple[str, str] | None:
        """Take an event; return the final text and all text, or None where neither changes."""
        if name == "caption.final":
            data = data["data"]
            self.partials.pop(data["caption_id"], None)
            self.finals[data["caption_id"]] = (data["start_ms"], data["text"])
        elif name == "caption.partial" and data["caption_id"] not in self.finals:
            text = f"{data['stable_text']} {data['unstable_text']}"
            self.partials[data["caption_id"]] = (data["start_ms"], text)
        else:
            return None
        return _joined(self.finals.values()), _joined(
            [*self.finals.values(), *self.partials.values()]
        )


def _joined(captions: Iterable[tuple[int, str]]) -> str:
    return " ".join(text for _, text in sorted(captions))


@dataclass(frozen=True, slots=True)
class Lectern:
    """Lectern itself."""

    installation: OwnLectern
    name: str = "Lectern"

    @property
    def process(self) -> psutil.Process:
        """The supervisor."""
        return self.installation.supervisor

    async def caption(self, samples: NDArray[np.float32]) -> list[Sight]:
        """Publish into a lesson of one participant, and follow its events."""
        with tempfile.TemporaryDirectory() as folder:
            audio = Path(folder) / "stream.wav"
            write_wave(audio, samples)
            async with httpx.AsyncClient(
                base_url=self.installation.url,
                headers=self.installation.headers,
                timeout=60,
                trust_env=False,
            ) as api:
                lesson_id = await create_lesson(api, "Benchmark")
                _, whip_url, token = await join_lesson(api, lesson_id, "Speaker")
                publisher = WhipPublisher(whip_url, token, audio)
                seen: list[tuple[float, str, str]] = []
                reading = asyncio.create_task(follow(api, lesson_id, seen))
                await publisher.publish()
                await settled_finals(api, lesson_id, 1)
                await asyncio.sleep(0.5)
                reading.cancel()
                with suppress(asyncio.CancelledError):
                    await reading
                await api.post(f"/v1/lessons/{lesson_id}/end")
        started = publisher.started or 0.0
        return [Sight(at - started, final, shown) for at, final, shown in seen]


async def follow(
    api: httpx.AsyncClient, lesson_id: str, seen: list[tuple[float, str, str]]
) -> None:
    """Read a lesson's events as they come, until cancelled."""
    screen, name = LecternScreen(), ""
    async with api.stream(
        "GET",
        f"/v1/lessons/{lesson_id}/events",
        headers={"Accept": "text/event-stream"},
        timeout=None,
    ) as response:
        async for line in response.aiter_lines():
            key, _, value = line.partition(": ")
            if key == "event":
                name = value
            elif key == "data" and (shown := screen.show(name, json.loads(value))):
                seen.append((time.monotonic(), *shown))


def write_wave(path: Path, samples: NDArray[np.float32]) -> None:
    """Write samples as 16-bit PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((samples.clip(-1, 1) * 32_767).astype("<i2").tobytes())


@contextmanager
def lectern(model: str) -> Iterator[Lectern]:
    """Run Lectern on its defaults."""
    with (
        tempfile.TemporaryDirectory(prefix="lectern-") as folder,
        own_lectern(
            Path(folder), caption_model=model, caption_engine="faster-whisper"
        ) as installation,
    ):
        yield Lectern(installation)
