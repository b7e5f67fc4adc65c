"""WhisperLive's protocol as its client speaks it: segments grow, complete and are sent again."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise

import numpy as np
from websockets.asyncio.client import connect

from tests.media import sample_speech

WITHIN_SECONDS = 30.0


async def test_a_stream_is_answered_until_its_end_is_said(gateway_url: str, api_key: str) -> None:
    speech = sample_speech("tutor", 10.0).astype(np.float32)
    async with connect(gateway_url.replace("http", "ws", 1)) as socket:
        greeting = {
            "uid": "u1",
            "language": "en",
            "task": "transcribe",
            "model": api_key,
            "use_vad": True,
            "word_timestamps": True,
        }
        await socket.send(json.dumps(greeting))
        for start in range(0, len(speech), 4096):
            await socket.send(speech[start : start + 4096].tobytes())
        await socket.send(b"END_OF_AUDIO")
        async with asyncio.timeout(WITHIN_SECONDS):
            messages = [json.loads(text) async for text in socket]
        assert socket.close_code == 1000
    assert messages[0] == {
        "uid": "u1",
        "message": "SERVER_READY",
        "backend": "faster_whisper",
        "engine": "measuring/ruler",
    }
    last = messages[-1]["segments"]
    assert len(last) > 1
    assert all(segment["completed"] for segment in last)
    assert all(segment["words"] for segment in last)
    spans = [(float(segment["start"]), float(segment["end"])) for segment in last]
    assert all(end <= later for (_, end), (later, _) in pairwise(spans))
    # The client keeps the last segment that was not complete: its text has to be the final one.
    growing = [m["segments"][-1] for m in messages[1:] if not m["segments"][-1]["completed"]]
    assert growing[-1]["text"] == last[-1]["text"]
