"""The engagement model of the models process, for the process that follows lessons."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
from pydantic import BaseModel

from lessons.errors import InvalidInput, Unavailable
from serving.engagement.wire import (
    MEDIA_TYPE,
    Array,
    Estimates,
    LoadedEngagement,
    Similarities,
    TopicPair,
    TopicPairs,
    decode_estimates,
    encode_windows,
)
from serving.models_client import ModelsClient

ANSWER_TIMEOUT_S = 0.8
"""Longest wait for a tick, in seconds: the baseline must still be in time after it."""
SIMILARITY_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 0.3


class _Loaded(BaseModel):
    engagement: LoadedEngagement


class EngagementClient(ModelsClient):
    """Use it as an async context manager, from one event loop.

    Args:
        models_url: the endpoint of `lectern models`.
    """

    def __init__(self, models_url: str) -> None:
        super().__init__(models_url, ANSWER_TIMEOUT_S, CONNECT_TIMEOUT_S)

    async def loaded(self) -> LoadedEngagement:
        """Return what the models process has loaded.

        Raises:
            Unavailable: it is away, starting or too slow.
        """
        response = await self._send("GET", "/models", ANSWER_TIMEOUT_S)
        try:
            told = _Loaded.model_validate_json(response.content).engagement
        except ValueError as error:
            raise Unavailable("The models process answered something else.") from error
        if told.state != "ready":
            raise Unavailable(told.reason, retry_after_seconds=2)
        return told

    async def estimate(self, windows: Array) -> Estimates:
        """Return the probabilities for windows of shape (learners, history, features).

        Raises:
            Unavailable: the models process is away, starting or too slow, or of another release.
        """
        body = encode_windows(windows)
        response = await self._send("POST", "/engagement", ANSWER_TIMEOUT_S, body)
        try:
            return decode_estimates(response.content, len(windows))
        except InvalidInput as error:
            raise Unavailable(f"The models process answered something else: {error}") from error

    async def similarities(self, pairs: Sequence[TopicPair]) -> list[float]:
        """Return how near what was said lies to its topic; nothing where it cannot be told.

        Raises:
            Unavailable: the models process is away, starting or too slow.
        """
        body = TopicPairs(pairs=list(pairs)).model_dump_json().encode()
        response = await self._send("POST", "/similarity", SIMILARITY_TIMEOUT_S, body)
        try:
            return Similarities.model_validate_json(response.content).similarities
        except ValueError as error:
            raise Unavailable("The models process answered something else.") from error

    async def _send(
        self, method: str, path: str, timeout_s: float, body: bytes | None = None
    ) -> httpx.Response:
        kind = "application/json" if path == "/similarity" else MEDIA_TYPE
        timeout = httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)
        try:
            response = await self._http.request(
                method, path, content=body, headers={"Content-Type": kind}, timeout=timeout
            )
        except httpx.TransportError as error:
            raise Unavailable(
                "The models process cannot be reached, or does not answer in time.",
                retry_after_seconds=1,
            ) from error
        if not response.is_success:
            raise Unavailable(
                f"The engagement model answers {response.status_code}.", retry_after_seconds=1
            )
        return response
