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
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from lessons.errors import InvalidInput, Unavailable
from lessons.events import EventDraft, PartialCaption
from lessons.records import UNDETERMINED
from media_ingest.frames import SAMPLE_RATE, AudioFrame, SpeechWindow
from media_ingest.utterances import UtteranceCutter
from models.captions.agreement import Agreement
from models.captions.early_commit import Cut, EarlyCommit
from models.captions.interface import CaptionWindow, Hypothesis
from models.captions.streaming_policies import PolicyName
from models.captions.track_language import TrackLanguage
from serving.captioning.client import CaptionService
from serving.captioning.window_names import WindowClass, WindowName
from serving.live.caption_drafts import Speaker, final_caption, on_lesson_clock, partial_caption
from serving.live.caption_pace import CaptionPace
from serving.live.final_delays import FinalDelays
from serving.live.speaking_turns import SpeakingTurns
from serving.live.utterance import Utterance

logger = logging.getLogger(__name__)

BUFFERED_SPEECH_SECONDS = 600
"""Speech that one track may hold while the models are away: 10 minutes, 38 MB."""

GIVE_UP_SECONDS = 600.0
"""How long one window is tried: as long as the buffer lasts. A window that the models can never
take, for a fault of theirs, would otherwise hold up all that follows it."""

DEFAULT_EARLY_COMMIT = EarlyCommit()

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
class CaptionCounters:
    """What one track lost or repeated, for the worker's status page."""

    partials_replaced: int = 0
    early_commits: int = 0
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
        language: ISO 639-1 code of the track; None: the one that is heard on it.
        vocabulary: gives the lesson's own words as they stand.
        pace: what the captioner's load means for the track.
        policy: when a word of a partial counts as stable.
        early_commit: when a long sentence is cut between words; None: only where it must be.
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
        policy: PolicyName = "auto",
        early_commit: EarlyCommit | None = DEFAULT_EARLY_COMMIT,
    ) -> None:
        self.speaker = speaker
        self.counters = CaptionCounters()
        self._captions = captions
        self._cutter = cutter
        self._sink = sink
        self._turns = SpeakingTurns(speaker)
        self._now_ms = now_ms
        self._language = TrackLanguage(language)
        self._vocabulary = vocabulary
        self._pace = pace or CaptionPace()
        self._delays = FinalDelays(
            speaker, self._pace.final_bound_s, sink.record, now_ms, lambda: self.counters.retries
        )
        self._policy: PolicyName = policy
        self._early_commit = None if policy == "endpoint-only" else early_commit
        self._finals: deque[SpeechWindow] = deque()
        self._partial: SpeechWindow | None = None
        self._utterances: dict[int, Utterance] = {}
        self._speculation: SpeechWindow | None = None
        self._speculated: Hypothesis | None = None
        self._last_ended = -1
        self._rest_until = 0.0
        self._arrived = asyncio.Event()
        self._finishing = False
        self._away = False
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

    @property
    def open_utterances(self) -> int:
        """Utterances that are shown and not final yet."""
        return len(self._utterances)

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
            self._start_partial()
            self._arrived.set()

    def _queue_final(self, window: SpeechWindow) -> None:
        self._partial = None
        self._last_ended = window.utterance
        self._finals.append(window)
        self._delays.waits(window.utterance, lambda: self._utterance(window).caption_id)
        # The head may be with the captioner already, so the oldest that still waits goes.
        while self.waiting_seconds > BUFFERED_SPEECH_SECONDS and len(self._finals) > 1:
            self._delays.over(self._finals[1].utterance)
            self._utterances.pop(self._finals[1].utterance, None)
            del self._finals[1]
            self.counters.finals_overflowed += 1
            logger.error("track %s: the caption buffer is full", self.speaker.track_id)

    async def _start_partial_or_wait(self) -> None:
        self._start_partial()
        self._arrived.clear()
        await self._arrived.wait()

    def _start_partial(self) -> None:
        """Send the newest partial on its way, if it is its turn.

        It does not wait for the final before it, for readers follow the speaker; it does where the
        captioner is behind with more than that, or away.
        """
        running = self._partial_task is not None and not self._partial_task.done()
        behind = len(self._finals) > 1 or self._away
        if self._partial is None or running or behind:
            return
        window, self._partial = self._partial, None
        if self._resting() and not window.speculative:
            self.counters.partials_replaced += 1
            return
        self._partial_task = asyncio.create_task(self._caption_partial(window))
        self._partial_task.add_done_callback(lambda _: self._arrived.set())

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
        words = on_lesson_clock(hypothesis, window)
        agreement = utterance.update(words, window.end_ms, hypothesis.word_times)
        if await self._cut_early(window, agreement, hypothesis):
            return
        if hypothesis.words or utterance.shown:
            await self._show(utterance, window, agreement, hypothesis.language)

    async def _cut_early(
        self, window: SpeechWindow, agreement: Agreement, hypothesis: Hypothesis
    ) -> bool:
        """Make the first words of a long sentence final while it goes on, if that can be done."""
        if self._early_commit is None or window.speculative:
            return False
        words = (*agreement.stable, *agreement.unstable)
        cut = self._early_commit.cut(words, window.start_ms, window.end_ms)
        if cut is None:
            return False
        finals = self._cutter.cut_at(window.utterance, cut.at_ms)
        if not finals:
            return False
        self.counters.early_commits += 1
        self._take(finals)
        await self._show_parted(window, finals[0], agreement, cut, hypothesis)
        return True

    async def _show_parted(
        self,
        window: SpeechWindow,
        final: SpeechWindow,
        agreement: Agreement,
        cut: Cut,
        hypothesis: Hypothesis,
    ) -> None:
        """Show both parts of an utterance that was cut, so that no word goes away meanwhile."""
        utterance = self._utterances[window.utterance]
        first, rest = agreement.parted(cut.words)
        behind = replace(
            window,
            utterance=window.utterance + 1,
            start_ms=final.end_ms,
            samples=window.samples[len(final.samples) :],
        )
        following = Utterance(self._policy)
        if final.goes_on:
            self._utterances[behind.utterance] = following
        await self._show(utterance, final, first, hypothesis.language)
        if behind.utterance in self._utterances:
            words = (*rest.stable, *rest.unstable)
            going_on = following.update(words, behind.end_ms, hypothesis.word_times)
            await self._show(following, behind, going_on, hypothesis.language)

    def _utterance(self, window: SpeechWindow) -> Utterance:
        return self._utterances.setdefault(window.utterance, Utterance(self._policy))

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
        utterance = self._utterances.pop(window.utterance, None) or Utterance(self._policy)
        if hypothesis is None or not hypothesis.words:
            if utterance.shown:  # Take back what was shown of a noise.
                language = self._language.current or UNDETERMINED
                await self._show(utterance, window, Agreement((), ()), language)
            return
        self._language.hear(hypothesis.heard, window.speech_end_ms - window.start_ms)
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
                hypothesis = await self._transcribe(window)
                self._away = False
                return hypothesis
            except (InvalidInput, Unavailable) as error:
                late = asyncio.get_running_loop().time() > give_up_at
                if late or isinstance(error, InvalidInput):
                    self._away = False
                    self.counters.windows_given_up += 1
                    logger.error("track %s: window given up: %s", self.speaker.track_id, error)
                    return None
                self.counters.retries += 1
                self._away = True
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(2 * delay_seconds, LONGEST_RETRY_SECONDS)

    async def _transcribe(self, window: SpeechWindow) -> Hypothesis:
        name = WindowName(
            self._utterance(window).caption_id, _class_of(window), len(window.samples)
        )
        request = CaptionWindow(
            id=str(name),
            samples=window.samples,
            final=window.ends_utterance or window.speculative,
            language=self._language.current,
            vocabulary=self._vocabulary(),
            due_in_ms=self._delays.remaining_ms(window.utterance),
            track=self.speaker.track_id,
            detect_language=self._language.detects,
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
