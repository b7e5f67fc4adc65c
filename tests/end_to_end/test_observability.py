"""One lesson through the running processes: its trace, its metrics, and what no log says of it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from eval.live_speech import create_lesson, publish_track, read_events, settled_finals
from lessons.accessibility.histogram import BUCKETS
from lessons.identifiers import new_id, number_of
from serving.captioning.local_ray import ray_folder
from tests.end_to_end.stack import Stack
from tests.media import write_speech
from tests.span_collector import Collected, SpanCollector

pytestmark = pytest.mark.timeout(300)

NAME = "Zebediah Quillfeather"
WRITTEN = "the mitochondrion is the powerhouse of Zebediah"
NEVER_SAID = new_id("cap")
GATEWAY, WORKER, MODELS = "gateway", "ingest-1", "models"

PATH = {
    "caption": (WORKER, None),
    "speech": (WORKER, "caption"),
    "transcribe": (WORKER, "caption"),
    "captioner": (MODELS, "transcribe"),
    "queue": (MODELS, "captioner"),
    "engine": (MODELS, "captioner"),
    "ledger append": (WORKER, "caption"),
    "deliver": (GATEWAY, "caption"),
    "screen": (GATEWAY, "caption"),
}
"""Every span of a caption: the process that records it, and the span that it is part of."""


@asynccontextmanager
async def reading(api: httpx.AsyncClient, lesson_id: str) -> AsyncIterator[None]:
    """Somebody follows the lesson while the block runs."""

    async def read() -> None:
        headers = {"Accept": "text/event-stream"}
        url = f"/v1/lessons/{lesson_id}/events"
        async with api.stream("GET", url, headers=headers, timeout=None) as answer:
            async for _ in answer.aiter_lines():
                pass

    task = asyncio.create_task(read())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def observed_lesson(stack: Stack, audio: Path) -> tuple[str, list[str], list[str]]:
    """Play a lesson and have it refused something; give its id, its captions' ids and texts."""
    async with httpx.AsyncClient(
        base_url=stack.url, headers=stack.headers, timeout=30, trust_env=False
    ) as api:
        lesson_id = await create_lesson(api, f"About {NAME}")
        async with reading(api, lesson_id):
            person = await publish_track(api, lesson_id, NAME, audio)
            await settled_finals(api, lesson_id, 1)
            await post_what_is_taken_and_what_is_not(api, lesson_id, person)
            for status in (201, 409):
                twin = {"name": NAME, "role": "learner", "external_id": NAME}
                answer = await api.post(f"/v1/lessons/{lesson_id}/participants", json=twin)
                assert answer.status_code == status, answer.text
        events = await read_events(api, lesson_id)
        await report_screen(api, lesson_id, events)
    finals = [event["data"] for event in events if event["type"] == "caption.final"]
    return lesson_id, [one["caption_id"] for one in finals], [one["text"] for one in finals]


async def report_screen(
    api: httpx.AsyncClient, lesson_id: str, events: list[dict[str, Any]]
) -> None:
    """Report as a reader's page does, twice, and a caption that never was."""
    ids = [one["data"]["caption_id"] for one in events if one["type"] == "caption.final"]
    path = f"/v1/lessons/{lesson_id}/accessibility/display"
    body = {"start_ms": 0, "end_ms": 0, "clock_uncertainty_ms": 9, "word_to_screen": [0] * BUCKETS}
    now_ms = (await api.post(path, json=body)).raise_for_status().json()["now_ms"]
    painted = [
        {"caption_id": one, "received_ms": now_ms, "painted_ms": now_ms + 16}
        for one in [*ids, NEVER_SAID]
    ]
    for _ in range(2):
        (await api.post(path, json=body | {"captions": painted})).raise_for_status()


async def post_what_is_taken_and_what_is_not(
    api: httpx.AsyncClient, lesson_id: str, person: str
) -> None:
    """Write in the chat, and send the same words where nothing of the kind is taken."""
    chat = {"message_id": "1", "to": "everyone", "characters": len(WRITTEN), "text": WRITTEN}
    event = {"id": "1", "type": "chat.posted", "subject": person, "data": chat}
    wrong = [{"id": "2", "data": WRITTEN}, {"id": "3", "type": WRITTEN}, {"subject": WRITTEN}]
    statuses = []
    for one in [event, *(event | change for change in wrong)]:
        answer = await api.post(f"/v1/lessons/{lesson_id}/events", json=one)
        statuses.append(answer.json()["results"][0]["status"])
    assert statuses == [201, 422, 422, 422]


