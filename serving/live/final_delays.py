"""Finals of a track that are later than the declared bound, told while they still wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from lessons.events import CaptionDelayed, EventDraft
from serving.live.caption_drafts import Speaker

TELL_EVERY_S = 30.0
"""A track tells of delays at most so often, in seconds; the next time counts those since."""


@dataclass(slots=True)
class _Late:
    """Finals that became late and were not told of yet, with the last one's particulars."""

    count: int = 0
    caption_id: str = ""
    ended_at: float = 0.0


@dataclass(slots=True)
class FinalDelays:
    """Watches how long a track's finals have waited. Use it from one event loop.

    Args:
        speaker: whose track it is.
        bound_s: declared time from the end of an utterance to its final, in seconds.
        record: takes the event.
        now_ms: the lesson clock, in milliseconds.
        retries: how often the captioner has failed the track so far.
    """

    speaker: Speaker
    bound_s: float
    record: Callable[[EventDraft], None]
    now_ms: Callable[[], float]
    retries: Callable[[], int]
    late: int = 0
    _watched: dict[int, tuple[float, asyncio.TimerHandle]] = field(default_factory=dict)
    _untold: _Late = field(default_factory=_Late)
    _retries_told: int = 0
    _told_at: float = -TELL_EVERY_S
    _telling: asyncio.TimerHandle | None = None

    def waits(self, utterance: int, caption_id: Callable[[], str]) -> None:
        """Watch a final from now on; `caption_id` gives its id once it is late."""
        loop = asyncio.get_running_loop()
        ended_at = loop.time()
        timer = loop.call_later(self.bound_s, self._is_late, ended_at, caption_id)
        self._watched[utterance] = (ended_at, timer)

    def remaining_ms(self, utterance: int) -> int | None:
        """Return what is left of a final's time, below zero when it is late; None if not watched.

        A speculative window is not: its utterance has not ended yet.
        """
        watched = self._watched.get(utterance)
        if watched is None:
            return None
        waited_s = asyncio.get_running_loop().time() - watched[0]
        return round(1000 * (self.bound_s - waited_s))

    def over(self, utterance: int) -> None:
        """The final has come, or was given up."""
        watched = self._watched.pop(utterance, None)
        if watched is not None:
            watched[1].cancel()

    def close(self) -> None:
        """Tell what is untold, and watch nothing any more."""
        for _, timer in self._watched.values():
            timer.cancel()
        self._watched.clear()
        if self._telling is not None:
            self._telling.cancel()
            self._tell()

    def _is_late(self, ended_at: float, caption_id: Callable[[], str]) -> None:
        self.late += 1
        self._untold = _Late(self._untold.count + 1, caption_id(), ended_at)
        if self._telling is not None:
            return
        loop = asyncio.get_running_loop()
        wait_s = self._told_at + TELL_EVERY_S - loop.time()
        if wait_s <= 0:
            self._tell()
        else:
            self._telling = loop.call_later(wait_s, self._tell)

    def _tell(self) -> None:
        now = asyncio.get_running_loop().time()
        untold, self._untold = self._untold, _Late()
        self._told_at, self._telling = now, None
        away = self.retries() > self._retries_told
        self._retries_told = self.retries()
        data = CaptionDelayed(
            caption_id=untold.caption_id,
            track_id=self.speaker.track_id,
            participant_id=self.speaker.participant_id,
            waited_ms=round(1000 * (now - untold.ended_at)),
            bound_ms=round(1000 * self.bound_s),
            cause="captioner_away" if away else "captioner_busy",
            captions_late=untold.count,
        )
        person = self.speaker.participant_id
        self.record(EventDraft(data=data, lesson_time_ms=round(self.now_ms()), subject=person))
