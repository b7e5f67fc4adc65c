"""The live state of one audio track: frames in; captions and turns of speech out.

The streaming policy lives here and not in the model, so a model call stays a stateless window and
media outlives any restart of the models. Partials are replaced when they fall behind; finals wait
in order in a bounded buffer until the captioner has taken them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict

from lessons.errors import InvalidInput, Unavailable
from media_ingest.frames import AudioFrame, SpeechWindow
from media_ingest.utterances import UtteranceCutter
from models.captions.agreement import Agreement
from models.captions.early_commit import EarlyCommit
from models.captions.interface import Hypothesis
from models.captions.streaming_policies import PolicyName
from serving.captioning.client import CaptionService
from serving.live.caption_drafts import Speaker
from serving.live.caption_pace import CaptionPace
from serving.live.caption_sink import CaptionCounters, CaptionSink
from serving.live.final_delays import FinalDelays
from serving.live.open_utterances import OpenUtterances
from serving.live.speaking_turns import SpeakingTurns
from serving.live.track_hearing import TrackHearing
from serving.live.waiting_finals import WaitingFinals

logger = logging.getLogger(__name__)

DEFAULT_EARLY_COMMIT = EarlyCommit()


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
        self._cutter = cutter
        self._sink = sink
        self._turns = SpeakingTurns(speaker)
        self._now_ms = now_ms
        self._pace = pace or CaptionPace()
        self._delays = FinalDelays(
            speaker, self._pace.final_bound_s, sink.record, now_ms, lambda: self.counters.retries
        )
        self._hearing = TrackHearing(
            captions,
            speaker.track_id,
            language,
            vocabulary,
            self._delays.remaining_ms,
            self.counters,
        )
        self._early_commit = None if policy == "endpoint-only" else early_commit
        self._finals = WaitingFinals(self._delays, self._drop)
        self._utterances = OpenUtterances(speaker, sink, policy)
        self._partial: SpeechWindow | None = None
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
        return self._finals.seconds

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
                await self._caption_final(self._finals.head)
                self._finals.over()
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
        self._finals.append(window, lambda: self._utterances.caption_id(window))

    def _drop(self, window: SpeechWindow) -> None:
        self._utterances.forget(window)
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
        behind = len(self._finals) > 1 or self._hearing.away
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
            hypothesis = await self._hearing.once(window, self._utterances.caption_id(window))
        except (Unavailable, InvalidInput):
            return  # The next window says all of it again.
        finally:
            now = asyncio.get_running_loop().time()
            self._rest_until = now + self._pace.rest_after_partial(now - started)
        if window.speculative:
            self._speculated = hypothesis
        if window.utterance <= self._last_ended:
            return  # Its final is on the way; an older partial would only flicker.
        agreement = self._utterances.update(window, hypothesis)
        if not await self._cut_early(window, agreement, hypothesis):
            await self._utterances.show(window, agreement, hypothesis)

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
        await self._utterances.show_parted(window, finals[0], agreement, cut, hypothesis)
        return True

    async def _caption_final(self, window: SpeechWindow) -> None:
        hypothesis = await self._speculated_words(window)
        if hypothesis is None:
            caption_id = self._utterances.caption_id(window)
            hypothesis = await self._hearing.final(window, caption_id)
        self._sink.heard(window.speech_end_ms)
        if hypothesis is None or not hypothesis.words:
            await self._utterances.take_back(window, self._hearing.language)
            return
        self._hearing.learn_language(window, hypothesis)
        self._sink.record(self._utterances.finalise(window, hypothesis, self._now_ms()))

    async def _speculated_words(self, window: SpeechWindow) -> Hypothesis | None:
        """Return what the speculative window of the same samples was heard as, if it was."""
        if self._speculation is None or not _same_samples(self._speculation, window):
            return None
        await self._end_partial()
        return self._speculated


def _same_samples(one: SpeechWindow, other: SpeechWindow) -> bool:
    """Whether two windows hold the same samples of the same utterance."""
    return (one.utterance, one.start_ms, len(one.samples)) == (
        other.utterance,
        other.start_ms,
        len(other.samples),
    )
