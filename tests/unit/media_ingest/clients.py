"""A WHIP client without HTTP: a real aiortc connection that publishes a tone to a MediaWorker."""

from __future__ import annotations

import itertools
import re
import time
import wave
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import VideoStreamTrack
from numpy.typing import NDArray

from media_ingest.media_worker import MediaWorker
from media_ingest.negotiation import close_connection, gather, ice_configuration
from media_ingest.paced_tracks import FileAudioTrack, GeneratedVideoTrack
from media_ingest.peer import Peer
from media_ingest.peer_handler import PeerHandler
from tests.unit.media_ingest.sounds import Samples, tone


def write_wav(path: Path, samples: Samples, rate: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype(np.int16).tobytes())
    return path


def clock() -> Callable[[], float]:
    """A lesson clock that starts now."""
    started = time.monotonic()
    return lambda: 1000 * (time.monotonic() - started)


@dataclass
class Client:
    """One publishing connection."""

    connection: RTCPeerConnection
    audio: FileAudioTrack

    @property
    def offer(self) -> str:
        return self.connection.localDescription.sdp

    @property
    def offer_without_candidates(self) -> str:
        return re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", self.offer)

    @property
    def fragment(self) -> str:
        """Its candidates as it would trickle them."""
        lines = re.findall(r"(?m)^a=(?:candidate:.*|ice-.*)\r\n", self.offer.split("m=video")[0])
        return "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n" + "".join(lines)

    def fall_silent(self) -> None:
        """As a computer that goes to sleep: no packet more, and no goodbye."""

        async def send_nothing(data: bytes) -> None:
            del data

        self.connection.getSenders()[0].transport.transport._send = send_nothing

    async def connect(
        self, worker: MediaWorker, handler: PeerHandler, offer: str | None = None
    ) -> Peer:
        peer = await worker.accept(offer or self.offer, handler, clock())
        answer = RTCSessionDescription(peer.answer, "answer")
        await self.connection.setRemoteDescription(answer)
        return peer


class RawVideoTrack(VideoStreamTrack):
    """Pictures in rounds, RGB of one size, which the connection itself encodes."""

    def __init__(self, pictures: Sequence[NDArray[np.uint8]]) -> None:
        super().__init__()
        self._pictures = itertools.cycle(pictures)

    async def recv(self) -> av.VideoFrame:
        pts, time_base = await self.next_timestamp()
        frame = av.VideoFrame.from_ndarray(next(self._pictures), format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


@asynccontextmanager
async def client(
    folder: Path,
    *,
    seconds: float = 20.0,
    video: bool = False,
    pictures: Sequence[bytes] | None = None,
    h264: Sequence[NDArray[np.uint8]] | None = None,
) -> AsyncIterator[Client]:
    """A client that is ready to offer a tone, and with `video` encoded pictures as well.

    Instead of them, `h264` are pictures that it sends in H.264 and offers in nothing else.
    """
    path = write_wav(folder / "tone.wav", tone(seconds, 440))
    connection = RTCPeerConnection(ice_configuration(()))
    audio = FileAudioTrack(path, on_ended=lambda: None)
    connection.addTransceiver(audio, direction="sendonly")
    if h264 is not None:
        sender = connection.addTransceiver(RawVideoTrack(h264), direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        sender.setCodecPreferences([one for one in codecs if one.mimeType == "video/H264"])
    elif video:
        connection.addTransceiver(GeneratedVideoTrack(pictures), direction="sendonly")
    await gather(connection)
    try:
        yield Client(connection, audio)
    finally:
        await close_connection(connection)
