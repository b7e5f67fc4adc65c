"""Word error rate and latency of live captions: clips published in real time by the public API.

    python -m eval.live_captions

The clips are the development speech (see `eval/data.py`), never used for tuning. Latency is from
the end of speech to the final caption's being made, both on the lesson clock.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import httpx

from eval.data import Clip, development_speech
from eval.live_speech import Final, create_lesson, percentiles, publish_track, settled_finals
from eval.own_lectern import OwnLectern, own_lectern
from eval.process_costs import cpu_seconds
from eval.scoring import score


async def caption_clip(api: httpx.AsyncClient, clip: Clip) -> list[Final]:
    """Publish one clip in a lesson of its own; give its finals in order of time."""
    lesson_id = await create_lesson(api, f"Benchmark: {clip.id}")
    participant_id = await publish_track(api, lesson_id, clip.speaker, clip.path)
    finals = (await settled_finals(api, lesson_id, 1)).get(participant_id, [])
    await api.post(f"/v1/lessons/{lesson_id}/end")
    return sorted(finals, key=lambda final: final.start_ms)


async def run(lectern: OwnLectern, clips: list[Clip]) -> None:
    """Publish every clip, one after the other, and print the table."""
    audio_seconds = sum(clip.duration_seconds for clip in clips)
    cpu_before, started = cpu_seconds(lectern.supervisor), time.monotonic()
    async with httpx.AsyncClient(
        base_url=lectern.url, headers=lectern.headers, timeout=30, trust_env=False
    ) as api:
        engine = (await api.get("/v1/models")).json()["captions"]
        heard: list[str] = []
        latencies: list[float] = []
        for number, clip in enumerate(clips, 1):
            finals = await caption_clip(api, clip)
            heard.append(" ".join(final.text for final in finals))
            latencies += [final.latency_ms for final in finals]
            print(f"  {number}/{len(clips)} {clip.id}: {len(finals)} finals", flush=True)
    cpu, wall = cpu_seconds(lectern.supervisor) - cpu_before, time.monotonic() - started
    result = score([clip.reference for clip in clips], heard)
    print(f"engine: {engine['engine']} {engine['model']} on {engine['device']}")
    print(f"speech: {len(clips)} clips, {audio_seconds:.0f} s, published in {wall:.0f} s")
    print(
        f"word error rate: {result.word_error_rate:.1%} "
        f"(95 % interval {result.low:.1%} to {result.high:.1%} over clips)"
    )
    print(f"speech end -> final: {percentiles(latencies)}")
    print(f"CPU of the whole installation: {cpu / audio_seconds:.2f} s per second of speech")


def main() -> None:
    """Run the benchmark on a Lectern of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--clips", type=int, help="only the first so many clips")
    arguments = parser.parse_args()
    clips = development_speech()[: arguments.clips]
    with (
        tempfile.TemporaryDirectory(prefix="lectern-") as folder,
        own_lectern(Path(folder), ingest_workers="1") as lectern,
    ):
        asyncio.run(run(lectern, clips))


if __name__ == "__main__":
    main()