def test_a_lesson_is_seen_in_traces_and_metrics_and_heard_in_no_log(
    stack: Stack, collector: SpanCollector, tmp_path: Path
) -> None:
    audio = write_speech(tmp_path / "tutor.wav", 6)
    lesson_id, captions, texts = asyncio.run(observed_lesson(stack, audio))
    assert captions
    for caption_id in captions:
        assert_one_trace(collector, caption_id)
    on_screen = [one.trace for one in collector.spans if one.span.name == "screen"]
    assert all(on_screen.count(trace_of(one)) == 1 for one in captions), "each once"
    assert trace_of(NEVER_SAID) not in on_screen, "none of what was not delivered"
    assert_counted(stack, [lesson_id, *captions])
    assert_unheard(stack, collector, texts)


def trace_of(caption_id: str) -> str:
    """Return the trace of a caption, as it stands in its spans."""
    return f"{number_of(caption_id):032x}"


def assert_one_trace(collector: SpanCollector, caption_id: str) -> None:
    """Hold a caption's spans against the way that it went."""
    trace = trace_of(caption_id)

    def of_trace(spans: list[Collected]) -> list[Collected]:
        return [one for one in spans if one.trace == trace]

    collector.wait_for(lambda spans: {one.span.name for one in of_trace(spans)} == set(PATH))
    found = of_trace(collector.spans)
    names = {one.id: one.span.name for one in found}
    assert len(names) == len(found), "two spans share an id"
    for one in found:
        assert (one.process, names.get(one.parent)) == PATH[one.span.name]
    first = min(found, key=lambda one: one.span.start_time_unix_nano)
    assert first.span.name in {"caption", "speech"}, "the trace begins with the first sound"
    starts = {one.span.name: one.span.start_time_unix_nano for one in found}
    assert starts["caption"] < starts["ledger append"] < starts["deliver"] < starts["screen"]


def assert_counted(stack: Stack, ids: list[str]) -> None:
    accept = {"Accept": "application/openmetrics-text"}
    shown = httpx.get(stack.metrics_url, headers=accept, timeout=20, trust_env=False).text
    for process in (GATEWAY, WORKER, MODELS, "jobs"):
        assert f'lectern_process_up{{lectern_process="{process}"}} 1.0' in shown
    late = r"^lectern_caption_speech_end_to_final_seconds_count\S* (\S+)"
    count = re.search(late, shown, re.MULTILINE)
    assert count is not None
    assert float(count[1]) >= len(ids) - 1
    engine = r"^lectern_captioner_engine_seconds_count\S*window=\S* [1-9]"
    assert re.search(engine, shown, re.MULTILINE)
    for one in ids:
        assert one not in shown
    assert httpx.get(f"{stack.url}/metrics", trust_env=False).status_code == 404


def assert_unheard(stack: Stack, collector: SpanCollector, texts: list[str]) -> None:
    """Find nothing that was said, written or is called in anything that a process wrote."""
    folders = (stack.data_dir / "logs", ray_folder(stack.data_dir), stack.data_dir / "metrics")
    written = [stack.data_dir / "up.log", stack.data_dir / "postgres" / "log"]
    for folder in folders:
        written += [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(written) > 5
    said = [WRITTEN, *NAME.split(), "mitochondrion", *(text for text in texts if len(text) > 15)]
    for path in written:
        text = path.read_text("utf-8", "replace").lower()
        assert not [one for one in said if one.lower() in text], path
    sent = " ".join(str(one.span) for one in collector.spans).lower()
    assert not [one for one in said if one.lower() in sent]
    for process in (GATEWAY, WORKER, MODELS, "jobs"):
        for line in (stack.data_dir / "logs" / f"{process}.log").read_text("utf-8").splitlines():
            assert json.loads(line)["process"] == process
