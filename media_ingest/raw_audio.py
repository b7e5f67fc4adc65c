"""Audio without a container, as clients send it over a socket: bytes in, plain frames out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, cast

import av
import numpy as np
from numpy.typing import NDArray

from lessons.errors import InvalidInput
from media_ingest.counters import TrackCounters
from media_ingest.frames import SAMPLE_RATE, AudioFrame
from media_ingest.resampling import Resampler

Encoding = Literal["linear16", "float32", "mulaw", "alaw", "opus"]
"""16-bit and 32-bit float little-endian PCM, G.711 in both laws, and Opus, a packet per message."""

DECODERS: Mapping[Encoding, tuple[str, int]] = MappingProxyType(
    {
        "linear16": ("pcm_s16le", 2),
        "float32": ("pcm_f32le", 4),
        "mulaw": ("pcm_mulaw", 1),
        "alaw": ("pcm_alaw", 1),
        "opus": ("libopus", 0),
    }
)
"""FFmpeg's decoder of each encoding, and the bytes of one sample; 0: packets, not samples."""

LAYOUTS: Mapping[int, str] = MappingProxyType({1: "mono", 2: "stereo"})
LOWEST_RATE, HIGHEST_RATE = 8_000, 48_000
FRAME_SAMPLES = SAMPLE_RATE // 10
"""Longest frame: 100 ms, so that judging one for speech takes about a millisecond."""


class RawAudioDecoder:
    """Decodes one stream of raw audio. Its clock starts at 0 and counts samples alone.

    Args:
        encoding: how the samples are written.
        sample_rate: samples a second of each channel, 8,000 to 48,000.
        channels: interleaved channels, mixed down to one.
        counters: takes packets that could not be decoded.

    Raises:
        InvalidInput: names the argument at fault.
    """

    def __init__(
        self,
        encoding: Encoding,
        sample_rate: int,
        channels: int = 1,
        counters: TrackCounters | None = None,
    ) -> None:
        if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
            raise InvalidInput(
                f"{sample_rate} samples a second cannot be heard.",
                field="sample_rate",
                fix=f"Send {LOWEST_RATE} to {HIGHEST_RATE}.",
            )
        if channels not in LAYOUTS:
            raise InvalidInput(
                f"It is {channels} channels.", field="channels", fix="Send one or two."
            )
        codec, sample_bytes = DECODERS[encoding]
        self._counters = counters or TrackCounters()
        # One object for whichever codec; the stubs know of the general kind only.
        self._codec = cast("av.AudioCodecContext", av.CodecContext.create(codec, "r"))
        self._codec.sample_rate = sample_rate
        self._codec.layout = LAYOUTS[channels]
        self._step_bytes = sample_bytes * channels
        self._rest = b""
        self._resampler = Resampler(self._counters)
        self._samples_given = 0

    @property
    def received_ms(self) -> float:
        """Audio decoded so far, in milliseconds: the stream's clock."""
        return 1000 * self._samples_given / SAMPLE_RATE

    def decode(self, data: bytes) -> list[AudioFrame]:
        """Return the frames that the next bytes complete; a sample may be cut between two calls."""
        whole = self._whole(data)
        if not whole:
            return []
        try:
            decoded = self._codec.decode(av.Packet(whole))
        except av.FFmpegError:
            self._counters.packets_undecodable += 1
            return []
        pieces = [self._resampler.resample(frame) for frame in decoded]
        return self._frames(np.concatenate(pieces)) if pieces else []

    def _whole(self, data: bytes) -> bytes:
        """The bytes up to the last whole sample; what is left waits for the next call."""
        if not self._step_bytes:
            return data
        joined = self._rest + data
        whole = len(joined) - len(joined) % self._step_bytes
        self._rest = joined[whole:]
        return joined[:whole]

    def _frames(self, samples: NDArray[np.float32]) -> list[AudioFrame]:
        frames = []
        for start in range(0, len(samples), FRAME_SAMPLES):
            piece = samples[start : start + FRAME_SAMPLES]
            frames.append(AudioFrame(self.received_ms, piece))
            self._samples_given += len(piece)
        return frames
