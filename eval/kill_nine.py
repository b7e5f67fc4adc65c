"""kill -9 of every process but the models, under load: what is lost or doubled.

    python -m eval.kill_nine --kills 50

Writers post into lessons of their own and repeat until they are answered; readers follow every
lesson; a voice is published into one more lesson, again after every break, and captioned. Each kill
comes at a random moment after the load has gone on past the one before. In the end the ledgers are
compared with what was acknowledged and with what was read; what was inferred of the writers'
learners meanwhile must be told once for each moment, and go on after every kill.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from eval.live_speech import create_lesson, publish_track, read_events
from eval.own_processes import OwnProcesses, own_processes
from eval.steady_writers import Findings, Reader, Writer, findings
from lessons.errors import LecternError
from lessons.events import EngagementSignal
from serving.samples import SAMPLE_FOLDER

EVENTS_BETWEEN_KILLS = 15
"""Events of every writer that are acknowledged after a kill, before the next one comes."""

RANDOM_SECONDS = 1.0
RECOVERY_SECONDS = 60.0
REPUBLISH_SECONDS = 1.0
SIGNAL_MS = 30_000
"""How often a state is told again while it holds."""
SIGNALS_BACK_SECONDS = 120.0
"""Longest time until the next signals: a start, the lesson gone through again, the state held."""

CATCH_UP_SECONDS = 30.0
POLL_SECONDS = 0.02


@dataclass(slots=True)
class Load:
    """Writers, readers and one voice.

    Attributes:
        voice: reads the lesson into which the voice is published.
    """

    api: httpx.AsyncClient
    writers: list[Writer]
    readers: list[Reader]
    voice: Reader
    _running: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    async def on(cls, api: httpx.AsyncClient, lessons: int) -> Load:
        """Make the lessons."""
        writers = [await Writer.of_new_lesson(api, number) for number in range(lessons)]
        readers = [Reader(api, writer.lesson_id) for writer in writers]
        voice = Reader(api, await create_lesson(api, "Benchmark: kill -9, a voice"))
        for writer in writers:  # Nobody is followed in a lesson that has not begun.
            (await api.post(f"/v1/lessons/{writer.lesson_id}/start")).raise_for_status()
        return cls(api, writers, readers, voice)

    def start(self) -> None:
        """Let them all begin."""
        endless = [
            *(writer.write_forever() for writer in self.writers),
            *(reader.read_forever() for reader in [*self.readers, self.voice]),
            self._speak_forever(),
        ]
        self._running = [asyncio.create_task(work) for work in endless]

    async def stop(self) -> None:
        """Stop writing, let the readers catch up, and stop them too.

        Raises:
            RuntimeError: a writer was refused.
        """
        writing, reading = self._running[: len(self.writers)], self._running[len(self.writers) :]
        for task in writing:
            task.cancel()
        outcomes = await asyncio.gather(*writing, return_exceptions=True)
        await self._caught_up()
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, RuntimeError):
                raise outcome

    async def _caught_up(self) -> None:
        deadline = time.monotonic() + CATCH_UP_SECONDS
        for reader, writer in zip(self.readers, self.writers, strict=True):
            last = max(writer.acknowledged.values(), default=0)
            while reader.last < last and time.monotonic() < deadline:  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)

    async def _speak_forever(self) -> None:
        """Publish the sample's tutor over and over, as a client that does not give up."""
        while True:
            try:
                await publish_track(
                    self.api, self.voice.lesson_id, "Tutor", SAMPLE_FOLDER / "tutor.opus"
                )
            except (LecternError, httpx.HTTPError):
                await asyncio.sleep(REPUBLISH_SECONDS)

    async def go_on(self, *, voice: bool = False, signals: bool = False) -> float:
        """Wait until every writer has got further; return the seconds.

        Args:
            voice: wait for the voice as well.
            signals: wait for another signal about every writer's learner as well.

        Raises:
            RuntimeError: that took more than a minute, or two with signals.
        """
        started = time.monotonic()
        targets = {
            writer.lesson_id: len(writer.acknowledged) + EVENTS_BETWEEN_KILLS
            for writer in self.writers
        }
        heard, told = self.voice.last, [_signals_read(one) for one in self.readers]
        while (
            any(len(one.acknowledged) < targets[one.lesson_id] for one in self.writers)
            or (voice and self.voice.last <= heard)
            or (signals and any(map(_is_silent_since, self.readers, told)))
        ):
            if time.monotonic() - started > (SIGNALS_BACK_SECONDS if signals else RECOVERY_SECONDS):
                raise RuntimeError("the load does not go on")
            await asyncio.sleep(POLL_SECONDS)
        return time.monotonic() - started

    async def findings(self) -> Findings:
        """What became of every lesson."""
        total = await findings(self.voice, {})
        for reader, writer in zip(self.readers, self.writers, strict=True):
            total += await findings(reader, writer.acknowledged)
        return total

    async def signals(self) -> SignalFindings:
        """What was inferred of the writers' learners."""
        total = SignalFindings(0, 0, 0)
        for writer in self.writers:
            total += signal_findings(await read_events(self.api, writer.lesson_id))
        return total


