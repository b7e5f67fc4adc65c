"""Late finals are told while they wait, none is left out, and no track floods its lesson."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from eval.virtual_time import run_in_virtual_time
from lessons.events import CaptionDelayed, EventDraft
from lessons.roles import Role
from serving.live.caption_drafts import Speaker
from serving.live.final_delays import TELL_EVERY_S, FinalDelays

BOUND_S = 5.0
SPEAKER = Speaker("ten_a", "les_a", "par_a", "Ada", Role.LEARNER, "trk_a")


class Told:
    """What was recorded, and when."""

    def __init__(self) -> None:
        self.events: list[tuple[float, CaptionDelayed]] = []
        self.retries = 0

    def delays(self) -> FinalDelays:
        return FinalDelays(SPEAKER, BOUND_S, self._record, lambda: 0.0, lambda: self.retries)

    def _record(self, draft: EventDraft) -> None:
        assert isinstance(draft.data, CaptionDelayed)
        self.events.append((asyncio.get_running_loop().time(), draft.data))


def test_a_final_is_told_of_when_its_time_is_over_and_not_before() -> None:
    async def run() -> None:
        told = Told()
        delays = told.delays()
        delays.waits(1, lambda: "cap_1")
        delays.waits(2, lambda: "cap_2")
        await asyncio.sleep(BOUND_S - 0.1)
        assert delays.remaining_ms(1) == 100
        delays.over(2)
        assert told.events == []
        await asyncio.sleep(0.2)
        ((at, event),) = told.events
        assert at == BOUND_S
        assert (event.caption_id, event.waited_ms, event.bound_ms) == ("cap_1", 5000, 5000)
        assert (event.cause, event.captions_late) == ("captioner_busy", 1)
        assert delays.remaining_ms(1) == -100
        assert delays.remaining_ms(2) is None

    run_in_virtual_time(run())


def test_a_captioner_that_failed_meanwhile_is_the_cause() -> None:
    async def run() -> None:
        told = Told()
        delays = told.delays()
        delays.waits(1, lambda: "cap_1")
        told.retries = 3
        await asyncio.sleep(BOUND_S + TELL_EVERY_S)
        delays.waits(2, lambda: "cap_2")
        await asyncio.sleep(BOUND_S + 1)
        assert [event.cause for _, event in told.events] == ["captioner_away", "captioner_busy"]

    run_in_virtual_time(run())


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.floats(0, 12)),
        max_size=30,
    )
)
def test_every_late_final_is_counted_once_and_seldom_more_than_twice_a_minute(
    finals: list[tuple[float, float]],
) -> None:
    """`finals` has for each one the pause before it and how long it waits."""

    async def run() -> None:
        told = Told()
        delays = told.delays()
        loop = asyncio.get_running_loop()
        for number, (pause_s, waits_s) in enumerate(finals):
            await asyncio.sleep(pause_s)
            name = f"cap_{number}"
            delays.waits(number, lambda name=name: name)  # type: ignore[misc]
            loop.call_later(waits_s, delays.over, number)
        await asyncio.sleep(13)
        delays.close()
        late = sum(waits_s > BOUND_S for _, waits_s in finals)
        exactly = sum(waits_s == BOUND_S for _, waits_s in finals)
        assert late <= delays.late <= late + exactly
        assert sum(event.captions_late for _, event in told.events) == delays.late
        times = [at for at, _ in told.events]
        for before, after in pairwise(times[:-1]):  # The last one may be told at the very end.
            assert after - before >= TELL_EVERY_S - 1e-6

    run_in_virtual_time(run())
