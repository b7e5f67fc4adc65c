"""What the benchmark that kills processes finds wrong with signals."""

from __future__ import annotations

from typing import Any

import pytest

from eval.kill_nine import SignalFindings, signal_findings


def signal(subject: str, end_ms: int) -> dict[str, Any]:
    return {"type": "engagement.signal", "subject": subject, "data": {"end_ms": end_ms}}


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        ([5_000, 35_000, 65_000], SignalFindings(told=3, doubled=0, missing=0)),
        ([5_000, 35_000, 35_000], SignalFindings(told=3, doubled=1, missing=0)),
        ([35_000, 5_000, 190_000], SignalFindings(told=3, doubled=0, missing=1)),
        ([], SignalFindings(told=0, doubled=0, missing=0)),
    ],
)
def test_signals_that_come_twice_or_stay_away_are_found(
    ends: list[int], found: SignalFindings
) -> None:
    others = [{"type": "hand.raised", "subject": "ada", "data": {}}, signal("ben", 200_000)]
    events = [*(signal("ada", end_ms) for end_ms in ends), *others]
    assert signal_findings(events) == found + SignalFindings(told=1, doubled=0, missing=0)
