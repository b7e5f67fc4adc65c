"""A lesson without a sound card: scripted speech, a scripted captioner and a clock that is told.

The captioner reads what it "hears" out of the samples: every 320 ms of speech is one word, and the
samples of word k have the value (k + 1) / 1000. So text, times and order are known to the letter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lessons.errors import Unavailable
from lessons.events import CaptionFinal, EventData, EventDraft, PartialCaption
from lessons.roles import Role
from lessons.tenants import CaptionTargets
from media_ingest.frames import SAMPLE_RATE, AudioFrame
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from models.captions.interface import CaptionWindow, Hypothesis, Word
from models.captions.streaming_policies import PolicyName
from serving.live.caption_drafts import Speaker
from serving.live.caption_meter import CaptionMeter
from serving.live.live_track import LiveTrack

WORD_MS = 320
FRAME_MS = 32
WORD_SAMPLES = WORD_MS * SAMPLE_RATE // 1000
FRAME_SAMPLES = FRAME_MS * SAMPLE_RATE // 1000
VOCABULARY = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

SPEAKER = Speaker("ten_a", "les_a", "par_a", "Ada", Role.LEARNER, "trk_a")


def spoken(number: int) -> str:
    """The text of word `number` of a script."""
    return VOCABULARY[number % 10]


class ScriptedDetector:
    """Speech is whatever is not zero."""

    def probabilities(self, chunks: NDArray[np.float32]) -> NDArray[np.float32]:
        heard: NDArray[np.bool_] = np.abs(chunks).max(axis=1, initial=0) > 0
        return heard.astype(np.float32)

    def reset(self) -> None:
        """It has no state."""


@dataclass
class ScriptedCaptions:
    """Hears the script's words; can be away, and counts what it was asked."""

    away: bool = False
    asked: list[CaptionWindow] = field(default_factory=list)
    before: Callable[[], None] | None = None

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("The models are away.")
        self.asked.append(window)
        return Hypothesis(window.id, tuple(_words(window.samples)), "en", "scripted", "none")


def _words(samples: NDArray[np.float32]) -> list[Word]:
    numbers = np.rint(samples * 1000).astype(int)
    found: list[Word] = []
    for number in dict.fromkeys(numbers[numbers > 0].tolist()):
        places = np.flatnonzero(numbers == number)
        if len(places) >= WORD_SAMPLES // 2:
            start, end = (round(1000 * int(p) / SAMPLE_RATE) for p in (places[0], places[-1] + 1))
            found.append(Word(spoken(number - 1), start, end, 0.9))
    return found


@dataclass
class Notes:
    """A sink that keeps what it is given."""

    partials: list[PartialCaption] = field(default_factory=list)
    finals: list[CaptionFinal] = field(default_factory=list)
    turns: list[EventData] = field(default_factory=list)
    drafts: list[EventDraft] = field(default_factory=list)

    async def partial(self, caption: PartialCaption) -> None:
        self.partials.append(caption)

    def record(self, draft: EventDraft) -> None:
        if isinstance(draft.data, CaptionFinal):
            self.drafts.append(draft)
            self.finals.append(draft.data)
        else:
            self.turns.append(draft.data)


class ScriptedLesson:
    """One track whose speech and time are told."""

    def __init__(
        self, captions: ScriptedCaptions | None = None, policy: PolicyName = "auto"
    ) -> None:
        self.captions = captions or ScriptedCaptions()
        self.notes = Notes()
        self.now_ms = 0.0
        self.vocabulary: tuple[str, ...] = ("ratio",)
        self._word = 0
        cutter = UtteranceCutter(ScriptedDetector(), CuttingSettings())
        self.meter = CaptionMeter(SPEAKER, self.notes, lambda: self.now_ms, CaptionTargets())
        self.track = LiveTrack(
            SPEAKER,
            self.captions,
            cutter,
            self.meter,
            lambda: self.now_ms,
            "en",
            lambda: self.vocabulary,
            policy=policy,
        )
        self.running = asyncio.create_task(self.track.run())

    async def say(self, words: int) -> None:
        """Speak so many words without a pause."""
        values = np.repeat(np.arange(words, dtype=np.float32) + self._word + 1, WORD_SAMPLES)
        self._word += words
        await self._play((values / 1000).astype(np.float32))

    async def pause(self, milliseconds: int) -> None:
        """Say nothing."""
        await self._play(np.zeros(milliseconds * SAMPLE_RATE // 1000, np.float32))

    async def settle(self) -> None:
        """Let the captioner finish what it has."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def end(self) -> None:
        """The participant leaves."""
        self.track.finish()
        await asyncio.wait_for(self.running, 20)

    async def _play(self, samples: NDArray[np.float32]) -> None:
        for start in range(0, len(samples), FRAME_SAMPLES):
            piece = samples[start : start + FRAME_SAMPLES]
            self.track.feed(AudioFrame(self.now_ms, piece))
            self.now_ms += 1000 * len(piece) / SAMPLE_RATE
            await self.settle()
