"""Recordings in any container that FFmpeg reads: each audio stream a track of plain frames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from lessons.errors import InvalidInput, UnsupportedMedia
from media_ingest.counters import TrackCounters
from media_ingest.frames import SAMPLE_RATE, AudioFrame
from media_ingest.resampling import Resampler

FRAME_SAMPLES = SAMPLE_RATE // 10
"""Samples of a frame: 100 ms, so that the voice activity model judges three chunks at a time."""

TIMESTAMP_TOLERANCE_MS = 40.0
"""Timestamps this far from the samples before them are rounding (Matroska's are milliseconds)."""

MICROSECONDS_PER_MS = 1000
"""FFmpeg states a container's duration and start in microseconds."""


@dataclass(frozen=True, slots=True)
class RecordedAudio:
    """One audio stream of a recording; a track of its own.

    Attributes:
        path: the recording.
        index: which of the file's audio streams, from 0.
        title: what the file calls the stream, or None.
        duration_ms: length of the stream in milliseconds; None where the container does not tell.
    """

    path: Path
    index: int
    title: str | None
    duration_ms: float | None

    def frames(self, counters: TrackCounters | None = None) -> Iterator[AudioFrame]:
        """Decode the stream from its start, in memory that does not grow with its length.

        Times count from the start of the recording, so the streams of one file stay in step.
        Packets that cannot be decoded are skipped and counted; a file that was cut off ends early.

        Raises:
            InvalidInput: the file holds no audio that can be decoded.
            UnsupportedMedia: no decoder knows the stream's codec.
        """
        counters = counters or TrackCounters()
        with _opened(self.path) as container:
            stream = container.streams.audio[self.index]
            start_us = container.start_time or 0
            joiner = _Joiner(start_us / MICROSECONDS_PER_MS, Resampler(counters))
            for decoded in _decode(container, stream, counters):
                yield from joiner.add(decoded)
            yield from joiner.finish()
        if joiner.frames == 0:
            raise InvalidInput(
                f"{self.path.name}: audio stream {self.index} holds nothing that can be decoded.",
                field="files",
                fix="The file may have been cut off; send it again.",
            )


@dataclass(frozen=True, slots=True)
class Recording:
    """A media file with at least one audio stream.

    Attributes:
        path: the file.
        duration_ms: its length in milliseconds; None where the container does not tell.
        tracks: its audio streams, in the file's order. Video is left out.
    """

    path: Path
    duration_ms: float | None
    tracks: tuple[RecordedAudio, ...]


def read_recording(path: Path) -> Recording:
    """Look into a media file; decodes nothing yet.

    Raises:
        InvalidInput: there is no such file, or it is empty.
        UnsupportedMedia: it is no media that FFmpeg knows, was cut off before its index, or has
            no audio.
    """
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.", field="files")
    if path.stat().st_size == 0:
        raise InvalidInput(f"{path.name} is empty (0 bytes).", field="files", fix="Send it again.")
    with _opened(path) as container:
        duration = container.duration
        duration_ms = duration / MICROSECONDS_PER_MS if duration else None
        tracks = tuple(
            RecordedAudio(
                path, index, stream.metadata.get("title"), _duration_ms(stream) or duration_ms
            )
            for index, stream in enumerate(container.streams.audio)
        )
    if not tracks:
        raise UnsupportedMedia(
            f"{path.name} has no audio stream.", field="files", fix="Send a file with speech in it."
        )
    return Recording(path, duration_ms, tracks)


@contextmanager
def _opened(path: Path) -> Iterator[av.container.InputContainer]:
    """The file, opened for reading, whatever its name says about its kind.

    FFmpeg gets the open file and no protocol at all, so that an uploaded playlist cannot make it
    read other files or addresses of ours.
    """
    file = path.open("rb")
    try:
        options = {"protocol_whitelist": "none"}
        container = av.open(file, "r", options=options, metadata_errors="replace")
    except av.FFmpegError as error:
        file.close()
        raise UnsupportedMedia(
            f"{path.name} cannot be read as audio or video ({error.strerror}).",
            field="files",
            fix="It may have been cut off, or be no media file. Any format of FFmpeg's will do.",
        ) from error
    with file, container:
        yield container


def _duration_ms(stream: av.AudioStream) -> float | None:
    if stream.duration is None or stream.time_base is None:
        return None
    return float(1000 * stream.duration * stream.time_base)


def _decode(
    container: av.container.InputContainer, stream: av.AudioStream, counters: TrackCounters
) -> Iterator[av.AudioFrame]:
    """The frames of one stream, past damaged packets, until the file ends or breaks off."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            counters.packets_undecodable += 1
            return  # The container itself is broken from here on.
        if packet is None:
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            counters.packets_undecodable += 1


class _Joiner:
    """Resamples decoded frames and joins them to frames of one length on the recording's time."""

    def __init__(self, origin_ms: float, resampler: Resampler) -> None:
        self.frames = 0
        self._origin_ms = origin_ms
        self._resampler = resampler
        self._start_ms: float | None = None
        self._samples = np.zeros(0, np.float32)

    def add(self, decoded: av.AudioFrame) -> Iterator[AudioFrame]:
        """Take the next decoded frame; gives every frame that is full."""
        at_ms = self._time_of(decoded)
        expected_ms = self._end_ms
        if self._start_ms is None or at_ms - expected_ms > TIMESTAMP_TOLERANCE_MS:
            yield from self._emit_rest()
            self._start_ms = max(at_ms, expected_ms, 0.0)
        self._samples = np.concatenate([self._samples, self._resampler.resample(decoded)])
        while len(self._samples) >= FRAME_SAMPLES:
            yield self._emit(FRAME_SAMPLES)

    def finish(self) -> Iterator[AudioFrame]:
        """What is left at the end."""
        self._samples = np.concatenate([self._samples, self._resampler.flush()])
        yield from self._emit_rest()

    @property
    def _end_ms(self) -> float:
        return (self._start_ms or 0.0) + 1000 * len(self._samples) / SAMPLE_RATE

    def _time_of(self, decoded: av.AudioFrame) -> float:
        """Where the file puts the frame; where it does not say, after the last one."""
        return self._end_ms if decoded.time is None else 1000 * decoded.time - self._origin_ms

    def _emit_rest(self) -> Iterator[AudioFrame]:
        if len(self._samples):
            yield self._emit(len(self._samples))

    def _emit(self, count: int) -> AudioFrame:
        frame = AudioFrame(self._start_ms or 0.0, self._samples[:count])
        self._start_ms = frame.end_ms
        self._samples = self._samples[count:]
        self.frames += 1
        return frame
