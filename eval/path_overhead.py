"""What the path adds: gateway, Ray Serve and ledger against a direct call of the engine.

    python -m eval.path_overhead

Each window of speech is transcribed by an engine in this process, and then by the same engine at
the end of the path: bridge, Serve deployment, `caption.final` into the ledger, and out of the
gateway's event stream. One after the other, window by window, so that both meet the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import httpx
import numpy as np

from eval.live_speech import create_lesson
from eval.own_lectern import OwnLectern, own_lectern
from lessons.identifiers import new_id
from lessons.roles import Role
from lessons.store import Database, EmbeddedPostgres, Ledger
from media_ingest.frames import SAMPLE_RATE, SpeechWindow
from media_ingest.recording import read_recording
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from models.captions.interface import CaptionEngine, CaptionWindow
from models.captions.pocketsphinx_engine import PocketsphinxEngine
from serving.captioning.client import CaptionClient
from serving.live.caption_drafts import Speaker, final_caption
from serving.samples import SAMPLE_FOLDER
from serving.settings import DEFAULT_TENANT, load_settings


def sample_windows(count: int) -> list[SpeechWindow]:
    """The first final windows of the sample lesson's tutor."""
    (track,) = read_recording(SAMPLE_FOLDER / "tutor.opus").tracks
    cutter = UtteranceCutter(SpeechGate(), CuttingSettings())
    finals = (
        window for frame in track.frames() for window in cutter.feed(frame) if window.ends_utterance
    )
    return list(islice(finals, count))


def direct_ms(engine: CaptionEngine, window: SpeechWindow) -> float:
    """Milliseconds that the engine takes in this process."""
    started = time.perf_counter()
    engine.transcribe([CaptionWindow("direct", window.samples)])
    return 1000 * (time.perf_counter() - started)


async def event_types(api: httpx.AsyncClient, lesson_id: str) -> AsyncIterator[str]:
    """The types of the events on a lesson's stream, as they arrive."""
    headers = {"Accept": "text/event-stream"}
    async with api.stream(
        "GET", f"/v1/lessons/{lesson_id}/events", headers=headers, timeout=None
    ) as response:
        async for line in response.aiter_lines():
            if line.startswith("event:"):
                yield line.removeprefix("event:").strip()


@dataclass(slots=True)
class Timings:
    """Milliseconds of each window: engine alone, models process alone, the whole path."""

    direct: list[float] = field(default_factory=list)
    models: list[float] = field(default_factory=list)
    path: list[float] = field(default_factory=list)


async def new_speaker(api: httpx.AsyncClient) -> Speaker:
    """A participant of a new lesson."""
    lesson_id = await create_lesson(api, "Benchmark: overhead")
    response = await api.post(
        f"/v1/lessons/{lesson_id}/participants", json={"name": "Ada", "role": "learner"}
    )
    participant_id = response.raise_for_status().json()["id"]
    return Speaker(DEFAULT_TENANT, lesson_id, participant_id, "Ada", Role.LEARNER, new_id("trk"))


async def path_ms(
    captions: CaptionClient,
    ledger: Ledger,
    speaker: Speaker,
    window: SpeechWindow,
    events: AsyncIterator[str],
) -> tuple[float, float]:
    """Milliseconds until the words are back, and until a reader has the final caption."""
    started = time.perf_counter()
    heard = await captions.transcribe(CaptionWindow("path", window.samples))
    back_ms = 1000 * (time.perf_counter() - started)
    draft = final_caption(speaker, new_id("cap"), 1, window, heard, None)
    await ledger.append(speaker.tenant_id, speaker.lesson_id, [draft])
    async for event in events:
        if event == "caption.final":
            break
    return back_ms, 1000 * (time.perf_counter() - started)


async def run(lectern: OwnLectern, count: int) -> None:
    """Measure every window both ways and print the comparison."""
    engine = PocketsphinxEngine(processes=1)
    url = EmbeddedPostgres(lectern.data_dir / "postgres").start()
    database = Database(url, master_key=load_settings(data_dir=lectern.data_dir).sealing_key())
    windows = [window for window in sample_windows(count) if has_words(engine, window)]
    timings = Timings()
    try:
        async with (
            httpx.AsyncClient(
                base_url=lectern.url, headers=lectern.headers, timeout=30, trust_env=False
            ) as api,
            CaptionClient(lectern.models_url) as captions,
        ):
            speaker = await new_speaker(api)
            events = event_types(api, speaker.lesson_id)
            for window in windows:
                timings.direct.append(direct_ms(engine, window))
                back_ms, whole_ms = await path_ms(
                    captions, Ledger(database), speaker, window, events
                )
                timings.models.append(back_ms)
                timings.path.append(whole_ms)
    finally:
        engine.close()
        await database.dispose()
    report(timings, sum(len(window.samples) for window in windows) / SAMPLE_RATE)


def has_words(engine: CaptionEngine, window: SpeechWindow) -> bool:
    """Whether the window leaves a caption; also warms the engine up."""
    (hypothesis,) = engine.transcribe([CaptionWindow("warm-up", window.samples)])
    return bool(hypothesis.words)


def report(timings: Timings, speech_seconds: float) -> None:
    """Print medians, paired window by window."""
    direct, models, path = (
        np.array(values) for values in (timings.direct, timings.models, timings.path)
    )
    print(f"{len(path)} windows, {speech_seconds:.0f} s of speech")
    print(f"engine in this process:        p50 {np.median(direct):.0f} ms a window")
    print(f"through bridge and Ray Serve:  p50 {np.median(models):.0f} ms")
    print(f"... and ledger and gateway:    p50 {np.median(path):.0f} ms")
    print(f"added by the whole path:       p50 {np.median(path - direct):.0f} ms a window")
    print(f"ratio of the path to a direct call: {np.median(path / direct):.3f}")


def main() -> None:
    """Run the benchmark on a Lectern of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--windows", type=int, default=20, help="windows to compare")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="lectern-") as folder,
        own_lectern(Path(folder), ingest_workers="1", caption_engine="pocketsphinx") as lectern,
    ):
        asyncio.run(run(lectern, arguments.windows))


if __name__ == "__main__":
    main()
