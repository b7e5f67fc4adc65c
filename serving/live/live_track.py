"""The live state of one audio track: frames in; captions and turns of speech out.

The streaming policy lives here and not in the model, so a model call stays a stateless window and
media outlives any restart of the models. Partials are replaced when they fall behind; finals wait
in order in a bounded buffer until the captioner has taken them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Protocol

from lessons.errors import InvalidInput, Unavailable
from lessons.events import EventDraft, PartialCaption
from lessons.identifiers import new_id
from media_ingest.frames import SAMPLE_RATE, AudioFrame, SpeechWindow
from media_ingest.utterances import UtteranceCutter
from models.captions.agreement import Agreement, LocalAgreement
from models.captions.interface import CaptionWindow, Hypothesis
from serving.captioning.client import CaptionService
from serving.captioning.window_names import WindowClass, WindowName
from serving.live.caption_drafts import Speaker, final_caption, on_lesson_clock, partial_caption
from serving.live.caption_pace import CaptionPace
from serving.live.final_delays import FinalDelays
from serving.live.speaking_turns import SpeakingTurns

logger = logging.getLogger(__name__)

BUFFERED_SPEECH_SECONDS = 600
"""Speech that one track may hold while the models are away: 10 minutes, 38 MB."""

GIVE_UP_SECONDS = 600.0
"""How long one window is tried: as long as the buffer lasts. A window that the models can never
take, for a fault of theirs, would otherwise hold up all that follows it."""

FIRST_RETRY_SECONDS = 0.25
LONGEST_RETRY_SECONDS = 4.0


class CaptionSink(Protocol):
    """Where captions go: partials to whoever watches, finals and turns of speech to the ledger."""

    async def partial(self, caption: PartialCaption) -> None:
        """Pass a partial by; it may be lost."""
        ...

    def record(self, draft: EventDraft) -> None:
        """Take responsibility for an event; it must not be lost."""
        ...

    def heard(self, speech_end_ms: float) -> None:
        """Note that speech up to here is through the captioner, whether it had words or not."""
        ...


@dataclass(slots=True)
class Utterance:
    """One utterance while it lasts: its caption's id, revisions and the words agreed so far."""

    caption_id: str = field(default_factory=lambda: new_id("cap"))
    revision: int = 0
    shown: bool = False
    agreement: LocalAgreement = field(default_factory=LocalAgreement)

    def next_revision(self) -> int:
        """Number the next thing that readers see."""
        self.revision += 1
        return self.revision


@dataclass(slots=True)
class CaptionCounters:
    """What one track lost or repeated, for the worker's status page."""

    partials_replaced: int = 0
    finals_overflowed: int = 0
    windows_given_up: int = 0
    retries: int = 0


