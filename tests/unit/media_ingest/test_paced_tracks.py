from __future__ import annotations

import contextlib
import time
from pathlib import Path

import av
import pytest
from aiortc.mediastreams import MediaStreamError

from lessons.errors import UnsupportedMedia
from media_ingest.paced_tracks import (
    HEIGHT,
    LOOP_PICTURES,
    OPUS_RATE,
    TAIL_SECONDS,
    WIDTH,
    FileAudioTrack,
    GeneratedVideoTrack,
    decode_audio,
    encoded_pictures,
)
from tests.unit.media_ingest.clients import write_wav
from tests.unit.media_ingest.sounds import tone


async def test_a_file_is_paced_and_ends_in_silence(tmp_path: Path) -> None:
    ends: list[bool] = []
    path = write_wav(tmp_path / "tone.wav", tone(0.3, 440))
    track = FileAudioTrack(path, on_ended=lambda: ends.append(True))
    started, positions, samples = time.monotonic(), [], 0
    with contextlib.suppress(MediaStreamError):
        while True:
            frame = await track.recv()
            positions.append(frame.pts)
            samples += frame.samples
    assert time.monotonic() - started >= 0.3 + TAIL_SECONDS - 0.03
    assert samples / OPUS_RATE == pytest.approx(0.3 + TAIL_SECONDS, abs=0.03)
    assert positions == list(range(0, samples, 960))
    assert track.ended
    assert ends == [True]
    assert track.failure is None


def test_a_truncated_file_plays_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = write_wav(tmp_path / "whole.wav", tone(1, 440)).read_bytes()
    path = tmp_path / "truncated.wav"
    path.write_bytes(whole[: len(whole) // 2])
    seconds = sum(frame.samples for frame in decode_audio(path)) / OPUS_RATE
    assert seconds == pytest.approx(0.5, abs=0.03)


def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height = 64, 48
        container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(UnsupportedMedia, match="has no audio"):
        FileAudioTrack(path, on_ended=lambda: None)


async def test_pictures_come_in_rounds_that_decode() -> None:
    pictures = encoded_pictures()
    assert len(pictures) == LOOP_PICTURES
    decoder = av.CodecContext.create("vp8", "r")
    for packet in (*pictures, *pictures[:3]):
        (frame,) = decoder.decode(av.Packet(packet))
        assert (frame.width, frame.height) == (WIDTH, HEIGHT)
    track = GeneratedVideoTrack()
    times = [(await track.recv()).pts for _ in range(3)]
    assert times == [0, 3600, 7200]
