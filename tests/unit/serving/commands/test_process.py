from __future__ import annotations

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from lessons.errors import InvalidInput, UnsupportedMedia
from serving.commands.process import ProcessRequest, process_files
from serving.settings import Settings, load_settings
from tests.media import write_speech, write_wave

SUFFIXES = [".vtt", ".srt", ".txt", ".json", ".events.jsonl"]


@pytest.fixture
def offline(tmp_path: Path) -> Settings:
    """No models process answers, so the command loads an engine of its own."""
    return load_settings(
        data_dir=tmp_path / "data",
        models_url="http://127.0.0.1:9",
        caption_engine="pocketsphinx",
    )


async def test_two_tracks_become_one_lesson_and_its_files(
    offline: Settings, database_url: str, tmp_path: Path
) -> None:
    files = [
        write_speech(tmp_path / "tutor.wav", 7, "tutor"),
        write_speech(tmp_path / "learner.wav", 7, "learner"),
    ]
    output, console = tmp_path / "out", io.StringIO()
    request = ProcessRequest(files, ["Daniel:instructor", "Sarah"], "Fractions", output)
    await process_files(offline, database_url, request, Console(file=console, width=200))

    captions = json.loads((output / "tutor.json").read_text())["captions"]
    assert [caption["participant_name"] for caption in captions[:2]] == ["Daniel", "Sarah"]
    starts = [caption["start_ms"] for caption in captions]
    assert starts == sorted(starts)
    assert (output / "tutor.vtt").read_text().startswith("WEBVTT")
    lines = (output / "tutor.events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["ledgersequence"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "lesson.started"
    assert events[-1]["type"] == "lesson.ended"
    assert events[0]["lessonid"] in console.getvalue()
    assert sorted(path.name for path in output.iterdir()) == sorted(
        f"tutor{suffix}" for suffix in SUFFIXES
    )


@pytest.mark.parametrize(
    ("content", "refusal"), [(b"", InvalidInput), (b"no media", UnsupportedMedia)]
)
async def test_bad_files_are_refused_before_anything_is_made(
    offline: Settings, tmp_path: Path, content: bytes, refusal: type[InvalidInput]
) -> None:
    path = tmp_path / "lesson.mp4"
    path.write_bytes(content)
    request = ProcessRequest([path], [], None, None)
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    with pytest.raises(refusal, match=r"lesson\.mp4"):
        await process_files(offline, nowhere, request, Console(file=io.StringIO()))
    assert os.listdir(tmp_path) == ["lesson.mp4"]  # noqa: PTH208 - no path is needed


async def test_more_speakers_than_files_are_refused(offline: Settings, tmp_path: Path) -> None:
    path = write_wave(tmp_path / "a.wav", np.zeros(16_000))
    request = ProcessRequest([path], ["Ada", "Ben"], None, None)
    with pytest.raises(InvalidInput, match="more speakers than files"):
        await process_files(offline, "unused", request, Console(file=io.StringIO()))
