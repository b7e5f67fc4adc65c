"""Speech becomes turns with their words, each once, and a slow captioner is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from lessons.errors import Unavailable
from lessons.events import CaptionFinal, PartialCaption
from media_ingest.frames import SAMPLE_RATE, AudioFrame
from media_ingest.utterances import CuttingSettings
from serving.captioning.client import InProcessCaptions
from serving.compatible import speech_stream
from serving.compatible.speech_stream import SpeechStream, Turn, cutting_by
from tests.media import sample_speech
from tests.unit.serving.caption_engines import MeasuringEngine

FRAME_SAMPLES = SAMPLE_RATE // 10


class Heard:
    """Writes down what a listener is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.partials = 0

    def started(self, turn: Turn) -> None:
        self.told.append(("started", turn.id))

    def stopped(self, turn: Turn, end_ms: int) -> None:
        assert end_ms >= turn.start_ms
        self.told.append(("stopped", turn.id))

    def partial(self, turn: Turn, caption: PartialCaption) -> None:
        self.partials += 1

    def final(self, turn: Turn, caption: CaptionFinal) -> None:
        assert caption.start_ms >= turn.start_ms
        self.told.append(("final", turn.id))

    def of(self, kind: str) -> list[str]:
        return [turn_id for told, turn_id in self.told if told == kind]


@pytest.fixture
async def captions(engine: MeasuringEngine) -> AsyncIterator[InProcessCaptions]:
    service = InProcessCaptions(engine)
    yield service
    engine.open_gate.set()
    await service.close()


def frames(seconds: float) -> list[AudioFrame]:
    speech = sample_speech("tutor", seconds).astype(np.float32)
    return [
        AudioFrame(1000 * start / SAMPLE_RATE, speech[start : start + FRAME_SAMPLES])
        for start in range(0, len(speech), FRAME_SAMPLES)
    ]


def stream_of(captions: InProcessCaptions, heard: Heard) -> SpeechStream:
    return SpeechStream(captions, heard, "ten_test", CuttingSettings(), "en")


async def test_every_turn_starts_stops_and_has_its_words_once(captions: InProcessCaptions) -> None:
    heard = Heard()
    stream = stream_of(captions, heard)
    await stream.feed(frames(18))
    await stream.settle()
    assert len(heard.of("final")) > 1
    assert heard.of("started") == heard.of("stopped") == heard.of("final")
    assert len(set(heard.of("final"))) == len(heard.of("final"))


async def test_what_comes_after_settling_is_heard_as_well(captions: InProcessCaptions) -> None:
    heard = Heard()
    stream = stream_of(captions, heard)
    audio = frames(10)
    await stream.feed(audio[:25])  # In the middle of the first sentence.
    await stream.settle()
    assert len(heard.of("final")) == 1
    await stream.feed(audio[25:])
    await stream.settle()
    assert len(heard.of("final")) > 1


async def test_a_captioner_that_is_behind_is_waited_for(
    captions: InProcessCaptions, engine: MeasuringEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech_stream, "BUFFERED_SECONDS", 1.0)
    engine.open_gate.clear()
    heard = Heard()
    stream = stream_of(captions, heard)
    feeding = asyncio.create_task(stream.feed(frames(18)))
    await asyncio.to_thread(engine.entered.wait, 30)
    done, _ = await asyncio.wait({feeding}, timeout=0.5)
    assert not done
    engine.open_gate.set()
    await asyncio.wait_for(feeding, 30)
    await stream.settle()
    assert heard.of("started") == heard.of("final")


async def test_a_captioner_that_stays_away_ends_the_stream(
    captions: InProcessCaptions, engine: MeasuringEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech_stream, "PATIENCE_SECONDS", 0.2)
    engine.open_gate.clear()
    stream = stream_of(captions, Heard())
    await stream.feed(frames(4))
    with pytest.raises(Unavailable, match="did not keep up"):
        await stream.settle()
    await stream.drop()


def test_a_clients_voice_activity_settings_keep_their_order() -> None:
    quick = cutting_by(pause_ms=10, threshold=0.9, padding_ms=0)
    assert (quick.endpoint_silence_ms, quick.soft_pause_ms, quick.speculative_pause_ms) == (
        100,
        100,
        100,
    )
    assert quick.still_speech_probability == pytest.approx(0.75)
    assert cutting_by(threshold=0.1).still_speech_probability == pytest.approx(0.05)
    assert cutting_by(pause_ms=1_500).soft_pause_ms == CuttingSettings().soft_pause_ms
    assert cutting_by() == CuttingSettings()
