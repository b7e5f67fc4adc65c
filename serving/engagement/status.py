"""How far the engagement model of a models process is, and the way to it once it is up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lessons.errors import Unavailable
from serving.engagement.wire import Array, Estimates, LoadedEngagement, TopicPair

RETRY_SECONDS = 2


class EngagementService(Protocol):
    """Whatever estimates what learners are doing."""

    async def estimate(self, windows: Array) -> Estimates:
        """Return the probabilities for windows of shape (learners, history, features).

        Raises:
            Unavailable: not now.
        """
        ...

    async def similarities(self, pairs: Sequence[TopicPair]) -> list[float]:
        """Return how near what was said lies to its topic; nothing where it cannot be told.

        Raises:
            Unavailable: not now.
        """
        ...


class EngagementStatus:
    """What the estimator is doing. One thread sets it, the endpoint's thread reads it."""

    def __init__(self) -> None:
        self._told = LoadedEngagement(state="starting", reason="Captions are started first.")
        self._service: EngagementService | None = None

    def failed(self, reason: str) -> None:
        """Say why the baseline is all there is until somebody acts on it."""
        self._told = LoadedEngagement(state="failed", reason=reason)

    def ready(self, service: EngagementService, loaded: LoadedEngagement) -> None:
        """Take windows from now on."""
        self._service, self._told = service, loaded

    @property
    def service(self) -> EngagementService:
        """The estimator.

        Raises:
            Unavailable: it is not up.
        """
        if self._service is None:
            raise Unavailable(self._told.reason, retry_after_seconds=RETRY_SECONDS)
        return self._service

    def report(self) -> LoadedEngagement:
        """Return the state, the reason and, once loaded, the model."""
        return self._told
