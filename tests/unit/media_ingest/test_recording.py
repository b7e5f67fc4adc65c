from __future__ import annotations

import itertools
import wave
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from av.container import OutputContainer

from lessons.errors import InvalidInput, UnsupportedMedia
from media_ingest.counters import TrackCounters
from media_ingest.frames import SAMPLE_RATE, AudioFrame
from media_ingest.recording import read_recording
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from tests.unit.media_ingest import sounds
from tests.unit.media_ingest.sounds import SAMPLE_LESSON, Samples, tone

RATE = 48_000
CODECS = {
    ".mp4": "aac",
    ".webm": "libopus",
    ".ogg": "libopus",
    ".mkv": "flac",
    ".mp3": "libmp3lame",
}


def audio_stream(container: OutputContainer, codec: str, rate: int) -> av.AudioStream:
    stream = container.add_stream(codec, rate=rate, layout="mono")
    assert isinstance(stream, av.AudioStream)
    return stream


def write_pictures(container: OutputContainer, count: int) -> None:
    stream = container.add_stream("mpeg4", rate=5)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    for index in range(count):
        picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), "rgb24")
        picture.pts, picture.time_base = index, Fraction(1, 5)
        container.mux(stream.encode(picture))
    container.mux(stream.encode(None))


def write_media(
    path: Path, tracks: Sequence[Samples] = (), *, pictures: int = 0, offset_ms: int = 0
) -> Path:
    """A media file with 16 kHz tracks resampled to 48 kHz, and optionally a still video.

    `offset_ms` is when the second track begins.
    """
    with av.open(str(path), "w") as container:
        streams = [audio_stream(container, CODECS[path.suffix], RATE) for _ in tracks]
        if pictures:
            write_pictures(container, pictures)
        for number, (stream, samples) in enumerate(zip(streams, tracks, strict=True)):
            start = number * offset_ms * RATE // 1000
            for at in range(0, len(samples), 1600):
                part = np.repeat(samples[at : at + 1600], 3)[None]
                frame = av.AudioFrame.from_ndarray(part, "fltp", "mono")
                frame.sample_rate, frame.pts = RATE, start + 3 * at
                frame.time_base = Fraction(1, RATE)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path


def write_wav(path: Path, samples: Samples) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def samples_of(frames: Sequence[AudioFrame]) -> Samples:
    return np.concatenate([frame.samples for frame in frames])


