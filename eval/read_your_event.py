"""Read your event: from POST to the event on the poster's own stream, with many open streams.

    python -m eval.read_your_event --streams 500 --rate 200 --seconds 30

The streams are spread over the lessons; events are posted at a steady rate, whatever the answers
take, lesson by lesson. Of each event two times count: until the poster's own stream has it, and
until the last stream of the lesson has it. In the same run, before and after, the same rate is
posted with a single stream open: the ratio says what the other streams cost.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np

from eval.live_speech import create_lesson
from eval.own_processes import OwnProcesses, own_processes

STREAMS_PER_LESSON = 10
WARM_SECONDS = 2.0
WAIT_SECONDS = 10.0
OPEN_AT_ONCE = 20


@dataclass(slots=True)
class Arrivals:
    """When each event was posted, and when each stream of its lesson had it (monotonic seconds)."""

    posted: dict[str, float] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    deliveries: int = 0

    def arrived(self, event_id: str, *, own: bool) -> None:
        """Note that a stream has an event; `own` is the poster's."""
        now = time.perf_counter()
        self.deliveries += 1
        if own:
            self.first[event_id] = now
        self.last[event_id] = now

    def milliseconds(self, arrivals: dict[str, float]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """From POST to arrival, of the events that arrived."""
        return np.array(
            [1000 * (arrivals[name] - at) for name, at in self.posted.items() if name in arrivals]
        )


class Stream:
    """One Server-Sent Events stream, read with as little work as possible: it shares the cores.

    Args:
        own: it is the poster's.
    """

    def __init__(self, arrivals: Arrivals, *, own: bool) -> None:
        self._arrivals = arrivals
        self._own = own
        self._reading: asyncio.Task[None] | None = None

    async def open(self, url: str, headers: dict[str, str], lesson_id: str) -> None:
        """Connect, and read from then on."""
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
        lines = [
            f"GET /v1/lessons/{lesson_id}/events HTTP/1.1",
            f"Host: {parts.netloc}",
            "Accept: text/event-stream",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(f"the stream was refused: {status.decode()}")
        self._reading = asyncio.create_task(self._read(reader, writer))

    async def close(self) -> None:
        """Stop reading and disconnect."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                # Ours are named so that they are found without parsing the JSON.
                start = line.find(b'"ryt-')
                if start >= 0 and line.startswith(b"data:"):
                    name = line[start + 1 : line.index(b'"', start + 1)].decode()
                    if name in self._arrivals.posted:  # Not one of the warming up.
                        self._arrivals.arrived(name, own=self._own)
        finally:
            writer.close()


@dataclass(frozen=True, slots=True)
class Class:
    """A lesson and a learner in it."""

    lesson_id: str
    subject: str

    @classmethod
    async def new(cls, api: httpx.AsyncClient) -> Class:
        """Make both."""
        lesson_id = await create_lesson(api, "Benchmark: read your event")
        learner = {"name": "Ada", "role": "learner"}
        response = await api.post(f"/v1/lessons/{lesson_id}/participants", json=learner)
        return cls(lesson_id, response.raise_for_status().json()["id"])


async def post_steadily(
    api: httpx.AsyncClient, classes: list[Class], arrivals: Arrivals, rate: float, seconds: float
) -> None:
    """Post so many events a second for so long, each at its time, without waiting for answers."""
    run = time.monotonic_ns()
    started = time.perf_counter()
    posts = []

    async def post(number: int) -> None:
        target = classes[number % len(classes)]
        name = f"ryt-{run}-{number}"
        event = {"id": name, "type": "hand.raised", "subject": target.subject}
        arrivals.posted[name] = time.perf_counter()
        response = await api.post(f"/v1/lessons/{target.lesson_id}/events", json=event)
        status = response.raise_for_status().json()["results"][0]["status"]
        if status != 201:
            raise RuntimeError(f"event {name} got {status}")

    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        posts.append(asyncio.create_task(post(number)))
    await asyncio.gather(*posts)


async def measure(
    lectern: OwnProcesses, streams: int, rate: float, seconds: float
) -> tuple[Arrivals, int]:
    """Open the streams, post, wait for the last arrival; also tell how many each event reaches."""
    lessons = max(1, streams // STREAMS_PER_LESSON)
    each = streams // lessons
    arrivals = Arrivals()
    async with AsyncExitStack() as stack:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        api = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=lectern.url,
                headers=lectern.headers,
                limits=limits,
                timeout=30,
                trust_env=False,
            )
        )
        classes = [await Class.new(api) for _ in range(lessons)]
        opened = [
            (Stream(arrivals, own=number == 0), target.lesson_id)
            for target in classes
            for number in range(each)
        ]
        for stream, _ in opened:
            stack.push_async_callback(stream.close)
        for start in range(0, len(opened), OPEN_AT_ONCE):
            await asyncio.gather(
                *(
                    stream.open(lectern.url, lectern.headers, lesson_id)
                    for stream, lesson_id in opened[start : start + OPEN_AT_ONCE]
                )
            )
        await post_steadily(api, classes, Arrivals(), rate, WARM_SECONDS)
        await post_steadily(api, classes, arrivals, rate, seconds)
        deadline = time.monotonic() + WAIT_SECONDS
        expected = each * len(arrivals.posted)
        while arrivals.deliveries < expected and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return arrivals, each


def report(arrivals: Arrivals, streams: int, each: int) -> float:
    """Print one line; return the median of the poster's own stream."""
    own = arrivals.milliseconds(arrivals.first)
    everybody = arrivals.milliseconds(arrivals.last)
    missing = each * len(arrivals.posted) - arrivals.deliveries
    p50, p99 = np.percentile(own, [50, 99])
    last50, last99 = np.percentile(everybody, [50, 99])
    print(
        f"{streams:>8} {len(arrivals.posted):>8} {p50:>9.1f} {p99:>9.1f} {last50:>11.1f}"
        f" {last99:>9.1f} {missing:>8}",
        flush=True,
    )
    return float(p50)


async def run(lectern: OwnProcesses, arguments: argparse.Namespace) -> None:
    """One stream, many streams, one stream again; print the table."""
    print("milliseconds from POST; own: the poster's stream, last: the lesson's last stream")
    print(
        f"{'streams':>8} {'events':>8} {'own p50':>9} {'own p99':>9} {'last p50':>11}"
        f" {'last p99':>9} {'missing':>8}"
    )
    medians = {}
    for name, streams in (("before", 1), ("many", arguments.streams), ("after", 1)):
        seconds = arguments.seconds if name == "many" else arguments.seconds / 3
        arrivals, each = await measure(lectern, streams, arguments.rate, seconds)
        medians[name] = report(arrivals, streams, each)
    alone = (medians["before"] + medians["after"]) / 2
    print(f"ratio of the medians, many streams to one: {medians['many'] / alone:.2f}")


def main() -> None:
    """Run the benchmark on a Lectern of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--streams", type=int, default=100, help="open streams")
    parser.add_argument("--rate", type=float, default=50, help="events a second")
    parser.add_argument("--seconds", type=float, default=10, help="how long to post")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="lectern-") as folder,
        own_processes(Path(folder), commands=("gateway",), rate_limit_per_minute="0") as lectern,
    ):
        asyncio.run(run(lectern, arguments))


if __name__ == "__main__":
    main()
