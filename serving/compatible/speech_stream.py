"""One client's speech through the pipeline of a live lesson: frames in, turns and captions out.

It is the lesson's own pipeline (`LiveTrack`), without a lesson: nothing is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from lessons.errors import Unavailable
from lessons.events import (
    CaptionFinal,
    EventDraft,
    PartialCaption,
    SpeakingStarted,
    SpeakingStopped,
)
from lessons.identifiers import new_id
from lessons.roles import Role
from media_ingest.frames import AudioFrame, SpeechWindow
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate, silero_model
from serving.captioning.client import CaptionService
from serving.live.caption_drafts import Speaker
from serving.live.live_track import LiveTrack

BUFFERED_SECONDS = 30.0
"""Speech that may wait for the captioner before no more is read from the client."""
PATIENCE_SECONDS = 60.0
"""How long a client waits for models that are away before it is told so."""
LOOK_SECONDS = 0.02

HESITATION_RANGE = 0.15
"""How far below its threshold speech that goes on is still speech; Silero's own hysteresis."""
SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS = 100, 10_000


@dataclass(frozen=True, slots=True)
class Turn:
    """Speech between two pauses. `start_ms` is on the clock of the stream."""

    id: str
    start_ms: int


class TurnListener(Protocol):
    """Takes what becomes of one stream's speech, in order; must not wait."""

    def started(self, turn: Turn) -> None:
        """Speech was heard; some turns turn out to be a noise and get no words."""
        ...

    def stopped(self, turn: Turn, end_ms: int) -> None:
        """It paused for long enough to end the turn; its words follow."""
        ...

    def partial(self, turn: Turn, caption: PartialCaption) -> None:
        """The turn's words so far."""
        ...

    def final(self, turn: Turn, caption: CaptionFinal) -> None:
        """The turn's words, once."""
        ...


