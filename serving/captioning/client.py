"""How a process without models gets captions: from the models process, or from its own engine."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

import httpx

from lessons.errors import InvalidInput, LecternError, Unavailable
from models.captions.interface import CaptionEngine, CaptionWindow, Hypothesis
from serving.captioning.window_batcher import WindowBatcher
from serving.captioning.wire import MEDIA_TYPE, Outcome, decode_outcomes, encode_windows

ANSWER_TIMEOUT_S = 45.0
"""Longest wait for an answer, in seconds; the models process gives up on a window before."""
CONNECT_TIMEOUT_S = 2.0
MOST_CONNECTIONS = 256
"""Windows of one process that wait for an answer at the same time."""
RETRY_AFTER_SECONDS = 1


class CaptionService(Protocol):
    """Whatever turns windows of speech into words."""

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        """Transcribe one window.

        Raises:
            InvalidInput: the window can never be transcribed.
            Unavailable: not now; the same window may succeed later.
        """
        ...


class CaptionClient:
    """Captions from the models process. Use it as an async context manager, from one event loop.

    Args:
        models_url: the endpoint of `lectern models`.
    """

    def __init__(self, models_url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=models_url,
            timeout=httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS),
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
        await self.close()

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        """Transcribe one window.

        Raises:
            InvalidInput: the window can never be transcribed.
            Unavailable: the models process is away, starting or too slow.
        """
        outcome = _only_outcome(await self._post(encode_windows([window])))
        if isinstance(outcome, LecternError):
            raise outcome
        return outcome

    async def engine(self) -> str:
        """Return the name of the engine that is loaded.

        Raises:
            Unavailable: the models process is away or starting.
        """
        try:
            response = await self._http.get("/models", timeout=CONNECT_TIMEOUT_S)
            response.raise_for_status()
            return str(response.json()["captions"]["engine"])
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise _away("The models process does not say which engine it has.") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _post(self, body: bytes) -> bytes:
        try:
            response = await self._http.post(
                "/transcribe", content=body, headers={"Content-Type": MEDIA_TYPE}
            )
        except httpx.TimeoutException as error:
            raise _away("The models process does not answer in time.") from error
        except httpx.TransportError as error:
            raise _away("The models process cannot be reached.") from error
        if response.is_client_error:
            raise InvalidInput(f"The models process refuses the request: {response.text}")
        if not response.is_success:
            raise _away(f"The models process answered {response.status_code}: {response.text}")
        return response.content


class InProcessCaptions:
    """Captions from an engine in this process, for a single recording and for benchmarks.

    Args:
        engine: a loaded model; `close` frees it.
    """

    def __init__(self, engine: CaptionEngine) -> None:
        self._batcher = WindowBatcher(engine)

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        """Transcribe one window.

        Raises:
            InvalidInput: the window can never be transcribed.
            Unavailable: the engine lost what it needs.
        """
        return await self._batcher.transcribe(window)

    async def close(self) -> None:
        """Free the engine."""
        await self._batcher.close()


def _only_outcome(body: bytes) -> Outcome:
    try:
        (outcome,) = decode_outcomes(body)
    except (InvalidInput, ValueError) as error:
        raise _away("The models process answered something else than one outcome.") from error
    return outcome


def _away(reason: str) -> Unavailable:
    return Unavailable(
        reason, fix="It may be starting; retry.", retry_after_seconds=RETRY_AFTER_SECONDS
    )
