"""How an ingest worker keeps pace with the captioner: what it promises, and when it holds back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lessons.errors import NoHeadroom, Unavailable
from serving.captioning.caption_load import FINAL_BOUND_S, CaptionLoad
from serving.captioning.client import CaptionClient
from serving.captioning.ladder import Rung, partial_rest

RETRY_AFTER_SECONDS = 15
"""When a lesson that was refused may try again: a rung is held for as long at least."""
LAST_OF_BOUND = 1.0
"""Share of the bound that finals may take before live lessons get no further peer either."""


async def _unknown_load() -> CaptionLoad:
    return CaptionLoad()


@dataclass(frozen=True, slots=True)
class CaptionPace:
    """What the captioner's load means for a worker's tracks and for new ones.

    Attributes:
        final_bound_s: declared time from the end of an utterance to its final, in seconds.
        told: what the captioner has last told of its load.
        ask: the same, asked now where it was not told lately; raises Unavailable.
    """

    final_bound_s: float = FINAL_BOUND_S
    told: Callable[[], CaptionLoad] = CaptionLoad
    ask: Callable[[], Awaitable[CaptionLoad]] = _unknown_load

    @classmethod
    def of(cls, captions: CaptionClient, final_bound_s: float) -> CaptionPace:
        """Return the pace that a captioner behind the models process allows."""
        return cls(final_bound_s, lambda: captions.told_load, captions.load)

    def rest_after_partial(self, worked_s: float) -> float:
        """Return how long a track rests after a partial that took so long, in seconds."""
        return partial_rest(worked_s, self.told().partial_interval_factor)

    async def admit(self, *, live: bool) -> None:
        """See that there is room for one more track that is captioned.

        A captioner that is away refuses nobody: media outlives it, and its words come later.

        Args:
            live: whether its lesson is live already; then it may come as long as finals are in
                time, for which the refusal of new lessons keeps a reserve.

        Raises:
            NoHeadroom: there is none.
        """
        try:
            load = await self.ask()
        except Unavailable:
            return
        if load.on < Rung.REFUSING or (live and load.finals_delay < LAST_OF_BOUND):
            return
        raise NoHeadroom(
            "The captioner has no room for another lesson: finals already take "
            f"{load.finals_delay:.0%} of the declared {load.final_bound_ms / 1000:g} s, and "
            f"{load.finals_busy:.0%} of its capacity.",
            fix="Try again later. Lessons that are live go on.",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )
