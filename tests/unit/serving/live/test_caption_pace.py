"""Who is let in, by what the captioner has measured."""

from __future__ import annotations

import pytest

from lessons.errors import NoHeadroom, Unavailable
from serving.captioning.caption_load import CaptionLoad, ReplicaLoads
from serving.live.caption_pace import CaptionPace


def _pace(load: CaptionLoad) -> CaptionPace:
    async def ask() -> CaptionLoad:
        return load

    return CaptionPace(10.0, lambda: load, ask)


REFUSING = CaptionLoad(rung="refusing", finals_busy=0.97, finals_delay=0.4)
BROKEN = CaptionLoad(rung="refusing", finals_busy=0.97, finals_delay=1.3)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("rung", ["full", "slower_partials", "smaller_finals"])
async def test_everybody_is_let_in_below_the_last_rung(rung: str, live: bool) -> None:
    await _pace(CaptionLoad.model_validate({"rung": rung, "finals_delay": 2})).admit(live=live)


async def test_on_the_last_rung_only_lessons_that_are_live_get_more_peers() -> None:
    await _pace(REFUSING).admit(live=True)
    with pytest.raises(NoHeadroom, match="97%") as refusal:
        await _pace(REFUSING).admit(live=False)
    assert refusal.value.retry_after_seconds > 0


async def test_the_reserve_ends_where_finals_are_late() -> None:
    with pytest.raises(NoHeadroom, match="130%"):
        await _pace(BROKEN).admit(live=True)


async def test_a_captioner_that_is_away_refuses_nobody() -> None:
    async def away() -> CaptionLoad:
        raise Unavailable("It is starting.")

    await CaptionPace(10.0, lambda: BROKEN, away).admit(live=False)


def test_partials_rest_longer_on_a_higher_rung() -> None:
    rests = [
        _pace(CaptionLoad(partial_interval_factor=factor)).rest_after_partial(0.5)
        for factor in (1.0, 2.0, 4.0)
    ]
    assert rests == [0.5, 2.0, 5.0]


def test_the_worst_replica_counts_until_it_was_not_heard_of_for_a_while() -> None:
    now = 100.0
    loads = ReplicaLoads(lambda: now)
    assert (loads.worst(), loads.newest_age()) == (None, None)
    loads.note(CaptionLoad(replica="one", rung="refusing"))
    now = 105.0
    loads.note(CaptionLoad(replica="two", rung="full", busy=0.2))
    now = 106.0
    worst = loads.worst()
    assert worst is not None
    assert (worst.replica, loads.newest_age()) == ("one", 1.0)
    now = 112.0
    worst = loads.worst()
    assert worst is not None
    assert worst.replica == "two"
    now = 130.0
    assert loads.worst() is None
