"""What lessons are read with: models in this process, or those that the models process serves."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Protocol

from lessons.errors import InvalidInput, Unavailable
from models.embeddings.interface import Encoder
from models.embeddings.loading import DEFAULT, load_encoder
from models.segments.card import shipped_card
from models.segments.segmenter import Segmenter, shipped_segmenter
from models.summaries.language_model import ChatModel
from models.talk_moves.exchanges import ExchangeReader
from models.talk_moves.interface import TalkMoveModel
from models.talk_moves.loading import RULES, load_exchanges, load_talk_moves
from serving.observability.reading_metrics import ReadingMetrics
from serving.reading.client import ReadingClient
from serving.reading.served import (
    ServedChat,
    ServedEncoder,
    ServedExchanges,
    ServedMoves,
    ServedRows,
)
from serving.settings import Settings

logger = logging.getLogger(__name__)

SERVED_AT_ONCE = 8
"""Lessons that are read at the same time where models are served: they wait for the same call."""


class ReadingModels(Protocol):
    """Gives the models. Ask for them anew with each lesson: another version may serve by then.

    Every method raises Unavailable where models are served, and not now.

    Attributes:
        at_once: lessons that may be read with them at the same time.
    """

    @property
    def at_once(self) -> int: ...  # noqa: D102

    def segmenter(self) -> Segmenter:
        """Return what divides lessons."""
        ...

    def talk_moves(self) -> TalkMoveModel:
        """Return what tells moves.

        Raises:
            InvalidInput: there is no such model.
        """
        ...

    def encoder(self) -> Encoder | None:
        """Return what compares talk with objectives; None: nothing does, and the log says why."""
        ...

    def exchanges(self) -> ExchangeReader | None:
        """Return what tells uptake and focusing; None: nothing does, and the log says why."""
        ...

    def chat(self) -> ChatModel | None:
        """Return the instruct model that writes; None: none is served."""
        ...


class InProcessModels:
    """Models of this process, each loaded when it is first asked for. One lesson at a time.

    Args:
        encoder, moves: names of models, as settings give them.
    """

    at_once = 1

    def __init__(self, encoder: str = DEFAULT, moves: str = RULES) -> None:
        self.segmenter = cache(shipped_segmenter)
        self.talk_moves = cache(partial(load_talk_moves, moves))
        self.encoder = cache(partial(_encoder, encoder))
        self.exchanges = cache(_exchanges)

    def chat(self) -> ChatModel | None:
        """See `ReadingModels`."""
        return None


class ServedModels:
    """Models of the models process.

    Args:
        moves: name of the talk moves; rules are run in this process, which takes less than a call.
        writes: whether an instruct model is among them.
    """

    at_once = SERVED_AT_ONCE

    def __init__(self, client: ReadingClient, moves: str = RULES, *, writes: bool = False) -> None:
        self._client, self._moves, self._writes = client, moves, writes
        self._card = cache(shipped_card)

    def segmenter(self) -> Segmenter:
        """See `ReadingModels`."""
        card, told = self._card(), self._client.loaded("segments")
        if (card.name, card.version) != (told.model, told.version):
            raise Unavailable(
                f"The models process scores segments by {told.version}, and not {card.version}.",
                fix="Run the same release of Lectern in every process.",
            )
        return Segmenter(card, ServedRows(self._client, told))

    def talk_moves(self) -> TalkMoveModel:
        """See `ReadingModels`."""
        if self._moves == RULES:
            return load_talk_moves(RULES)
        return ServedMoves(self._client, self._client.loaded("talk_moves"))

    def encoder(self) -> Encoder | None:
        """See `ReadingModels`."""
        try:
            return ServedEncoder(self._client, self._client.loaded("encoder"))
        except InvalidInput as error:
            _told_without_encoder(error)
            return None

    def exchanges(self) -> ExchangeReader | None:
        """See `ReadingModels`."""
        try:
            return ServedExchanges(self._client, self._client.loaded("exchanges"))
        except InvalidInput as error:
            _told_without_exchanges(error)
            return None

    def chat(self) -> ChatModel | None:
        """See `ReadingModels`.

        Raises:
            InvalidInput: it could not be loaded.
        """
        return ServedChat(self._client, self._client.loaded("chat")) if self._writes else None


@asynccontextmanager
async def open_reading(settings: Settings, metrics: ReadingMetrics) -> AsyncIterator[ReadingModels]:
    """Open the models that the settings ask for; close the way to them at the end."""
    if settings.reading_models == "in_process":
        yield InProcessModels(settings.embedding_model, settings.talk_moves)
        return
    with ReadingClient(settings.models_url, metrics) as client:
        writes = settings.summary_model is not None
        yield ServedModels(client, settings.talk_moves, writes=writes)


def _encoder(model: str) -> Encoder | None:
    try:
        return load_encoder(model)
    except (InvalidInput, Unavailable) as error:
        _told_without_encoder(error)
        return None


def _exchanges() -> ExchangeReader | None:
    try:
        return load_exchanges()
    except (InvalidInput, Unavailable) as error:
        _told_without_exchanges(error)
        return None


def _told_without_encoder(error: Exception) -> None:
    # Plan, exercises and marks tell of objectives all the same.
    logger.warning("talk is compared with no objectives: %s", error)


def _told_without_exchanges(error: Exception) -> None:
    # Moves, questions, waits and turns are told all the same.
    logger.warning("reflections tell of neither uptake nor focusing questions: %s", error)