def pitch(samples: Samples) -> float:
    """The loudest frequency, in hertz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * SAMPLE_RATE / len(samples))


@pytest.mark.parametrize("suffix", CODECS)
def test_every_usual_container_gives_frames_that_follow_on(tmp_path: Path, suffix: str) -> None:
    path = write_media(tmp_path / f"lesson{suffix}", [tone(3, 440)])
    recording = read_recording(path)
    assert recording.duration_ms == pytest.approx(3000, abs=80)
    (track,) = recording.tracks
    assert track.duration_ms == pytest.approx(3000, abs=80)
    frames = list(track.frames())
    assert all(20 <= frame.duration_ms <= 100 for frame in frames[:-1])
    for one, following in itertools.pairwise(frames):
        assert following.start_ms == pytest.approx(one.end_ms)
    assert frames[0].start_ms <= 60
    assert frames[-1].end_ms == pytest.approx(3000, abs=80)
    assert pitch(samples_of(frames)) == pytest.approx(440, abs=2)


def test_several_audio_streams_are_tracks_of_their_own_in_step(tmp_path: Path) -> None:
    path = write_media(tmp_path / "two.mkv", [tone(3, 440), tone(2, 880)], offset_ms=1500)
    first, second = read_recording(path).tracks
    assert (first.index, second.index) == (0, 1)
    one, two = list(first.frames()), list(second.frames())
    assert pitch(samples_of(one)) == pytest.approx(440, abs=2)
    assert pitch(samples_of(two)) == pytest.approx(880, abs=2)
    assert one[0].start_ms == pytest.approx(0, abs=5)
    assert two[0].start_ms == pytest.approx(1500, abs=5)


def test_video_beside_the_audio_is_left_out(tmp_path: Path) -> None:
    path = write_media(tmp_path / "lesson.mp4", [tone(1, 440)], pictures=5)
    (track,) = read_recording(path).tracks
    assert pitch(samples_of(list(track.frames()))) == pytest.approx(440, abs=2)


def test_a_hole_in_the_timestamps_stays_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "hole.mkv"
    with av.open(str(path), "w") as container:
        stream = audio_stream(container, "pcm_s16le", SAMPLE_RATE)
        for start in (0, 2 * SAMPLE_RATE):
            second = (tone(1, 440) * 32767).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(second, "s16", "mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, start
            frame.time_base = Fraction(1, SAMPLE_RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    frames = list(read_recording(path).tracks[0].frames())
    gaps = [b.start_ms - a.end_ms for a, b in itertools.pairwise(frames)]
    assert max(gaps) == pytest.approx(1000, abs=5)
    assert len(samples_of(frames)) == pytest.approx(2 * SAMPLE_RATE, abs=20)


@pytest.mark.parametrize("name", ["lesson.webm", "lesson.ogg", "lesson.mp3"])
def test_a_file_that_was_cut_off_gives_what_is_there(tmp_path: Path, name: str) -> None:
    path = write_media(tmp_path / name, [sounds.white_noise(20, 0.1)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    counters = TrackCounters()
    frames = list(read_recording(path).tracks[0].frames(counters))
    assert 8_000 < frames[-1].end_ms < 12_000


def test_a_cut_off_wav_gives_what_is_there(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "lesson.wav", tone(4, 440))
    path.write_bytes(path.read_bytes()[:64_044])
    frames = list(read_recording(path).tracks[0].frames())
    assert frames[-1].end_ms == pytest.approx(2000, abs=70)


def test_an_mp4_that_was_cut_off_before_its_index_is_refused_by_name(tmp_path: Path) -> None:
    path = write_media(tmp_path / "lesson.mp4", [tone(3, 440)])
    path.write_bytes(path.read_bytes()[:8_000])
    with pytest.raises(UnsupportedMedia, match=r"lesson\.mp4.*cut off"):
        read_recording(path)


def test_damage_in_the_middle_is_skipped_and_counted(tmp_path: Path) -> None:
    path = write_media(tmp_path / "lesson.mkv", [sounds.white_noise(20, 0.1)])
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = np.random.default_rng(1).bytes(4000)
    path.write_bytes(content)
    counters = TrackCounters()
    frames = list(read_recording(path).tracks[0].frames(counters))
    assert len(samples_of(frames)) > 15 * SAMPLE_RATE
    assert frames[-1].end_ms == pytest.approx(20_000, abs=500)
    assert counters.packets_undecodable > 0


def test_an_empty_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "nothing.mp4"
    path.touch()
    with pytest.raises(InvalidInput, match=r"nothing\.mp4 is empty"):
        read_recording(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no file"):
        read_recording(tmp_path / "lesson.mp4")


def test_a_file_without_audio_is_refused_by_name(tmp_path: Path) -> None:
    path = write_media(tmp_path / "silent.mp4", pictures=5)
    with pytest.raises(UnsupportedMedia, match=r"silent\.mp4 has no audio"):
        read_recording(path)


@pytest.mark.parametrize("content", [b"These are notes, not a lesson.\n" * 40, bytes(5000)])
def test_a_file_that_is_no_media_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.mp4"
    path.write_bytes(content)
    with pytest.raises(UnsupportedMedia, match=r"notes\.mp4"):
        read_recording(path)


def test_a_header_without_audio_is_refused_when_it_is_decoded(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "header.wav", tone(1, 440))
    path.write_bytes(path.read_bytes()[:44])
    with pytest.raises(InvalidInput, match=r"header\.wav"):
        list(read_recording(path).tracks[0].frames())


@pytest.mark.parametrize("kind", ["m3u8", "ffconcat"])
def test_a_playlist_cannot_make_us_read_other_files(tmp_path: Path, kind: str) -> None:
    secret = write_media(tmp_path / "secret.mp3", [tone(2, 440)])
    playlists = {
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n",
        "ffconcat": f"ffconcat version 1.0\nfile '{secret.name}'\n",
    }
    path = tmp_path / f"lesson.{kind}"
    path.write_text(playlists[kind])
    with pytest.raises(InvalidInput):
        list(read_recording(path).tracks[0].frames())


def test_a_title_names_the_track(tmp_path: Path) -> None:
    path = tmp_path / "named.mkv"
    with av.open(str(path), "w") as container:
        stream = audio_stream(container, "pcm_s16le", SAMPLE_RATE)
        stream.metadata["title"] = "Tutor"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.int16), "s16", "mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert read_recording(path).tracks[0].title == "Tutor"


def test_the_sample_lesson_starts_and_ends_as_its_script_says() -> None:
    recording = read_recording(SAMPLE_LESSON / "tutor.opus")
    (track,) = recording.tracks
    *_, last = track.frames()
    assert recording.duration_ms == pytest.approx(last.end_ms, abs=50)
    assert last.end_ms >= sounds.sample_turns("tutor")[-1][1]


@pytest.mark.timeout(300)  # three hours are decoded
def test_three_silent_hours_bring_no_window_and_no_growth(tmp_path: Path) -> None:
    path = tmp_path / "silent.flac"
    with av.open(str(path), "w") as container:
        stream = audio_stream(container, "flac", SAMPLE_RATE)
        minute = np.zeros((1, 60 * SAMPLE_RATE), np.int16)
        for index in range(180):
            frame = av.AudioFrame.from_ndarray(minute, "s16", "mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, index * minute.size
            frame.time_base = Fraction(1, SAMPLE_RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    cutter = UtteranceCutter(SpeechGate(), CuttingSettings())
    frames = read_recording(path).tracks[0].frames()
    for heard in itertools.islice(frames, 600):
        assert cutter.feed(heard) == []
    after_a_minute = psutil.Process().memory_info().rss
    for heard in frames:
        assert cutter.feed(heard) == []
    assert heard.end_ms == pytest.approx(3 * 3600 * 1000, abs=200)
    assert psutil.Process().memory_info().rss - after_a_minute < 20_000_000
