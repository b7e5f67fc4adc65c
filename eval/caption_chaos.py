"""Live captions while the gateway, the ingest worker and the captioner's replica are killed.

    python -m eval.caption_chaos --lessons 8 --minutes 10

Each lesson has one voice, the sample's tutor over and over, published by WHIP by a client that
does not give up: when its track is told to have ended, or its connection is lost, it publishes
again. One reader follows each lesson and resumes by cursor. Once every lesson has its first
caption, one of the three processes, drawn at random, is killed with signal 9 every few seconds:
the next one when publishers are taken again and a random pause is over. In the end the ledgers are
read.

What must be 0, whatever is killed:

- lost: a final that a reader saw, and that is not in the ledger under the number it had;
- doubled: two finals with one id, or two of one track for the same moment of speech;
- gaps and misread: a missing sequence number; a stream that was out of order or incomplete.

What is lost when an ingest worker dies, and is counted for what it is: speech in its memory. That
is the utterance that was being spoken, finished utterances that waited for the captioner, finals
that PostgreSQL had not taken, and what was spoken until the client had published again. A client
sends no speech twice, so nobody can bring it back. Utterances are known by their
`speaking.started`; one is *cut off* if its track was lost with its worker and no final covers it.
One without a final on a track whose worker lived is *unheard*: the captioner found no words in it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psutil

from eval.live_speech import create_lesson, percentiles, read_events
from eval.own_processes import OwnProcesses, own_processes
from eval.steady_writers import Findings, Reader, findings
from lessons.errors import LecternError
from media_ingest.publisher import WhipPublisher
from serving.samples import SAMPLE_FOLDER

SPEECH = SAMPLE_FOLDER / "tutor.opus"
REPLICA = "ray::ServeReplica:lectern:Captioner"
LONGEST_PAUSE_SECONDS = 8.0
READY_SECONDS = 240.0
POLL_SECONDS = 0.2
REPUBLISH_SECONDS = 1.0
SETTLE_SECONDS = 180.0
QUIET_SECONDS = 15.0
"""No event in any lesson for so long, and everything that was said is captioned or gone."""

Events = list[dict[str, Any]]


@dataclass(slots=True)
class Voice:
    """One lesson's speaker and its reader.

    Attributes:
        publications: how often it has published.
        refusals: how often it was not let in and tried again.
    """

    api: httpx.AsyncClient
    reader: Reader
    participant_id: str
    publications: int = 0
    refusals: int = 0
    publishing: WhipPublisher | None = field(default=None)

    @classmethod
    async def in_new_lesson(cls, api: httpx.AsyncClient, number: int) -> Voice:
        """Make a lesson and its tutor."""
        lesson_id = await create_lesson(api, f"Benchmark: caption chaos {number}")
        tutor = {"name": "Tutor", "role": "instructor"}
        response = await api.post(f"/v1/lessons/{lesson_id}/participants", json=tutor)
        return cls(api, Reader(api, lesson_id), response.raise_for_status().json()["id"])

    async def speak_forever(self) -> None:
        """Publish, and publish again whenever that ends for whatever reason."""
        while True:
            try:
                await self._publish()
            except (LecternError, httpx.HTTPError):
                self.refusals += 1
                await asyncio.sleep(REPUBLISH_SECONDS)

    async def watch_forever(self) -> None:
        """Do as a client does that follows its lesson: when its track has ended, begin anew."""
        ended = 0
        while True:
            with suppress(httpx.HTTPError):
                events = await read_events(self.api, self.reader.lesson_id)
                told = sum(event["type"] == "track.ended" for event in events)
                if told > ended and self.publishing is not None:
                    self.publishing.stop()
                ended = told
            await asyncio.sleep(REPUBLISH_SECONDS)

    async def has_final(self) -> bool:
        """Whether anything of it is captioned yet."""
        events = await read_events(self.api, self.reader.lesson_id)
        return any(event["type"] == "caption.final" for event in events)

    async def _publish(self) -> None:
        path = f"/v1/lessons/{self.reader.lesson_id}"
        answer = await self.api.post(f"{path}/participants/{self.participant_id}/token", json={})
        token = answer.raise_for_status().json()["token"]
        url = str(self.api.base_url.copy_with(path=f"{path}/whip"))
        self.publishing = WhipPublisher(url, token, SPEECH)
        self.publications += 1
        try:
            await self.publishing.publish()
        finally:
            self.publishing = None


@dataclass(slots=True)
class Heard:
    """What became of what was said in one lesson or in several.

    Attributes:
        finals: final captions in the ledger.
        utterances: that began, as the ledger tells.
        cut_off: without a final, on a track whose worker was killed.
        unheard: without a final, on a track whose worker lived.
        overlapping: finals of one track that cover the same moment.
        latencies_ms: from the end of speech to the final.
    """

    finals: int = 0
    utterances: int = 0
    cut_off: int = 0
    unheard: int = 0
    overlapping: int = 0
    latencies_ms: list[float] = field(default_factory=list)

    def add(self, events: Events) -> None:
        """Add one lesson."""
        by_track: defaultdict[str, Events] = defaultdict(list)
        for event in events:
            if track_id := event["data"].get("track_id"):
                by_track[track_id].append(event)
        for of_track in by_track.values():
            self._add_track(of_track)

    def _add_track(self, events: Events) -> None:
        finals = [event["data"] for event in events if event["type"] == "caption.final"]
        finals.sort(key=lambda final: int(final["start_ms"]))
        self.finals += len(finals)
        self.overlapping += sum(
            one["end_ms"] > other["start_ms"] for one, other in pairwise(finals)
        )
        self.latencies_ms += [one["finalised_at_ms"] - one["speech_end_ms"] for one in finals]
        ends = [event["data"]["reason"] for event in events if event["type"] == "track.ended"]
        starts = [
            event["data"]["start_ms"] for event in events if event["type"] == "speaking.started"
        ]
        self.utterances += len(starts)
        for start, following in pairwise([*starts, float("inf")]):
            if not any(start <= final["speech_end_ms"] < following for final in finals):
                self.cut_off += "worker lost" in ends
                self.unheard += "worker lost" not in ends


def kill_replica(models_pid: int) -> None:
    """Kill the captioner's replicas with signal 9; Serve starts others."""
    for process in psutil.Process(models_pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess, IndexError):
            if process.cmdline()[0].startswith(REPLICA):
                process.kill()


