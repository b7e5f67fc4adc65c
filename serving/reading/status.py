"""How far the models are that lessons are read with, and the way to them once they are up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from lessons.errors import InvalidInput, Unavailable
from serving.reading.loaded import Kind, LoadedReading, LoadedReadingModel
from serving.reading.wire import Answer

FIELD = "LECTERN_READING_MODELS"
STARTING_RETRY_SECONDS = 2


class ReadingService(Protocol):
    """Whatever reads items of lessons."""

    async def read(self, kind: Kind, items: Sequence[Any]) -> Answer:
        """Return a result for each item.

        Raises:
            Unavailable: not now; the same items may be read later.
        """
        ...


class ReadingStatus:
    """What these models are doing. One thread sets it, the endpoint's thread reads it."""

    def __init__(self) -> None:
        self._told = LoadedReading(
            state="off", reason=f"Whoever reads lessons has the models: {FIELD} is in_process."
        )
        self._service: ReadingService | None = None

    def starting(self, reason: str) -> None:
        """Say what is being loaded."""
        self._told = LoadedReading(state="starting", reason=reason)

    def ready(self, service: ReadingService, models: Sequence[LoadedReadingModel]) -> None:
        """Take items from now on, for those of the models that could be loaded."""
        self._service = service
        failed = [one.reason for one in models if one.state == "failed"]
        reason = " ".join(failed) or "All of them are loaded."
        self._told = LoadedReading(state="ready", reason=reason, models=list(models))

    def service_of(self, kind: Kind) -> ReadingService:
        """Return what reads items of a kind.

        Raises:
            InvalidInput: there is none, and will be none until somebody acts on the reason.
            Unavailable: it is starting.
        """
        told = self._told
        if self._service is None:
            if told.state == "starting":
                raise Unavailable(told.reason, retry_after_seconds=STARTING_RETRY_SECONDS)
            raise InvalidInput(told.reason, field=FIELD, fix="Set it to served in every process.")
        found = next((one for one in told.models if one.kind == kind), None)
        if found is None or found.state == "failed":
            raise InvalidInput(found.reason if found else f"No model of {kind} is served.")
        return self._service

    def report(self) -> LoadedReading:
        """Return the state, the reason and, once they were started, the models."""
        return self._told
