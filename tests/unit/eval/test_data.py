"""The development speech is read where it is, and said to be absent where it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.data import development_speech
from lessons.errors import NotFound


def test_clips_come_in_the_manifests_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"id": name, "path": f"{name}.wav", "ref": "hello", "speaker": "x", "duration": 1.5}
        for name in ("b", "a")
    ]
    (tmp_path / "speech").mkdir()
    manifest = "\n".join(json.dumps(row) for row in rows) + "\n\n"
    (tmp_path / "speech" / "manifest.jsonl").write_text(manifest, "utf-8")
    monkeypatch.setenv("LECTERN_DATA", str(tmp_path))
    clips = development_speech()
    assert [clip.id for clip in clips] == ["b", "a"]
    assert clips[0].path == tmp_path / "speech" / "b.wav"


def test_an_absent_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(NotFound) as absent:
        development_speech()
    assert absent.value.field == "LECTERN_DATA"
    assert "nowhere" in absent.value.reason
    monkeypatch.setenv("LECTERN_DATA", str(tmp_path))
    with pytest.raises(NotFound):
        development_speech()
