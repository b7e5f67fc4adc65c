"""Tracks that play a file, or a generated picture, at the pace of real time."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av.stream import Stream
from numpy.typing import NDArray

from lessons.errors import InvalidInput, LecternError, UnsupportedMedia

OPUS_RATE = 48_000
"""Samples per second of Opus in RTP (RFC 7587)."""
FRAME_SAMPLES = 960
"""Samples of a 20 ms frame at `OPUS_RATE`."""
TAIL_SECONDS = 1.5
"""Silence after the end of the file, so that a listener can tell that the last word is over."""

VIDEO_CLOCK_RATE = 90_000
PICTURES_PER_SECOND = 25
LOOP_PICTURES = 25
"""Pictures of the generated video, and from one key frame to the next."""
WIDTH, HEIGHT = 640, 480


class _Pace:
    """Sleeps until it is time for the next frame; starts with the first."""

    def __init__(self) -> None:
        self.started: float | None = None

    async def wait_until(self, seconds: float) -> None:
        now = time.monotonic()
        if self.started is None:
            self.started = now
        await asyncio.sleep(max(0.0, self.started + seconds - now))


class FileAudioTrack(MediaStreamTrack):
    """The first audio stream of a file as 20 ms frames, then `TAIL_SECONDS` of silence.

    Its clock starts when the connection first asks for a frame.

    Args:
        path: the file.
        on_ended: called when `ended` becomes true.

    Attributes:
        ended: whether the last frame went out, or decoding failed.
        failure: why decoding failed after the first frame, or None.

    Raises:
        InvalidInput: no such file, or it cannot be decoded.
        UnsupportedMedia: it has no audio.
    """

    kind = "audio"

    def __init__(self, path: Path, on_ended: Callable[[], None]) -> None:
        super().__init__()
        self.ended = False
        self._on_ended = on_ended
        self.failure: LecternError | None = None
        self._pace = _Pace()
        self._position = 0
        frames = itertools.chain(decode_audio(path), silence(TAIL_SECONDS))
        self._frames = itertools.chain([next(frames)], frames)

    @property
    def started(self) -> float | None:
        """When its clock started, of `time.monotonic`; None before."""
        return self._pace.started

    async def recv(self) -> av.AudioFrame:
        """The next frame, when its time has come."""
        frame = self._next_frame()
        if frame is None:
            self.ended = True
            self._on_ended()
            raise MediaStreamError
        await self._pace.wait_until(self._position / OPUS_RATE)
        frame.pts, frame.time_base = self._position, Fraction(1, OPUS_RATE)
        self._position += frame.samples
        return frame

    def _next_frame(self) -> av.AudioFrame | None:
        try:
            return next(self._frames, None)
        except LecternError as error:
            self.failure = error  # Raised in the sender's task, it would only be logged there.
            return None


class GeneratedVideoTrack(MediaStreamTrack):
    """A moving picture in VP8, encoded once and sent in rounds, so that it costs little.

    Args:
        packets: what `encode_pictures` made; None: a bar that wanders over 640x480 pixels.
    """

    kind = "video"

    def __init__(self, packets: Sequence[bytes] | None = None) -> None:
        super().__init__()
        self._pace = _Pace()
        self._packets = itertools.cycle(packets or encoded_pictures())
        self._number = 0

    async def recv(self) -> av.Packet[Stream]:
        """The next encoded picture, when its time has come."""
        await self._pace.wait_until(self._number / PICTURES_PER_SECOND)
        packet = av.Packet(next(self._packets))
        packet.pts = self._number * VIDEO_CLOCK_RATE // PICTURES_PER_SECOND
        packet.time_base = Fraction(1, VIDEO_CLOCK_RATE)
        self._number += 1
        return packet


def decode_audio(path: Path) -> Iterator[av.AudioFrame]:
    """A file's first audio stream as 16-bit stereo frames of 20 ms at 48 kHz.

    Raises:
        InvalidInput: no such file, or it cannot be decoded.
        UnsupportedMedia: it has no audio.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise UnsupportedMedia(f"'{path.name}' has no audio.", field="audio_path")
            resampler = _resampler()
            for decoded in container.decode(container.streams.audio[0]):
                yield from resampler.resample(decoded)
            yield from resampler.resample(None)
    except (av.FFmpegError, OSError) as error:
        raise InvalidInput(f"'{path}' cannot be read: {error}.", field="audio_path") from error


def silence(seconds: float) -> Iterator[av.AudioFrame]:
    """Frames of silence in the format of `decode_audio`."""
    for _ in range(round(seconds * OPUS_RATE / FRAME_SAMPLES)):
        samples = np.zeros((1, 2 * FRAME_SAMPLES), np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate = OPUS_RATE
        yield frame


@cache
def encoded_pictures() -> tuple[bytes, ...]:
    """`LOOP_PICTURES` pictures of a bright bar that wanders over a gradient, as VP8."""
    return encode_pictures(_picture(number) for number in range(LOOP_PICTURES))


def encode_pictures(pictures: Iterable[NDArray[np.uint8]]) -> tuple[bytes, ...]:
    """RGB pictures of one size, at least one, shape (height, width, 3) each, as VP8.

    The first is a key frame, and so is every `LOOP_PICTURES`-th.
    """
    remaining = iter(pictures)
    first = next(remaining)
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.height, encoder.width = first.shape[:2]
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, PICTURES_PER_SECOND)
    encoder.bit_rate = 500_000
    encoder.gop_size = LOOP_PICTURES
    encoder.thread_count = 1  # More threads spin while they wait, and take 20 times as long.
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    packets: list[bytes] = []
    for number, picture in enumerate(itertools.chain([first], remaining)):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        packets += [bytes(packet) for packet in encoder.encode(frame.reformat(format="yuv420p"))]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    return tuple(packets)


def _resampler() -> av.AudioResampler:
    return av.AudioResampler(
        format="s16", layout="stereo", rate=OPUS_RATE, frame_size=FRAME_SAMPLES
    )


def _picture(number: int) -> NDArray[np.uint8]:
    across = np.linspace(0, 255, WIDTH, dtype=np.uint8)
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = across[None, :, None]
    left = number * (WIDTH - 80) // LOOP_PICTURES
    picture[:, left : left + 80] = (240, 200, 40)
    return picture
