from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.webhooks.schedule import is_delivered, must_disable, next_attempt_at

START = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_message_is_tried_eight_times_at_the_times_that_were_promised() -> None:
    delays: list[timedelta] = []
    failed_at = START
    while (due := next_attempt_at(len(delays) + 1, failed_at)) is not None:
        delays.append(due - failed_at)
        failed_at = due
    assert delays == [
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=5),
        timedelta(hours=10),
        timedelta(hours=10),
    ]
    assert next_attempt_at(0, START) == START
    assert failed_at - START > timedelta(days=1)


@pytest.mark.parametrize("status", [200, 204, 299])
def test_2xx_counts(status: int) -> None:
    assert is_delivered(status)


@pytest.mark.parametrize("status", [199, 301, 302, 307, 400, 410, 500, None])
def test_nothing_else_does(status: int | None) -> None:
    assert not is_delivered(status)


@pytest.mark.parametrize(
    ("failing_for", "status", "disabled"),
    [
        (timedelta(0), 500, False),
        (timedelta(days=5) - timedelta(seconds=1), None, False),
        (timedelta(days=5), None, True),
        (timedelta(days=9), 503, True),
        (timedelta(0), 410, True),
    ],
)
def test_five_days_of_failure_or_the_receivers_word_end_it(
    failing_for: timedelta, status: int | None, disabled: bool
) -> None:
    assert must_disable(START, START + failing_for, status) is disabled
