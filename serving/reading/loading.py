"""Loading what a replica reads with; heavy libraries are imported here, when it is first asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lessons.errors import InvalidInput
from models.embeddings.loading import DEFAULT, load_encoder
from models.segments.card import shipped_card
from models.segments.network import shipped_rows
from models.summaries.interface import ChatPrompt
from models.summaries.selection import load_chat_model
from models.talk_moves.loading import RULES, load_exchanges, load_talk_moves
from serving.reading.loaded import Kind


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model of one kind.

    Attributes:
        read: returns a result for each item.
        dimension: numbers of a vector, of an encoder.
    """

    name: str
    version: str
    read: Callable[[Sequence[Any]], Sequence[Any]]
    dimension: int | None = None


def load_model(kind: Kind, model: str | None, device: str) -> LoadedModel:
    """Load a model.

    Args:
        model: name of the encoder, the talk moves or the instruct model; None: what comes with
            Lectern.
        device: of PyTorch, such as `cuda`.

    Raises:
        InvalidInput: no such model, or an extra is not installed.
        Unavailable: it is not on disk and the hub cannot be reached.
    """
    return _LOADERS[kind](model, device)


def _encoder(model: str | None, device: str) -> LoadedModel:
    encoder = load_encoder(model or DEFAULT, device)
    return LoadedModel(
        encoder.name, encoder.version, lambda texts: list(encoder.encode(texts)), encoder.dimension
    )


def _exchanges(_: str | None, device: str) -> LoadedModel:
    exchanges = load_exchanges(device=device)
    return LoadedModel(exchanges.name, exchanges.version, exchanges.read)


def _talk_moves(model: str | None, device: str) -> LoadedModel:
    moves = load_talk_moves(model or RULES, device)
    return LoadedModel(moves.name, moves.version, moves.classify)


def _segments(_model: str | None, _device: str) -> LoadedModel:
    card = shipped_card()
    return LoadedModel(card.name, card.version, shipped_rows(card).logits)


def _chat(model: str | None, _device: str) -> LoadedModel:
    if model is None:
        raise InvalidInput("No instruct model is named.", field="summary_model")
    chat = load_chat_model(model)

    def answers(prompts: Sequence[ChatPrompt]) -> list[str]:
        return [chat.answer(one.instruction, one.material, one.schema) for one in prompts]

    return LoadedModel(chat.name, chat.version, answers)


_LOADERS: Mapping[Kind, Callable[[str | None, str], LoadedModel]] = {
    "encoder": _encoder,
    "exchanges": _exchanges,
    "talk_moves": _talk_moves,
    "segments": _segments,
    "chat": _chat,
}
