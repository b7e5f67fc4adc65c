"""How loaded one captioner is with live lessons, measured over its last few seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from models.captions.interface import Urgency
from serving.captioning.ladder import Load

SPAN_S = 4.0
"""How far back is measured, in seconds."""


@dataclass(frozen=True, slots=True)
class CallTime:
    """When a call of the engine ran.

    Attributes:
        started, ended: in seconds of the same clock.
        urgency: of its windows.
        needed: share of the call's time that the same windows would take in full calls, 0..1. A
            model that decodes windows together is busy with few of them, yet far from full.
    """

    started: float
    ended: float
    urgency: Urgency
    needed: float = 1.0

    def seconds_since(self, earliest: float) -> float:
        """The needed time of the part of the call after an instant."""
        return max(self.ended - max(self.started, earliest), 0.0) * self.needed


class LoadMeter:
    """Measures the load of live lessons; what recordings take is not theirs.

    Args:
        places: calls that the engine runs at the same time.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._calls: deque[CallTime] = deque()
        self._delays: deque[tuple[float, float]] = deque()

    def call_ended(self, call: CallTime) -> None:
        """Take a call that was answered."""
        if call.urgency is not Urgency.RECORDING:
            self._calls.append(call)

    def final_answered(self, now: float, delay: float) -> None:
        """Take how long a live final took, as a share of the bound."""
        self._delays.append((now, delay))

    def measure(
        self, now: float, running: Iterable[CallTime], waiting_delays: Iterable[float]
    ) -> Load:
        """Return the load of the last few seconds.

        Args:
            now: in seconds.
            running: calls that run, as if they ended now.
            waiting_delays: how long finals that wait or run have taken so far, as shares of the
                bound.
        """
        earliest = now - SPAN_S
        while self._calls and self._calls[0].ended < earliest:
            self._calls.popleft()
        while self._delays and self._delays[0][0] < earliest:
            self._delays.popleft()
        live = [*self._calls, *(one for one in running if one.urgency is not Urgency.RECORDING)]
        capacity = SPAN_S * self._places
        busy = sum(call.seconds_since(earliest) for call in live)
        finals = sum(call.seconds_since(earliest) for call in live if call.urgency is Urgency.FINAL)
        delays = [*(delay for _, delay in self._delays), *waiting_delays]
        return Load(busy / capacity, finals / capacity, max(delays, default=0.0))