async def kill_at_random(
    api: httpx.AsyncClient, kills: Mapping[str, Callable[[], None]], seconds: float
) -> Counter[str]:
    """Kill one of them every few seconds for so long; return how often each was killed."""
    done: Counter[str] = Counter()
    ends_at = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends_at:
        target = random.choice(list(kills))
        await asyncio.to_thread(kills[target])
        done[target] += 1
        await ready(api)
        await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))
    return done


async def ready(api: httpx.AsyncClient) -> None:
    """Wait until the gateway answers and has a worker that takes publishers."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            with suppress(httpx.HTTPError):
                if (await api.get("/ready")).is_success:
                    return
            await asyncio.sleep(POLL_SECONDS)


async def all_heard(voices: list[Voice]) -> None:
    """Wait until every lesson has its first final."""
    async with asyncio.timeout(READY_SECONDS):
        for voice in voices:
            while not await voice.has_final():  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)


async def settle(voices: list[Voice]) -> None:
    """Wait until nothing more comes of what was said."""
    quiet_since, last = 0.0, [0]
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + SETTLE_SECONDS
    while loop.time() < ends_at:
        now = [voice.reader.last for voice in voices]
        if now != last:
            quiet_since, last = loop.time(), now
        elif loop.time() - quiet_since > QUIET_SECONDS:
            return
        await asyncio.sleep(REPUBLISH_SECONDS)


async def run(lectern: OwnProcesses, lessons: int, seconds: float) -> int:
    """Speak, kill and count; return how much was lost or doubled that must not be."""
    processes = lectern.running
    kills = {
        "gateway": processes["gateway"].kill,
        "ingest": processes["ingest"].kill,
        "replica": lambda: kill_replica(processes["models"].pid),
    }
    async with httpx.AsyncClient(
        base_url=lectern.url,
        headers=lectern.headers,
        limits=httpx.Limits(max_connections=None),
        timeout=30,
        trust_env=False,
    ) as api:
        voices = [await Voice.in_new_lesson(api, number) for number in range(lessons)]
        reading = [asyncio.create_task(voice.reader.read_forever()) for voice in voices]
        speaking = [
            asyncio.create_task(work)
            for voice in voices
            for work in (voice.speak_forever(), voice.watch_forever())
        ]
        await all_heard(voices)
        killed = await kill_at_random(api, kills, seconds)
        await stop(speaking)
        await settle(voices)
        await stop(reading)
        total, heard = Findings(0, 0, 0, 0), Heard()
        for voice in voices:
            total += await findings(voice.reader, {})
            heard.add(await read_events(api, voice.reader.lesson_id))
    tell(killed, voices, total, heard)
    return total.lost + total.doubled + total.gaps + total.misread + heard.overlapping


async def stop(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for their ends."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def tell(killed: Counter[str], voices: list[Voice], total: Findings, heard: Heard) -> None:
    """Print what was found."""
    print(f"killed: {', '.join(f'{name} {times}' for name, times in sorted(killed.items()))}")
    print(f"publications: {sum(voice.publications for voice in voices)} in {len(voices)} lessons")
    print(f"readers' reconnects: {sum(voice.reader.reconnects for voice in voices)}")
    print(f"finals: {heard.finals}; {percentiles(heard.latencies_ms)}")
    print(f"finals lost that a reader had seen: {total.lost}")
    print(f"finals doubled: {total.doubled} by id, {heard.overlapping} by what they cover")
    print(f"gaps in the ledgers: {total.gaps}; misread by readers: {total.misread}")
    print(
        f"utterances begun: {heard.utterances}; cut off with a killed worker: {heard.cut_off}; "
        f"unheard by the captioner: {heard.unheard}"
    )


def main() -> None:
    """Run the benchmark on a Lectern of its own; ends with 1 if what must not happen did."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--lessons", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=10.0)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="lectern-") as folder,
        own_processes(
            Path(folder), caption_engine="pocketsphinx", ingest_capacity_peers="100"
        ) as lectern,
    ):
        faults = asyncio.run(run(lectern, arguments.lessons, 60 * arguments.minutes))
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
