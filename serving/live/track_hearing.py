"""One track's windows before the captioner: its language, its words, and patience with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from lessons.errors import InvalidInput, Unavailable
from lessons.records import UNDETERMINED
from media_ingest.frames import SpeechWindow
from models.captions.interface import CaptionWindow, Hypothesis
from models.captions.track_language import TrackLanguage
from serving.captioning.client import CaptionService
from serving.captioning.window_names import WindowClass, WindowName
from serving.live.caption_sink import CaptionCounters

logger = logging.getLogger(__name__)

GIVE_UP_SECONDS = 600.0
"""How long one window is tried: as long as the buffer lasts. A window that the models can never
take, for a fault of theirs, would otherwise hold up all that follows it."""

FIRST_RETRY_SECONDS = 0.25
LONGEST_RETRY_SECONDS = 4.0


class TrackHearing:
    """Has one track's windows transcribed.

    Args:
        captions: the captioner; it may come and go.
        track_id: names the track to the captioner.
        language: ISO 639-1 code of the track; None: the one that is heard on it.
        vocabulary: gives the lesson's own words as they stand.
        due_in_ms: what is left of an utterance's time in milliseconds; None: it has not ended.
        counters: counts what was tried again or given up.

    Attributes:
        away: whether the captioner failed when it was last asked for a final.
    """

    def __init__(
        self,
        captions: CaptionService,
        track_id: str,
        language: str | None,
        vocabulary: Callable[[], tuple[str, ...]],
        due_in_ms: Callable[[int], int | None],
        counters: CaptionCounters,
    ) -> None:
        self.away = False
        self._captions = captions
        self._track_id = track_id
        self._language = TrackLanguage(language)
        self._vocabulary = vocabulary
        self._due_in_ms = due_in_ms
        self._counters = counters

    @property
    def language(self) -> str:
        """ISO 639-1 code of what is spoken on the track, as far as it is known."""
        return self._language.current or UNDETERMINED

    def learn_language(self, window: SpeechWindow, hypothesis: Hypothesis) -> None:
        """Note which language a final was heard in."""
        self._language.hear(hypothesis.heard, window.speech_end_ms - window.start_ms)

    async def final(self, window: SpeechWindow, caption_id: str) -> Hypothesis | None:
        """Transcribe a final window, trying while the models are away; None if it is given up."""
        delay_seconds = FIRST_RETRY_SECONDS
        give_up_at = asyncio.get_running_loop().time() + GIVE_UP_SECONDS
        while True:
            try:
                hypothesis = await self.once(window, caption_id)
                self.away = False
                return hypothesis
            except (InvalidInput, Unavailable) as error:
                late = asyncio.get_running_loop().time() > give_up_at
                if late or isinstance(error, InvalidInput):
                    self.away = False
                    self._counters.windows_given_up += 1
                    logger.error("track %s: window given up: %s", self._track_id, error)
                    return None
                self._counters.retries += 1
                self.away = True
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(2 * delay_seconds, LONGEST_RETRY_SECONDS)

    async def once(self, window: SpeechWindow, caption_id: str) -> Hypothesis:
        """Transcribe a window, or fail.

        Raises:
            InvalidInput: the window can never be transcribed.
            Unavailable: not now.
        """
        name = WindowName(caption_id, _class_of(window), len(window.samples))
        request = CaptionWindow(
            id=str(name),
            samples=window.samples,
            final=window.ends_utterance or window.speculative,
            language=self._language.current,
            vocabulary=self._vocabulary(),
            due_in_ms=self._due_in_ms(window.utterance),
            track=self._track_id,
            detect_language=self._language.detects,
        )
        return await self._captions.transcribe(request)


def _class_of(window: SpeechWindow) -> WindowClass:
    if window.ends_utterance:
        return "final"
    return "speculative" if window.speculative else "partial"
