"""Clocks of clients that are wrong: what they claim, put right by when it arrived."""

from __future__ import annotations

from collections import deque

AHEAD_MS = 2_000
"""Nothing arrives before it happened; what claims so by more than this has a fast clock."""

BEHIND_MS = 20_000
"""Live events arrive within this, unless the clock is slow or the client was offline."""

STEADY_MS = 8_000
"""A slow clock is always as late; what a client sends after an offline spell is ever less so."""

DELAY_MS = 500
"""What a live event takes from a client to here, at least."""

LOOKED_AT = 4
"""Newest events that have to agree before a clock is taken to be slow."""


class ClientClock:
    """How far one client's clock is from the lesson's."""

    __slots__ = ("_late",)

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=LOOKED_AT)

    def shift_ms(self, claimed_ms: float, arrived_ms: float | None) -> float:
        """Return what has to be added to the client's times, as far as is known by now.

        Args:
            claimed_ms: when something ended, by the client.
            arrived_ms: when that was known here, on the lesson clock; None: it is not known.
        """
        if arrived_ms is None:
            return 0.0
        self._late.append(arrived_ms - claimed_ms)
        least = min(self._late)
        steady = len(self._late) == LOOKED_AT and max(self._late) - least <= STEADY_MS
        if least < -AHEAD_MS or (steady and least > BEHIND_MS):
            return least - DELAY_MS
        return 0.0