@dataclass(frozen=True, slots=True)
class SignalFindings:
    """Signals about learners; of both others there must be none.

    Attributes:
        told: how many there are.
        doubled: moments of a learner that are told of more than once.
        missing: times that nothing was told of a learner for longer than a recovery takes.
    """

    told: int
    doubled: int
    missing: int

    def __add__(self, other: SignalFindings) -> SignalFindings:
        return SignalFindings(
            self.told + other.told, self.doubled + other.doubled, self.missing + other.missing
        )


def signal_findings(events: Sequence[Mapping[str, Any]]) -> SignalFindings:
    """Look at the signals among a lesson's events, as they came from the API."""
    ends: defaultdict[str, list[int]] = defaultdict(list)
    for event in events:
        if event["type"] == EngagementSignal.type:
            ends[event["subject"]].append(event["data"]["end_ms"])
    longest_ms = SIGNAL_MS + 1000 * SIGNALS_BACK_SECONDS
    return SignalFindings(
        told=sum(map(len, ends.values())),
        doubled=sum(len(of_one) - len(set(of_one)) for of_one in ends.values()),
        missing=sum(
            later - earlier > longest_ms
            for of_one in ends.values()
            for earlier, later in itertools.pairwise(sorted(of_one))
        ),
    )


def _signals_read(reader: Reader) -> int:
    return sum(name.startswith("signal:") for name in reader.read.values())


def _is_silent_since(reader: Reader, told: int) -> bool:
    return _signals_read(reader) <= told


async def kill_often(
    load: Load, kill: Callable[[], None], kills: int, *, voice: bool, signals: bool
) -> list[float]:
    """Kill so many times; return the seconds until the load had gone on after each kill."""
    recovered = []
    for _ in range(kills):
        await asyncio.sleep(random.uniform(0, RANDOM_SECONDS))
        await asyncio.to_thread(kill)
        recovered.append(await load.go_on(voice=voice, signals=signals))
    return recovered


async def run(lectern: OwnProcesses, arguments: argparse.Namespace) -> int:
    """Kill each target in turn and print a line for it; return how much was lost or doubled."""
    kills: dict[str, Callable[[], None]] = {
        "gateway": lectern.running["gateway"].kill,
        "ingest": lectern.running["ingest"].kill,
        "jobs": lectern.running["jobs"].kill,
        "engagement": lectern.running["engagement"].kill,
        "postgres": lectern.kill_postgres,
    }
    print(
        f"{'killed':>10} {'times':>6} {'acknowledged':>13} {'resent':>7} {'lost':>5} {'doubled':>8}"
        f" {'gaps':>5} {'misread':>8} {'voice':>6} {'signals':>8} {'doubled':>8} {'missing':>8}"
        f" {'back after':>11}",
        flush=True,
    )
    faults = 0
    for target in arguments.targets:
        async with AsyncExitStack() as stack:
            api = await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=lectern.url,
                    headers=lectern.headers,
                    limits=httpx.Limits(max_connections=None),
                    trust_env=False,
                )
            )
            load = await Load.on(api, arguments.lessons)
            load.start()
            signals = target == "engagement"
            await load.go_on(voice=True, signals=signals)
            seconds = await kill_often(
                load,
                kills[target],
                arguments.kills,
                voice=target == "ingest",
                signals=signals,
            )
            await load.stop()
            found, inferred = await load.findings(), await load.signals()
            faults += found.lost + found.doubled + found.gaps + found.misread
            faults += inferred.doubled + inferred.missing
            print(
                f"{target:>10} {arguments.kills:>6}"
                f" {sum(len(writer.acknowledged) for writer in load.writers):>13}"
                f" {sum(writer.resends for writer in load.writers):>7} {found.lost:>5}"
                f" {found.doubled:>8} {found.gaps:>5} {found.misread:>8} {load.voice.last:>6}"
                f" {inferred.told:>8} {inferred.doubled:>8} {inferred.missing:>8}"
                f" {statistics.median(seconds):>9.1f} s",
                flush=True,
            )
    return faults


def main() -> None:
    """Run the benchmark on a Lectern of its own; ends with 1 if anything was lost or doubled."""
    targets = ["gateway", "ingest", "jobs", "engagement", "postgres"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=3, help="kills of each target")
    parser.add_argument("--lessons", type=int, default=4, help="lessons that are written to")
    parser.add_argument("--targets", nargs="+", choices=targets, default=targets)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="lectern-") as folder,
        own_processes(
            Path(folder), caption_engine="pocketsphinx", rate_limit_per_minute="0"
        ) as lectern,
    ):
        faults = asyncio.run(run(lectern, arguments))
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
