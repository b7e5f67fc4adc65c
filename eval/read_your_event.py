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
import re
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import numpy as np
import psutil

from eval.own_processes import OwnProcesses, own_processes

STREAMS_PER_LESSON = 10
WARM_SECONDS = 2.0
WAIT_SECONDS = 10.0
OPEN_AT_ONCE = 20
POSTING_CONNECTIONS = 64
EVENT_NAME = re.compile(rb'"id":"(ryt-[0-9]+-[0-9]+)"')
NAME_BYTES = 80
"""More than the longest match, so that one cut in two by the network is found whole."""


@dataclass(slots=True)
class Arrivals:
    """When each event was posted, and when each stream of its lesson had it (monotonic seconds).

    Attributes:
        deliveries: events that streams had, all together.
        gateway_busy: cores that the gateway kept busy while events were posted.
    """

    posted: dict[str, float] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    deliveries: int = 0
    gateway_busy: float = 0.0

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


class Stream(asyncio.Protocol):
    """One Server-Sent Events stream, read with as little work as possible: it shares the cores.

    Args:
        own: it is the poster's.
    """

    def __init__(self, arrivals: Arrivals, request: bytes, *, own: bool) -> None:
        self._arrivals = arrivals
        self._request = request
        self._own = own
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        self.answered = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(type(transport))
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note the events in it. Ours are named so that they are found without parsing JSON."""
        if not self.answered.done():
            self.answered.set_result(data.split(b"\r\n", 1)[0])
        data = self._rest + data
        end = 0
        for found in EVENT_NAME.finditer(data):
            end = found.end()
            name = found[1].decode()
            if name in self._arrivals.posted:  # Not one of the warming up.
                self._arrivals.arrived(name, own=self._own)
        self._rest = data[end:][-NAME_BYTES:]

    def close(self) -> None:
        """Disconnect."""
        if self._transport is not None:
            self._transport.abort()


async def open_stream(
    lectern: OwnProcesses, lesson_id: str, arrivals: Arrivals, *, own: bool
) -> Stream:
    """Open a stream of a lesson.

    Raises:
        RuntimeError: it was refused.
    """
    parts = urlsplit(lectern.url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    lines = [
        f"GET /v1/lessons/{lesson_id}/events HTTP/1.1",
        f"Host: {parts.netloc}",
        "Accept: text/event-stream",
        *(f"{name}: {value}" for name, value in lectern.headers.items()),
    ]
    request = "\r\n".join([*lines, "", ""]).encode()
    _, stream = await asyncio.get_running_loop().create_connection(
        lambda: Stream(arrivals, request, own=own), host, port
    )
    status = await stream.answered
    if b" 200 " not in status:
        raise RuntimeError(f"the stream was refused: {status.decode()}")
    return stream


@dataclass(frozen=True, slots=True)
class Class:
    """A lesson and a learner in it."""

    lesson_id: str
    subject: str

    @classmethod
    async def new(cls, api: aiohttp.ClientSession) -> Class:
        """Make both."""
        lesson = await _post(api, "/v1/lessons", {"title": "Benchmark: read your event"})
        path = f"/v1/lessons/{lesson['id']}/participants"
        learner = await _post(api, path, {"name": "Ada", "role": "learner"})
        return cls(lesson["id"], learner["id"])


async def _post(api: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with api.post(path, json=body) as response:
        response.raise_for_status()
        answer: dict[str, Any] = await response.json()
        return answer


async def post_steadily(
    api: aiohttp.ClientSession,
    classes: list[Class],
    arrivals: Arrivals,
    rate: float,
    seconds: float,
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
        answer = await _post(api, f"/v1/lessons/{target.lesson_id}/events", event)
        if answer["results"][0]["status"] != 201:
            raise RuntimeError(f"event {name}: {answer}")

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
        # Kept alive for less long than the gateway does, so that none is closed in its use.
        connector = aiohttp.TCPConnector(limit=POSTING_CONNECTIONS, keepalive_timeout=2)
        api = await stack.enter_async_context(
            aiohttp.ClientSession(lectern.url, headers=lectern.headers, connector=connector)
        )
        classes = [await Class.new(api) for _ in range(lessons)]
        wanted = [(target.lesson_id, own) for target in classes for own in range(each)]
        for start in range(0, len(wanted), OPEN_AT_ONCE):
            opened = await asyncio.gather(
                *(
                    open_stream(lectern, lesson_id, arrivals, own=number == 0)
                    for lesson_id, number in wanted[start : start + OPEN_AT_ONCE]
                )
            )
            for stream in opened:
                stack.callback(stream.close)
        await post_steadily(api, classes, Arrivals(), rate, WARM_SECONDS)
        gateway = psutil.Process(lectern.running["gateway"].pid)
        busy, clock = sum(gateway.cpu_times()[:2]), time.perf_counter()
        await post_steadily(api, classes, arrivals, rate, seconds)
        arrivals.gateway_busy = (sum(gateway.cpu_times()[:2]) - busy) / (
            time.perf_counter() - clock
        )
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
        f" {last99:>9.1f} {missing:>8} {arrivals.gateway_busy:>8.2f}",
        flush=True,
    )
    return float(p50)


async def run(lectern: OwnProcesses, arguments: argparse.Namespace) -> None:
    """One stream, many streams, one stream again; print the table."""
    print(
        "milliseconds from POST; own: the poster's stream, last: the lesson's last stream;"
        " gateway: cores that it kept busy"
    )
    print(
        f"{'streams':>8} {'events':>8} {'own p50':>9} {'own p99':>9} {'last p50':>11}"
        f" {'last p99':>9} {'missing':>8} {'gateway':>8}"
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
