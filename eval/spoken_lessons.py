"""Scripted lessons said by flite: what they are about, what is said in them, and the sound of it.

Half of the lessons are for tuning and half for reporting; no lesson, voice or sentence is in both.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lessons.errors import Unavailable
from lessons.vocabulary import Correction, Material, ranked_terms
from media_ingest.frames import SAMPLE_RATE

SCRIPT = Path(__file__).with_name("spoken_lessons.json")
Half = Literal["tuning", "report"]
VOICES: dict[Half, tuple[str, ...]] = {"tuning": ("slt", "awb"), "report": ("rms", "kal16")}


@dataclass(frozen=True, slots=True)
class SpokenLesson:
    """One lesson: its own words as Lectern ranks them, and its sentences."""

    title: str
    terms: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a lesson in one voice; samples are float32, 16 kHz mono."""

    lesson: SpokenLesson
    text: str
    voice: str
    samples: NDArray[np.float32]


def spoken_lessons(half: Half) -> list[SpokenLesson]:
    """Return the lessons of one half."""
    rows = json.loads(SCRIPT.read_text("utf-8"))[half]
    return [
        SpokenLesson(
            row["title"],
            tuple(term.text for term in ranked_terms(_material(row))),
            tuple(row["said"]),
        )
        for row in rows
    ]


def say(lessons: list[SpokenLesson], half: Half) -> list[Sentence]:
    """Have every voice of the half say every sentence.

    Raises:
        Unavailable: flite is not installed.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        return [
            Sentence(lesson, text, voice, speak(text, voice, file))
            for lesson in lessons
            for text in lesson.sentences
            for voice in VOICES[half]
        ]


def _material(row: dict[str, Any]) -> Material:
    return Material(
        language="en",
        corrections=tuple(Correction(heard, said) for heard, said in row["corrections"]),
        plan=(*row["plan"], row["title"]),
        content=tuple(row["content"]),
        objectives=tuple(row["objectives"]),
        names=tuple(row["names"]),
    )


def speak(text: str, voice: str, file: Path) -> NDArray[np.float32]:
    """Return a text in a voice of flite: float32, shape (n,), 16 kHz; the file is written over.

    Raises:
        Unavailable: flite is not installed, or its voice is not 16 kHz mono.
    """
    if shutil.which("flite") is None:
        raise Unavailable(
            "There is no flite on this machine to speak the lessons.",
            fix="Install the Debian package `flite`.",
        )
    subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(file)], check=True)
    with wave.open(str(file)) as audio:
        if (audio.getframerate(), audio.getnchannels()) != (SAMPLE_RATE, 1):
            raise Unavailable(f"flite's voice {voice!r} is not 16 kHz mono.")
        pcm = np.frombuffer(audio.readframes(audio.getnframes()), "<i2")
    return (pcm / 32_768).astype(np.float32)
