"""Ray and the models die in mid-lesson: media goes on, and what was said meanwhile is captioned."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import httpx
import pytest

from eval.live_speech import create_lesson, publish_track, read_events, settled_finals
from tests.end_to_end.stack import Stack
from tests.media import write_speech

SPOKEN_SECONDS = 24.0
KILL_AFTER_SECONDS = 5.0


def kill_models(stack: Stack) -> None:
    (models,) = stack.processes("models")
    models.send_signal(signal.SIGKILL)
    models.wait(10)


@pytest.mark.timeout(240)
async def test_speech_during_a_restart_of_the_models_is_captioned_after_it(
    stack: Stack, tmp_path: Path
) -> None:
    audio = write_speech(tmp_path / "tutor.wav", SPOKEN_SECONDS)
    async with httpx.AsyncClient(
        base_url=stack.url, headers=stack.headers, timeout=30, trust_env=False
    ) as api:
        lesson_id = await create_lesson(api, "Models restart")
        started = time.monotonic()
        publishing = asyncio.create_task(publish_track(api, lesson_id, "Daniel", audio))
        await asyncio.sleep(KILL_AFTER_SECONDS)
        await asyncio.to_thread(kill_models, stack)
        participant_id = await publishing
        assert time.monotonic() - started < SPOKEN_SECONDS + 15, "media waited for the models"
        finals = (await settled_finals(api, lesson_id, 1))[participant_id]
        events = await read_events(api, lesson_id)
    starts = [final.start_ms for final in finals]
    assert starts == sorted(starts)
    assert starts[-1] > 1000 * KILL_AFTER_SECONDS
    assert "participant.left" in [event["type"] for event in events]
    spoken_after = [final for final in finals if final.start_ms > 1000 * KILL_AFTER_SECONDS]
    assert len(spoken_after) >= 2
