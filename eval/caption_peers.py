"""Peers as captioning systems: WhisperLive and WhisperLiveKit, each by its own WebSocket.

Each runs as its own process, in a Python of its own: they pin other versions than Lectern
(docs/captions-under-load.md says how to make one).
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect

from eval.own_lectern import free_port
from eval.reading import Sight
from media_ingest.frames import SAMPLE_RATE

PIECE_SAMPLES = SAMPLE_RATE // 10
"""Samples of a message: 100 ms."""
TAIL_S = 1.5
"""Silence after a stream, as a microphone gives it; Lectern's publisher sends the same."""
SETTLE_S = 30.0
"""Longest wait for the last words of a stream."""
UNCHANGED_S = 8.0
"""A peer that makes nothing final for so long after the end has made all that it will."""
START_S = 120.0
ALL_SEGMENTS = 100_000


@dataclass(frozen=True, slots=True)
class WhisperLive:
    """WhisperLive's server, one model for all clients."""

    process: psutil.Process
    url: str
    name: str
    model: str
    language: str

    async def caption(self, samples: NDArray[np.float32]) -> list[Sight]:
        """Speak by its protocol, as its own client does."""
        options = {
            "uid": f"benchmark-{time.monotonic_ns()}",
            "language": self.language,
            "task": "transcribe",
            "model": self.model,
            "use_vad": True,
            "send_last_n_segments": ALL_SEGMENTS,
        }
        sights: list[Sight] = []
        async with connect(self.url, max_size=None, ping_interval=None) as connection:
            await connection.send(json.dumps(options))
            while json.loads(await connection.recv()).get("message") != "SERVER_READY":
                pass
            started = time.monotonic()
            reading = asyncio.create_task(self._read(connection, started, sights))
            await speak(connection, samples, started, "<f4")
            await settled(sights, started)
            reading.cancel()
        return sights

    async def _read(
        self, connection: ClientConnection, started: float, sights: list[Sight]
    ) -> None:
        async for message in connection:
            segments = json.loads(message).get("segments")
            if segments is not None:
                final = " ".join(one["text"] for one in segments if one["completed"])
                shown = " ".join(one["text"] for one in segments)
                sights.append(Sight(time.monotonic() - started, final, shown))


@dataclass(frozen=True, slots=True)
class WhisperLiveKit:
    """WhisperLiveKit's server. What its local agreement has committed counts as final."""

    process: psutil.Process
    url: str
    name: str

    async def caption(self, samples: NDArray[np.float32]) -> list[Sight]:
        """Speak by its protocol, and take leave as its page does."""
        sights: list[Sight] = []
        async with connect(self.url, max_size=None, ping_interval=None) as connection:
            await connection.recv()
            started = time.monotonic()
            reading = asyncio.create_task(self._read(connection, started, sights))
            await speak(connection, samples, started, "<i2")
            await connection.send(b"")
            with suppress(TimeoutError):
                await asyncio.wait_for(reading, SETTLE_S)
        return sights

    async def _read(
        self, connection: ClientConnection, started: float, sights: list[Sight]
    ) -> None:
        async for message in connection:
            data = json.loads(message)
            if data.get("type") == "ready_to_stop":
                return
            if "lines" in data:
                final = " ".join(line["text"] or "" for line in data["lines"])
                shown = f"{final} {data['buffer_transcription']}"
                sights.append(Sight(time.monotonic() - started, final, shown))


async def speak(
    connection: ClientConnection, samples: NDArray[np.float32], started: float, form: str
) -> None:
    """Send samples and a tail of silence as they would be spoken."""
    spoken = np.concatenate([samples, np.zeros(round(TAIL_S * SAMPLE_RATE), np.float32)])
    coded = spoken if form == "<f4" else spoken.clip(-1, 1) * 32_767
    data = coded.astype(form)
    for begin in range(0, len(data), PIECE_SAMPLES):
        piece = data[begin : begin + PIECE_SAMPLES]
        due = started + (begin + len(piece)) / SAMPLE_RATE  # When its last sample was spoken.
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await connection.send(piece.tobytes())


async def settled(sights: list[Sight], started: float) -> None:
    """Wait until nothing new comes any more."""
    ended = time.monotonic()
    while time.monotonic() < ended + SETTLE_S:
        newest = max([ended, *(started + at for at in _changes(sights))])
        if time.monotonic() > newest + UNCHANGED_S:
            return
        await asyncio.sleep(0.2)


def _changes(sights: list[Sight]) -> list[float]:
    """Return when the final text last changed."""
    for before, after in zip(sights[-2::-1], sights[::-1], strict=False):
        if before.final != after.final:
            return [after.at_s]
    return []


@contextmanager
def whisper_live(
    python: Path, model: str, language: str, *, batched: bool
) -> Iterator[WhisperLive]:
    """Run WhisperLive in its own Python."""
    port = free_port()
    code = (
        "from whisper_live.server import TranscriptionServer\n"
        f"TranscriptionServer().run('127.0.0.1', port={port}, backend='faster_whisper',\n"
        f"    faster_whisper_custom_model_path={model!r}, single_model=True,\n"
        f"    max_clients=1000, max_connection_time=36_000, batch_enabled={batched})\n"
    )
    name = f"WhisperLive{', batched' if batched else ''}"
    with _server([str(python), "-c", code], port) as process:
        yield WhisperLive(process, f"ws://127.0.0.1:{port}", name, model, language)


@contextmanager
def whisper_live_kit(python: Path, model: str, language: str) -> Iterator[WhisperLiveKit]:
    """Run WhisperLiveKit in its own Python, by local agreement: its other policy needs PyTorch's
    weights, and these are CTranslate2's."""
    port = free_port()
    command = [str(python), "-m", "whisperlivekit.basic_server", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--model_dir", model, "--backend", "faster-whisper"]
    command += ["--backend-policy", "localagreement", "--pcm-input", "--lan", language]
    with _server(command, port) as process:
        yield WhisperLiveKit(process, f"ws://127.0.0.1:{port}/asr", "WhisperLiveKit")


@contextmanager
def _server(command: list[str], port: int) -> Iterator[psutil.Process]:
    """Run a server until it listens, and end it."""
    with tempfile.TemporaryFile() as log:
        running = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + START_S
            while not _listens(port):
                if running.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"it does not listen: {log.read()[-2000:].decode()}")
                time.sleep(0.5)
            yield psutil.Process(running.pid)
        finally:
            running.kill()
            running.wait()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
