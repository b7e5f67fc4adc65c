"""Chromium under Playwright: Debian's own, headless, with a WAV file as its microphone."""

from __future__ import annotations

import os
import shutil
import wave
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
MICROPHONE_RATE = 48_000
"""Samples per second of the fake microphone's file."""

QUIET_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


def require_chromium() -> None:
    """Skip where there is no chromium; in CI that is a failure, for there the test must run."""
    if Path(CHROMIUM).exists():
        return
    reason = f"The browser test needs chromium at {CHROMIUM}: apt-get install chromium."
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def run_chromium(microphone: Path | None = None, camera: Path | None = None) -> Iterator[Browser]:
    """Run a browser whose camera is fake, and whose microphone plays `microphone` once.

    Args:
        camera: a Y4M file that the camera shows in rounds; None: chromium's own picture.
    """
    require_chromium()
    arguments = [
        *QUIET_ARGUMENTS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
    ]
    if microphone is not None:
        arguments.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
    if camera is not None:
        arguments.append(f"--use-file-for-fake-video-capture={camera}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def write_camera_file(pictures: Iterable[NDArray[np.uint8]], target: Path) -> Path:
    """Write RGB pictures of one size as an uncompressed Y4M file, and return its path."""
    with target.open("wb") as file:
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            if number == 0:
                file.write(f"YUV4MPEG2 W{frame.width} H{frame.height} F25:1 Ip C420\n".encode())
            file.write(b"FRAME\n" + frame.to_ndarray().tobytes())
    return target


def write_microphone_file(source: Path, target: Path, seconds: float) -> Path:
    """Decode the first seconds of a media file into a mono 16-bit WAV, and return its path."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=MICROPHONE_RATE)
    chunks: list[NDArray[np.int16]] = []
    with av.open(str(source)) as container:
        for frame in container.decode(audio=0):
            chunks += [
                part.to_ndarray().ravel().astype(np.int16) for part in resampler.resample(frame)
            ]
            if sum(chunk.size for chunk in chunks) >= seconds * MICROPHONE_RATE:
                break
    samples = np.concatenate(chunks)[: int(seconds * MICROPHONE_RATE)]
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MICROPHONE_RATE)
        file.writeframes(samples.tobytes())
    return target
