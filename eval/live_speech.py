"""Publishes audio files into lessons of a running Lectern, and reads back what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from media_ingest.publisher import WhipPublisher

SETTLE_SECONDS = 60.0
"""Longest wait for the captions of the last words."""


@dataclass(frozen=True, slots=True)
class Final:
    """One final caption, as the API gives it; latency from the end of speech, in milliseconds."""

    start_ms: int
    text: str
    latency_ms: int


async def join_lesson(api: httpx.AsyncClient, lesson_id: str, name: str) -> tuple[str, str, str]:
    """Add a learner; return the participant's id, where to publish and the token for it."""
    response = await api.post(
        f"/v1/lessons/{lesson_id}/participants", json={"name": name, "role": "learner"}
    )
    participant_id: str = response.raise_for_status().json()["id"]
    token = await api.post(f"/v1/lessons/{lesson_id}/participants/{participant_id}/token", json={})
    whip_url = str(api.base_url.copy_with(path=f"/v1/lessons/{lesson_id}/whip"))
    return participant_id, whip_url, token.raise_for_status().json()["token"]


async def publish_track(api: httpx.AsyncClient, lesson_id: str, name: str, audio: Path) -> str:
    """Publish a file as a new participant at real-time pace; return the participant's id."""
    participant_id, whip_url, token = await join_lesson(api, lesson_id, name)
    await WhipPublisher(whip_url, token, audio).publish()
    return participant_id


async def create_lesson(api: httpx.AsyncClient, title: str) -> str:
    """Create a lesson and return its id."""
    response = await api.post("/v1/lessons", json={"title": title})
    lesson_id: str = response.raise_for_status().json()["id"]
    return lesson_id


async def settled_finals(
    api: httpx.AsyncClient, lesson_id: str, participants: int
) -> dict[str, list[Final]]:
    """Wait until everybody's last words are final; give the finals of each participant."""
    async with asyncio.timeout(SETTLE_SECONDS):
        while True:
            events = await read_events(api, lesson_id)
            if sum(event["type"] == "participant.left" for event in events) >= participants:
                break
            await asyncio.sleep(0.5)
    finals: dict[str, list[Final]] = {}
    for event in events:
        if event["type"] == "caption.final":
            data = event["data"]
            latency_ms = data["finalised_at_ms"] - data["speech_end_ms"]
            final = Final(data["start_ms"], data["text"], latency_ms)
            finals.setdefault(data["participant_id"], []).append(final)
    return finals


async def read_events(api: httpx.AsyncClient, lesson_id: str) -> list[dict[str, Any]]:
    """All events of a lesson, in order."""
    events: list[dict[str, Any]] = []
    while True:
        after = events[-1]["ledgersequence"] if events else 0
        response = await api.get(
            f"/v1/lessons/{lesson_id}/events", params={"after": after, "limit": 1000}
        )
        page: list[dict[str, Any]] = response.raise_for_status().json()["events"]
        events += page
        if len(page) < 1000:
            return events


def percentiles(values: Sequence[float]) -> str:
    """Median and 95th percentile in seconds, from milliseconds."""
    if not values:
        return "no finals"
    median, high = np.percentile(values, [50, 95]) / 1000
    return f"p50 {median:.2f} s, p95 {high:.2f} s, {len(values)} finals"
