"""How a process without models gets captions: from the models process, or from its own engine."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

import httpx

from lessons.errors import InvalidInput, LecternError, Unavailable
from models.captions.interface import CaptionEngine, CaptionWindow, Hypothesis
from serving.captioning.caption_load import CaptionLoad, ReplicaLoads
from serving.captioning.loaded_models import LoadedModels
from serving.captioning.window_batcher import WindowBatcher
from serving.captioning.wire import MEDIA_TYPE, Outcome, decode_answer, encode_windows

ANSWER_TIMEOUT_S = 45.0
"""Longest wait for an answer, in seconds; the models process gives up on a window before."""
CONNECT_TIMEOUT_S = 2.0
MOST_CONNECTIONS = 256
"""Windows of one process that wait for an answer at the same time."""
RETRY_AFTER_SECONDS = 1
FRESH_S = 1.0
"""A load that was told so lately is not asked for again, in seconds."""


class CaptionService(Protocol):
    """Whatever turns windows of speech into words."""

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        """Transcribe one window.

        Raises:
            InvalidInput: the window can never be transcribed.
            Unavailable: not now; the same window may succeed later.
        """
        ...


class ServedCaptionService(CaptionService, Protocol):
    """A captioner that tells how loaded it is."""

    async def load(self) -> CaptionLoad:
        """Return how loaded it is with live lessons.

        Raises:
            Unavailable: it does not answer.
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
        self._loads = ReplicaLoads()

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
        outcome = self._only_outcome(await self._post(encode_windows([window])))
        if isinstance(outcome, LecternError):
            raise outcome
        return outcome

    @property
    def told_load(self) -> CaptionLoad:
        """What the captioner has last told of its load; of one that is away nothing is known."""
        return self._loads.worst() or CaptionLoad()

    async def load(self) -> CaptionLoad:
        """Return how loaded the captioner is, as told with a late answer or when asked now.

        Raises:
            Unavailable: the models process is away or starting.
        """
        age = self._loads.newest_age()
        if age is None or age > FRESH_S:
            self._loads.note(await self._ask_load())
        return self.told_load

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

    async def _ask_load(self) -> CaptionLoad:
        try:
            response = await self._http.get("/models", timeout=CONNECT_TIMEOUT_S)
            response.raise_for_status()
            told = LoadedModels.model_validate_json(response.content).captions.load
        except (httpx.HTTPError, ValueError) as error:
            raise _away("The models process does not say how loaded it is.") from error
        if told is None:
            raise _away("The models process is starting.")
        return told

    def _only_outcome(self, body: bytes) -> Outcome:
        try:
            answer = decode_answer(body)
            (outcome,) = answer.outcomes
        except (InvalidInput, ValueError) as error:
            raise _away("The models process answered something else than one outcome.") from error
        if answer.load is not None:
            self._loads.note(answer.load)
        return outcome

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

    async def load(self) -> CaptionLoad:
        """Return how loaded the engine is with live lessons."""
        return self._batcher.load()

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


def _away(reason: str) -> Unavailable:
    return Unavailable(
        reason, fix="It may be starting; retry.", retry_after_seconds=RETRY_AFTER_SECONDS
    )