def cutting_by(
    *,
    threshold: float | None = None,
    padding_ms: int | None = None,
    pause_ms: int | None = None,
) -> CuttingSettings:
    """Return Lectern's own cutting with what a client's voice activity settings change of it.

    Args:
        threshold: probability from which a chunk is speech, 0..1.
        padding_ms: audio kept from before the first speech.
        pause_ms: pause that ends a turn; held between `SHORTEST_PAUSE_MS` and `LONGEST_PAUSE_MS`.

    Raises:
        InvalidInput: a value is out of range.
    """
    cutting = CuttingSettings()
    if threshold is not None:
        still = max(threshold - HESITATION_RANGE, threshold / 2)
        cutting = replace(cutting, speech_probability=threshold, still_speech_probability=still)
    if padding_ms is not None:
        cutting = replace(cutting, pre_roll_ms=max(1, padding_ms))
    if pause_ms is not None:
        pause = min(max(pause_ms, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS)
        cutting = replace(
            cutting,
            endpoint_silence_ms=pause,
            soft_pause_ms=min(cutting.soft_pause_ms, pause),
            speculative_pause_ms=min(cutting.speculative_pause_ms, pause),
        )
    return cutting


class SpeechStream:
    """Captions one stream. Use it from one task.

    Args:
        captions: the captioner.
        listener: takes turns and captions.
        tenant_id: whose speech it is.
        cutting: where turns end.
        language: ISO 639-1 code.
        vocabulary: words to listen for.
    """

    def __init__(
        self,
        captions: CaptionService,
        listener: TurnListener,
        tenant_id: str,
        cutting: CuttingSettings,
        language: str,
        vocabulary: tuple[str, ...] = (),
    ) -> None:
        self._captions = captions
        self._listener = listener
        self._speaker = _nobody(tenant_id)
        self._cutting = cutting
        self._language = language
        self._vocabulary = vocabulary
        self._clock_ms = 0.0
        self._track: LiveTrack | None = None
        self._captioning: asyncio.Task[None] | None = None

    async def feed(self, frames: Iterable[AudioFrame]) -> None:
        """Take the next audio; waits while too much speech waits for the captioner.

        Raises:
            Unavailable: the captioner did not keep up for `PATIENCE_SECONDS`, or the voice
                activity model is missing.
        """
        for frame in frames:
            track = self._track or await self._begin()
            self._clock_ms = frame.end_ms
            track.feed(frame)
            await asyncio.sleep(0)  # The process has other clients.
            await self._let_it_catch_up(track)

    async def settle(self) -> None:
        """End the turn that is open, and wait until everything said so far has its words.

        Raises:
            Unavailable: the captioner did not take the last words in `PATIENCE_SECONDS`.
        """
        if self._track is None or self._captioning is None:
            return
        self._track.finish()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._captioning
        except TimeoutError as error:
            raise _away() from error
        self._track = self._captioning = None

    async def drop(self) -> None:
        """Forget what has no words yet: nobody waits for it."""
        if self._track is None or self._captioning is None:
            return
        self._captioning.cancel()
        self._track.abandon()
        await asyncio.gather(self._captioning, return_exceptions=True)
        self._track = self._captioning = None

    async def _begin(self) -> LiveTrack:
        await asyncio.to_thread(silero_model)  # Its first use in a process loads it.
        self._track = LiveTrack(
            self._speaker,
            self._captions,
            _TurnCutter(SpeechGate(), self._cutting),
            _Sink(self._listener),
            lambda: self._clock_ms,
            self._language,
            lambda: self._vocabulary,
            early_commit=None,  # A turn has one final here.
        )
        self._captioning = asyncio.create_task(self._track.run())
        return self._track

    async def _let_it_catch_up(self, track: LiveTrack) -> None:
        give_up_at = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while track.waiting_seconds > BUFFERED_SECONDS:
            if asyncio.get_running_loop().time() > give_up_at:
                raise _away()
            await asyncio.sleep(LOOK_SECONDS)


class _TurnCutter(UtteranceCutter):
    """Cuts where every utterance is a turn of its own, for clients expect one final of each turn.

    So a sentence that is longer than a window may be is two turns here.
    """

    def feed(self, frame: AudioFrame) -> list[SpeechWindow]:
        """Take the next audio; gives the windows that it completes."""
        return [replace(window, goes_on=False) for window in super().feed(frame)]


class _Sink:
    """What a `LiveTrack` tells, sorted for a listener: each caption with its turn.

    Turns do not overlap and finals come in their order, so a final is of the last turn that began
    before its first word; one before it that has no words was a noise.
    """

    def __init__(self, listener: TurnListener) -> None:
        self._listener = listener
        self._turns: list[Turn] = []

    async def partial(self, caption: PartialCaption) -> None:
        """Pass a partial on."""
        turn = self._turn_at(caption.start_ms)
        if turn is not None:
            self._listener.partial(turn, caption)

    def record(self, draft: EventDraft) -> None:
        """Pass a turn or a final on."""
        data = draft.data
        if isinstance(data, SpeakingStarted):
            self._turns.append(Turn(data.utterance_id, data.start_ms))
            self._listener.started(self._turns[-1])
        elif isinstance(data, SpeakingStopped):
            self._listener.stopped(self._turns[-1], data.end_ms)
        elif isinstance(data, CaptionFinal):
            turn = self._turn_at(data.start_ms)
            if turn is not None:
                self._turns = [later for later in self._turns if later.start_ms > turn.start_ms]
                self._listener.final(turn, data)

    def heard(self, speech_end_ms: float) -> None:
        """Nobody waits to hear that a turn had no words."""

    def _turn_at(self, start_ms: int) -> Turn | None:
        begun = [turn for turn in self._turns if turn.start_ms <= start_ms]
        return begun[-1] if begun else None


def _nobody(tenant_id: str) -> Speaker:
    """A stream without a lesson has a speaker without a name."""
    return Speaker(tenant_id, "none", "none", "", Role.OBSERVER, new_id("trk"))


def _away() -> Unavailable:
    return Unavailable(
        f"The captioner did not keep up for {PATIENCE_SECONDS:.0f} s.",
        fix="Send the audio again later.",
    )
