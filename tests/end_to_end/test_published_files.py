"""Files as publishers: the sample lesson plays itself, and `lectern publish` is a microphone."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.stack import ROOT, Stack
from tests.media import write_speech

CAPTIONS_SECONDS = 90.0


def events_of(client: httpx.Client, lesson_id: str) -> list[dict[str, Any]]:
    page = client.get(f"/v1/lessons/{lesson_id}/events", params={"limit": 500})
    events: list[dict[str, Any]] = page.raise_for_status().json()["events"]
    return events


def finals_of(client: httpx.Client, lesson_id: str, people: int) -> list[dict[str, Any]]:
    """Wait until so many people have a final caption, and return all of them."""
    deadline = time.monotonic() + CAPTIONS_SECONDS
    while time.monotonic() < deadline:
        events = events_of(client, lesson_id)
        finals = [event for event in events if event["type"] == "caption.final"]
        if len({final["data"]["participant_id"] for final in finals}) >= people:
            return finals
        time.sleep(0.5)
    raise AssertionError(f"no captions of {people} people: {events}")


@pytest.mark.timeout(300)
def test_the_sample_plays_with_both_voices(stack: Stack) -> None:
    with stack.client() as client:
        lesson = client.post("/v1/samples").json()
        assert client.post(f"/v1/lessons/{lesson['id']}/play").status_code == 202
        finals = finals_of(client, lesson["id"], people=2)
        spoken = {final["data"]["role"]: final["data"]["text"] for final in reversed(finals)}
        assert "morning" in spoken["instructor"]
        assert "good" in spoken["learner"]
        client.post(f"/v1/lessons/{lesson['id']}/end").raise_for_status()
        assert client.post(f"/v1/lessons/{lesson['id']}/play").status_code == 409


@pytest.mark.timeout(300)
def test_a_published_file_is_captioned_as_its_speaker(stack: Stack, tmp_path: Path) -> None:
    path = write_speech(tmp_path / "tutor.wav", 4)
    with stack.client() as client:
        lesson = client.post("/v1/lessons", json={"title": "A file"}).json()
        command = [
            *(sys.executable, "-m", "lectern", "publish", str(path)),
            *("--lesson", lesson["id"], "--key", stack.api_key, "--url", stack.url),
            *("--name", "Ms Okafor:instructor"),
        ]
        subprocess.run(command, cwd=ROOT, check=True, timeout=60)
        (final, *_) = finals_of(client, lesson["id"], people=1)
        assert final["data"]["participant_name"] == "Ms Okafor"
        assert final["data"]["role"] == "instructor"
        assert "morning" in final["data"]["text"]


def test_publishing_without_a_gateway_is_told(tmp_path: Path) -> None:
    path = write_speech(tmp_path / "tutor.wav", 0.2)
    command = [
        *(sys.executable, "-m", "lectern", "publish", str(path)),
        *("--lesson", "les_x", "--key", "lk_x_y", "--url", "http://127.0.0.1:9"),
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "does not answer" in result.stderr
    assert "Traceback" not in result.stderr
