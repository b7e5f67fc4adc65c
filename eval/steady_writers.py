"""Clients that write and read through every outage, and what they found at the end.

A writer posts batches under ids of its own and repeats a batch until each of its events is
acknowledged. A reader follows a lesson's stream and resumes from the last event that it read.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from eval.live_speech import create_lesson, read_events

EVENTS_PER_POST = 5
RETRY_SECONDS = 0.05
PAUSE_SECONDS = 0.05
REQUEST_SECONDS = 5.0
STREAM_SILENCE_SECONDS = 40.0


@dataclass(slots=True)
class Writer:
    """Writes into one lesson.

    Attributes:
        acknowledged: sequence number by id, as the answer told it.
        resends: batches that had to be sent again.
    """

    api: httpx.AsyncClient
    lesson_id: str
    subject: str
    acknowledged: dict[str, int] = field(default_factory=dict)
    resends: int = 0
    contradictions: int = 0
    _next: int = 0

    @classmethod
    async def of_new_lesson(cls, api: httpx.AsyncClient, number: int) -> Writer:
        """Make a lesson and a learner in it."""
        lesson_id = await create_lesson(api, f"Benchmark: kill -9, {number}")
        learner = {"name": "Ada", "role": "learner"}
        response = await api.post(f"/v1/lessons/{lesson_id}/participants", json=learner)
        return cls(api, lesson_id, response.raise_for_status().json()["id"])

    async def write_forever(self) -> None:
        """Post batch after batch."""
        while True:
            events = [self._event() for _ in range(EVENTS_PER_POST)]
            while not await self._post(events):
                self.resends += 1
                await asyncio.sleep(RETRY_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS)

    def _event(self) -> dict[str, Any]:
        self._next += 1
        return {"id": f"event-{self._next}", "type": "hand.raised", "subject": self.subject}

    async def _post(self, events: list[dict[str, Any]]) -> bool:
        """Post a batch; true once every event of it is acknowledged."""
        try:
            response = await self.api.post(
                f"/v1/lessons/{self.lesson_id}/events",
                json={"events": events},
                timeout=REQUEST_SECONDS,
            )
        except httpx.HTTPError:
            return False
        if response.status_code >= 500:
            return False
        for result in response.raise_for_status().json()["results"]:
            if result["status"] not in (200, 201):
                raise RuntimeError(f"refused: {result}")
            known = self.acknowledged.setdefault(result["id"], result["sequence"])
            self.contradictions += known != result["sequence"]
        return True


@dataclass(slots=True)
class Reader:
    """Follows one lesson; `read` has the ids in the order in which they came, by sequence."""

    api: httpx.AsyncClient
    lesson_id: str
    read: dict[int, str] = field(default_factory=dict)
    last: int = 0
    out_of_order: int = 0
    reconnects: int = 0

    async def read_forever(self) -> None:
        """Read the stream, and resume it after every break."""
        while True:
            with suppress(httpx.HTTPError):
                await self._follow()
            self.reconnects += 1
            await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        headers = {"Accept": "text/event-stream"}
        path = f"/v1/lessons/{self.lesson_id}/events?after={self.last}"
        async with self.api.stream(
            "GET", path, headers=headers, timeout=STREAM_SILENCE_SECONDS
        ) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                if line.startswith("data:"):
                    self._take(json.loads(line.removeprefix("data:")))

    def _take(self, event: dict[str, Any]) -> None:
        sequence = event.get("ledgersequence")
        if sequence is None:  # Something that passes by.
            return
        self.out_of_order += sequence != self.last + 1
        self.read[sequence] = event["id"]
        self.last = sequence


@dataclass(frozen=True, slots=True)
class Findings:
    """What became of a lesson's events: all of these have to be 0.

    Attributes:
        lost: acknowledged, or seen on a stream, and not in the ledger under the told number.
        doubled: in the ledger more than once.
        gaps: sequence numbers that are missing.
        misread: read from a stream out of order, twice, or not at all.
    """

    lost: int
    doubled: int
    gaps: int
    misread: int

    def __add__(self, other: Findings) -> Findings:
        return Findings(
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.gaps + other.gaps,
            self.misread + other.misread,
        )


async def findings(reader: Reader, acknowledged: dict[str, int]) -> Findings:
    """Compare a lesson's ledger with what was acknowledged and with what was read of it."""
    stored = await read_events(reader.api, reader.lesson_id)
    numbers = {event["ledgersequence"]: event["id"] for event in stored}
    told = [(sequence, name) for name, sequence in acknowledged.items()]
    lost = sum(numbers.get(sequence) != name for sequence, name in [*told, *reader.read.items()])
    doubled = sum(count - 1 for count in Counter(event["id"] for event in stored).values())
    gaps = max(numbers, default=0) - len(numbers)
    unread = sum(sequence <= reader.last and sequence not in reader.read for sequence in numbers)
    return Findings(lost, doubled, gaps, reader.out_of_order + unread)
