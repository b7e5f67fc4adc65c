"""Final windows of one track on their way to the captioner: in order, bounded, and watched."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from media_ingest.frames import SAMPLE_RATE, SpeechWindow
from serving.live.final_delays import FinalDelays

BUFFERED_SPEECH_SECONDS = 600
"""Speech that one track may hold while the models are away: 10 minutes, 38 MB."""


class WaitingFinals:
    """The final windows that the captioner has not taken yet.

    Args:
        delays: watches how long each waits.
        drop: told of a window that had to go because too much speech waits.
    """

    def __init__(self, delays: FinalDelays, drop: Callable[[SpeechWindow], None]) -> None:
        self._delays = delays
        self._drop = drop
        self._windows: deque[SpeechWindow] = deque()

    def __len__(self) -> int:
        return len(self._windows)

    @property
    def head(self) -> SpeechWindow:
        """The window whose turn it is; it waits until it is `over`."""
        return self._windows[0]

    @property
    def seconds(self) -> float:
        """Speech that waits, in seconds."""
        return sum(len(window.samples) for window in self._windows) / SAMPLE_RATE

    def append(self, window: SpeechWindow, caption_id: Callable[[], str]) -> None:
        """Let a window wait; `caption_id` gives its caption's id once it is late."""
        self._windows.append(window)
        self._delays.waits(window.utterance, caption_id)
        # The head may be with the captioner already, so the oldest that still waits goes.
        while self.seconds > BUFFERED_SPEECH_SECONDS and len(self._windows) > 1:
            dropped = self._windows[1]
            del self._windows[1]
            self._delays.over(dropped.utterance)
            self._drop(dropped)

    def over(self) -> None:
        """Let the head go: it is captioned, or was given up."""
        self._delays.over(self._windows.popleft().utterance)

    def clear(self) -> None:
        """Let go of everything; nobody wants it."""
        self._windows.clear()
