"""The models of the models process, for a process that reads lessons. Its calls block."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from lessons.errors import InvalidInput, LecternError, Unavailable
from serving.observability.reading_metrics import ReadingMetrics
from serving.reading.loaded import Kind, LoadedReading, LoadedReadingModel
from serving.reading.status import FIELD
from serving.reading.wire import (
    MEDIA_TYPE,
    MOST_ITEMS,
    TIMEOUT_S,
    Answer,
    decode_answer,
    encode_items,
)

LONGER_S = 10.0
"""How much longer than the models process to wait for an answer, in seconds."""
LOADED_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 2.0


class ReadingClient:
    """Use it as a context manager; threads may share it, as threads do the reading.

    Args:
        models_url: the endpoint of `lectern models`.
    """

    def __init__(self, models_url: str, metrics: ReadingMetrics) -> None:
        self._http = httpx.Client(
            base_url=models_url,
            timeout=httpx.Timeout(LOADED_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            trust_env=False,
        )
        self._metrics = metrics

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def loaded(self, kind: Kind) -> LoadedReadingModel:
        """Return the model of a kind.

        Raises:
            InvalidInput: it could not be loaded, and will not be until somebody acts on the reason.
            Unavailable: the models process is away or starting, or serves no such models.
        """
        with _telling_of_outages():
            response = self._http.get("/reading")
        told = _loaded(response)
        if told.state == "off":
            raise Unavailable(told.reason, field=FIELD, fix="Set it to served in every process.")
        if told.state != "ready":
            raise Unavailable(told.reason, retry_after_seconds=2)
        found = next((one for one in told.models if one.kind == kind), None)
        if found is None:
            raise Unavailable(
                f"The models process serves no {kind}.",
                fix="Start it again with the same settings as this process.",
            )
        if found.state == "failed":
            raise InvalidInput(found.reason)
        return found

    def read(self, model: LoadedReadingModel, items: Sequence[Any]) -> list[Any]:
        """Return what a model says of items, a result for each.

        Raises:
            Unavailable: the models process is away, too slow, or has another model by now.
        """
        results: list[Any] = []
        for begin in range(0, len(items), MOST_ITEMS):
            results += self._read(model, items[begin : begin + MOST_ITEMS]).results
        return results

    def _read(self, model: LoadedReadingModel, items: Sequence[Any]) -> Answer:
        begun = time.perf_counter()
        try:
            answer = self._answer(model.kind, items)
            if (answer.model, answer.version) != (model.model, model.version):
                raise Unavailable(f"{answer.model} {answer.version} was loaded meanwhile.")
        except LecternError as error:
            self._metrics.failed(model.kind, error.code)
            raise
        self._metrics.answered(model.kind, time.perf_counter() - begun, answer.joined)
        return answer

    def _answer(self, kind: Kind, items: Sequence[Any]) -> Answer:
        with _telling_of_outages():
            response = self._http.post(
                f"/reading/{kind}",
                content=encode_items(kind, items),
                headers={"Content-Type": MEDIA_TYPE},
                timeout=httpx.Timeout(TIMEOUT_S[kind] + LONGER_S, connect=CONNECT_TIMEOUT_S),
            )
        if not response.is_success:
            raise Unavailable(f"The models process answers {response.status_code} about {kind}.")
        try:
            return decode_answer(kind, response.content, len(items))
        except InvalidInput as error:
            raise Unavailable(f"The models process answered something else: {error}") from error


@contextmanager
def _telling_of_outages() -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        raise Unavailable(
            "The models process cannot be reached, or does not answer in time.",
            retry_after_seconds=2,
        ) from error


def _loaded(response: httpx.Response) -> LoadedReading:
    try:
        return LoadedReading.model_validate_json(response.content)
    except ValueError as error:
        raise Unavailable("The models process answered something else.") from error
