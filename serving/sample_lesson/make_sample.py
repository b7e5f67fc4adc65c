"""Speak script.json again: `python -m serving.sample_lesson.make_sample` (needs flite and ffmpeg).

Every speaker gets a track of the whole lesson's length, silent while the other one speaks, so that
the tracks play in step. The times of the turns in script.json are rewritten to what was spoken.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Samples per second of the flite voices used."""
PEAK = 0.6
"""Loudest sample of a track, in 0..1."""
ROOM_NOISE = 0.0005
"""Root mean square of the room's noise, in 0..1: without any, a listener counts as muted."""
LEAD_OUT_MS = 1500
BITRATE = "32k"


def speak(text: str, voice: str, stretch: float) -> NDArray[np.float32]:
    """Synthesise `text`; float32, shape (n,), -1..1, without the voice's own silence around it."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}"]
        subprocess.run([*command, "-t", text, "-o", file.name], check=True)
        with wave.open(file.name) as spoken:
            if spoken.getframerate() != SAMPLE_RATE:
                raise ValueError(f"The voice {voice} speaks at {spoken.getframerate()} Hz.")
            raw = spoken.readframes(spoken.getnframes())
    samples = np.frombuffer(raw, np.int16).astype(np.float32) / np.float32(32768)
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return samples[loud[0] : loud[-1] + 1]


def speak_script(script: dict[str, Any]) -> dict[str, NDArray[np.float32]]:
    """Speak every turn after its pause; fill in the times; return one track per speaker."""
    voices = {speaker["speaker"]: speaker for speaker in script["speakers"]}
    turns: list[tuple[int, str, NDArray[np.float32]]] = []
    at_ms = 0
    for turn in script["turns"]:
        voice = voices[turn["speaker"]]
        samples = speak(turn["text"], voice["voice"], voice["stretch"])
        at_ms += turn["pause_ms"]
        turn["start_ms"] = at_ms
        turns.append((at_ms, turn["speaker"], samples))
        at_ms += round(1000 * len(samples) / SAMPLE_RATE)
        turn["end_ms"] = at_ms
    script["duration_ms"] = at_ms + LEAD_OUT_MS
    return {name: _track(turns, name, script["duration_ms"]) for name in voices}


def _track(
    turns: list[tuple[int, str, NDArray[np.float32]]], speaker: str, duration_ms: int
) -> NDArray[np.float32]:
    track = np.zeros(duration_ms * SAMPLE_RATE // 1000, np.float32)
    for start_ms, name, samples in turns:
        if name == speaker:
            first = start_ms * SAMPLE_RATE // 1000
            track[first : first + len(samples)] = samples
    room = np.random.default_rng(len(speaker)).normal(0, ROOM_NOISE, len(track))
    return (track * (PEAK / float(np.abs(track).max())) + room).astype(np.float32)


def write_opus(path: Path, samples: NDArray[np.float32]) -> None:
    """Encode mono samples as Ogg Opus; the file's bytes depend on nothing but the samples."""
    command = ["ffmpeg", "-loglevel", "error", "-y", "-f", "f32le", "-ar", str(SAMPLE_RATE)]
    command += ["-ac", "1", "-i", "-", "-c:a", "libopus", "-b:a", BITRATE, "-application", "voip"]
    command += ["-fflags", "+bitexact", "-flags", "+bitexact", "-map_metadata", "-1", str(path)]
    subprocess.run(command, input=samples.astype("<f4").tobytes(), check=True)


def main() -> None:
    """Rewrite the Opus files and the times in script.json, beside this file."""
    folder = Path(__file__).parent
    script_path = folder / "script.json"
    script = json.loads(script_path.read_text("utf-8"))
    tracks = speak_script(script)
    for speaker in script["speakers"]:
        write_opus(folder / speaker["file"], tracks[speaker["speaker"]])
    script_path.write_text(json.dumps(script, indent=2, ensure_ascii=False) + "\n", "utf-8")
    sys.stdout.write(f"{script['duration_ms'] / 1000:.1f} s, {len(script['turns'])} turns\n")


if __name__ == "__main__":
    main()
