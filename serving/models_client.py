"""What clients of the models process have in common: one HTTP client, open while they are."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx


class ModelsClient:
    """Use it as an async context manager, from one event loop.

    Args:
        models_url: the endpoint of `lectern models`.
        answer_timeout_s: longest wait for an answer, in seconds.
        connect_timeout_s: longest wait for a connection, in seconds.
    """

    def __init__(self, models_url: str, answer_timeout_s: float, connect_timeout_s: float) -> None:
        self._http = httpx.AsyncClient(
            base_url=models_url,
            timeout=httpx.Timeout(answer_timeout_s, connect=connect_timeout_s),
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.aclose()
