"""When a webhook is tried again, and when it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

RETRY_DELAYS_SECONDS = (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
"""From the event, then from each failed attempt to the next one (Standard Webhooks 1.0)."""

TIMEOUT_SECONDS = 15.0
"""For one attempt, from looking up the address to the end of the answer."""

DISABLED_AFTER = timedelta(days=5)
"""A webhook that has only failed for so long gets no more."""

OUTAGE = timedelta(minutes=5)
"""A webhook that has only failed for so long was out; once it answers, all that waits is due."""

GONE = 410
"""The status by which a receiver says that it wants no more, ever."""


def next_attempt_at(failed_attempts: int, failed_at: datetime) -> datetime | None:
    """Return when a message is tried again after so many failures, None where it is given up."""
    if failed_attempts >= len(RETRY_DELAYS_SECONDS):
        return None
    return failed_at + timedelta(seconds=RETRY_DELAYS_SECONDS[failed_attempts])


def is_delivered(status: int | None) -> bool:
    """Tell whether an answer means that the message arrived; a redirection does not."""
    return status is not None and 200 <= status < 300


def must_disable(failing_since: datetime, failed_at: datetime, status: int | None) -> bool:
    """Tell whether a failed attempt was the last one for this webhook."""
    return status == GONE or failed_at - failing_since >= DISABLED_AFTER