class LiveTrack:
    """Captions one audio track.

    Args:
        speaker: whose track it is.
        captions: the captioner; it may come and go.
        cutter: cuts the track's audio into windows.
        sink: takes the captions.
        now_ms: the lesson clock, in milliseconds.
        language: ISO 639-1 code of the track.
        vocabulary: gives the lesson's own words as they stand.
        pace: what the captioner's load means for the track.
    """

    def __init__(
        self,
        speaker: Speaker,
        captions: CaptionService,
        cutter: UtteranceCutter,
        sink: CaptionSink,
        now_ms: Callable[[], float],
        language: str | None = "en",
        vocabulary: Callable[[], tuple[str, ...]] = tuple,
        pace: CaptionPace | None = None,
    ) -> None:
        self.speaker = speaker
        self.counters = CaptionCounters()
        self._captions = captions
        self._cutter = cutter
        self._sink = sink
        self._turns = SpeakingTurns(speaker)
        self._now_ms = now_ms
        self._language = language
        self._vocabulary = vocabulary
        self._pace = pace or CaptionPace()
        self._delays = FinalDelays(
            speaker, self._pace.final_bound_s, sink.record, now_ms, lambda: self.counters.retries
        )
        self._finals: deque[SpeechWindow] = deque()
        self._partial: SpeechWindow | None = None
        self._utterances: dict[int, Utterance] = {}
        self._speculation: SpeechWindow | None = None
        self._speculated: Hypothesis | None = None
        self._last_ended = -1
        self._rest_until = 0.0
        self._arrived = asyncio.Event()
        self._finishing = False
        self._partial_task: asyncio.Task[None] | None = None

    def feed(self, frame: AudioFrame) -> None:
        """Take the next audio of the track. Never waits."""
        self._take(self._cutter.feed(frame))

    def flush(self) -> None:
        """Finalise what was said so far: the track was muted."""
        self._take(self._cutter.finish())

    def finish(self) -> None:
        """Finalise the last words; `run` returns when they are captioned."""
        self.flush()
        self._finishing = True
        self._arrived.set()

    def abandon(self) -> None:
        """Let go of all that is not captioned yet, for `run` was cancelled: it is not wanted."""
        self._finals.clear()
        self._delays.close()
        self._partial = None
        if self._partial_task is not None:
            self._partial_task.cancel()

    @property
    def waiting_seconds(self) -> float:
        """Speech that waits for the captioner, in seconds."""
        return sum(len(window.samples) for window in self._finals) / SAMPLE_RATE

    def counted(self) -> dict[str, int]:
        """Return the counters, and what waits."""
        waiting = {"finals_late": self._delays.late, "finals_waiting": len(self._finals)}
        return asdict(self.counters) | waiting

    async def run(self) -> None:
        """Caption until `finish` was called and everything before it is final."""
        while True:
            if self._finals:
                await self._caption_final(self._finals[0])
                self._delays.over(self._finals.popleft().utterance)
            elif self._finishing:
                break
            else:
                await self._start_partial_or_wait()
        await self._end_partial()
        self._delays.close()

    def _take(self, windows: list[SpeechWindow]) -> None:
        for window in windows:
            for draft in self._turns.take(window):
                self._sink.record(draft)
            if window.ends_utterance:
                self._queue_final(window)
            else:
                self.counters.partials_replaced += self._partial is not None
                self._partial = window
        if windows:
            self._arrived.set()

    def _queue_final(self, window: SpeechWindow) -> None:
        self._partial = None
        self._last_ended = window.utterance
        self._finals.append(window)
        self._delays.waits(window.utterance, lambda: self._utterance(window).caption_id)
        # The head may be with the captioner already, so the oldest that still waits goes.
        while self.waiting_seconds > BUFFERED_SPEECH_SECONDS and len(self._finals) > 1:
            self._delays.over(self._finals[1].utterance)
            del self._finals[1]
            self.counters.finals_overflowed += 1
            logger.error("track %s: the caption buffer is full", self.speaker.track_id)

    async def _start_partial_or_wait(self) -> None:
        running = self._partial_task is not None and not self._partial_task.done()
        if self._partial is not None and not running:
            window, self._partial = self._partial, None
            if self._resting() and not window.speculative:
                self.counters.partials_replaced += 1
                return
            self._partial_task = asyncio.create_task(self._caption_partial(window))
            self._partial_task.add_done_callback(lambda _: self._arrived.set())
            return
        self._arrived.clear()
        await self._arrived.wait()

    def _resting(self) -> bool:
        """Whether the captioner should be spared: a partial's rest is as long as its work was.

        So partials give way first under load: the longer each takes, the fewer there are. When the
        captioner tells that it is loaded, the rest grows further (`caption_pace`).
        """
        return asyncio.get_running_loop().time() < self._rest_until

    async def _end_partial(self) -> None:
        if self._partial_task is not None:
            await self._partial_task

    async def _caption_partial(self, window: SpeechWindow) -> None:
        if window.speculative:
            self._speculation, self._speculated = window, None
        started = asyncio.get_running_loop().time()
        try:
            hypothesis = await self._transcribe(window)
        except (Unavailable, InvalidInput):
            return  # The next window says all of it again.
        finally:
            now = asyncio.get_running_loop().time()
            self._rest_until = now + self._pace.rest_after_partial(now - started)
        if window.speculative:
            self._speculated = hypothesis
        if window.utterance <= self._last_ended:
            return  # Its final is on the way; an older partial would only flicker.
        utterance = self._utterance(window)
        agreement = utterance.agreement.update(on_lesson_clock(hypothesis, window))
        if hypothesis.words or utterance.shown:
            await self._show(utterance, window, agreement, hypothesis.language)

    def _utterance(self, window: SpeechWindow) -> Utterance:
        return self._utterances.setdefault(window.utterance, Utterance())

    async def _show(
        self, utterance: Utterance, window: SpeechWindow, agreement: Agreement, language: str
    ) -> None:
        utterance.shown = True
        caption = partial_caption(
            self.speaker,
            utterance.caption_id,
            utterance.next_revision(),
            window,
            agreement,
            language,
        )
        await self._sink.partial(caption)

    async def _caption_final(self, window: SpeechWindow) -> None:
        hypothesis = await self._hear(window)
        self._sink.heard(window.speech_end_ms)
        utterance = self._utterances.pop(window.utterance, None) or Utterance()
        if hypothesis is None or not hypothesis.words:
            if utterance.shown:  # Take back what was shown of a noise.
                await self._show(utterance, window, Agreement((), ()), self._language or "und")
            return
        draft = final_caption(
            self.speaker,
            utterance.caption_id,
            utterance.next_revision(),
            window,
            hypothesis,
            self._now_ms(),
        )
        self._sink.record(draft)

    async def _hear(self, window: SpeechWindow) -> Hypothesis | None:
        """Transcribe a final window, trying while the models are away; None if it is given up."""
        if self._speculation is not None and _same_samples(self._speculation, window):
            await self._end_partial()
            if self._speculated is not None:
                return self._speculated
        delay_seconds = FIRST_RETRY_SECONDS
        give_up_at = asyncio.get_running_loop().time() + GIVE_UP_SECONDS
        while True:
            try:
                return await self._transcribe(window)
            except (InvalidInput, Unavailable) as error:
                late = asyncio.get_running_loop().time() > give_up_at
                if late or isinstance(error, InvalidInput):
                    self.counters.windows_given_up += 1
                    logger.error("track %s: window given up: %s", self.speaker.track_id, error)
                    return None
                self.counters.retries += 1
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(2 * delay_seconds, LONGEST_RETRY_SECONDS)

    async def _transcribe(self, window: SpeechWindow) -> Hypothesis:
        utterance = self._utterances.setdefault(window.utterance, Utterance())
        name = WindowName(utterance.caption_id, _class_of(window), len(window.samples))
        request = CaptionWindow(
            id=str(name),
            samples=window.samples,
            final=window.ends_utterance or window.speculative,
            language=self._language,
            vocabulary=self._vocabulary(),
            due_in_ms=self._delays.remaining_ms(window.utterance),
            track=self.speaker.track_id,
        )
        return await self._captions.transcribe(request)


def _class_of(window: SpeechWindow) -> WindowClass:
    if window.ends_utterance:
        return "final"
    return "speculative" if window.speculative else "partial"


def _same_samples(one: SpeechWindow, other: SpeechWindow) -> bool:
    """Whether two windows hold the same samples of the same utterance."""
    return (one.utterance, one.start_ms, len(one.samples)) == (
        other.utterance,
        other.start_ms,
        len(other.samples),
    )
