"""How loaded the captioner is with live lessons, as it tells ingest workers and the API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.captioning.ladder import PARTIAL_INTERVAL_FACTORS, Load, Rung

FINAL_BOUND_S = 10.0
"""Declared time from the end of an utterance to its final, where none is set, in seconds."""
REMEMBERED_S = 10.0
"""A replica that has told nothing for so long has no windows, and so nothing to complain of."""

RungWord = Literal["full", "slower_partials", "smaller_partials", "smaller_finals", "refusing"]


class CaptionLoad(BaseModel):
    """How far the captioner has given way under load, and what was measured for it.

    `busy`, `finals_busy` and `finals_delay` are shares of the last few seconds' capacity, of the
    same for windows that end a caption, and of the declared bound that the slowest final took.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rung: RungWord = Field(default="full", description="What has been given up so far")
    busy: float = Field(default=0.0, ge=0, description="Capacity that live windows take, 0..1")
    finals_busy: float = Field(default=0.0, ge=0, description="The same for finals alone")
    finals_delay: float = Field(
        default=0.0, ge=0, description="Longest wait of a final as a share of the bound"
    )
    final_bound_ms: int = Field(
        default=round(1000 * FINAL_BOUND_S), gt=0, description="Declared time to a final caption"
    )
    partial_interval_factor: float = Field(
        default=1.0, ge=1, description="By how much the time between partials has grown"
    )
    replica: str = Field(default="", description="Which replica of the captioner says so")

    @property
    def on(self) -> Rung:
        """The rung."""
        return Rung[self.rung.upper()]


def caption_load(rung: Rung, load: Load, *, final_bound_s: float, replica: str) -> CaptionLoad:
    """Return what is told of a measurement."""
    return CaptionLoad.model_validate(
        {
            "rung": rung.word,
            "busy": round(load.busy, 3),
            "finals_busy": round(load.finals_busy, 3),
            "finals_delay": round(load.finals_delay, 3),
            "final_bound_ms": round(1000 * final_bound_s),
            "partial_interval_factor": PARTIAL_INTERVAL_FACTORS[rung],
            "replica": replica,
        }
    )


class ReplicaLoads:
    """What the replicas of the captioner have told lately.

    Args:
        clock: in seconds; never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[str, tuple[float, CaptionLoad]] = {}

    def note(self, load: CaptionLoad) -> None:
        """Take what a replica tells."""
        self._told[load.replica] = (self._clock(), load)

    def newest_age(self) -> float | None:
        """Return how long ago one was heard of, in seconds; None where none ever was."""
        newest = max((at for at, _ in self._told.values()), default=None)
        return None if newest is None else self._clock() - newest

    def worst(self) -> CaptionLoad | None:
        """Return what the most loaded of them says; None where none was heard of lately.

        Windows go to any replica, so a lesson meets the slowest of them.
        """
        now = self._clock()
        self._told = {
            replica: (at, load)
            for replica, (at, load) in self._told.items()
            if now - at <= REMEMBERED_S
        }
        loads = [load for _, load in self._told.values()]
        return max(loads, key=lambda one: (one.on, one.finals_delay, one.busy), default=None)
