"""A fitted network of pairs on disk: what was learnt, and a card that says what it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import safetensors.torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from transformers import AutoModel, AutoTokenizer

from lessons.errors import InvalidInput
from models.talk_moves.pair_network import RANK, PairNetwork
from models.talk_moves.pairs import PairTokens

FIELD = "talk_moves"
WEIGHTS = "weights.safetensors"
CARD = "card.json"


class NetworkCard(BaseModel):
    """What a network is, and what it reads.

    Attributes:
        encoder: name of the encoder that the changes belong to.
        outputs: names of what it gives, in their order.
        offsets: what is added to the outputs' logarithms before the likeliest is shown, by output;
            empty where nothing is.
        first_tokens: most tokens of a pair's first piece.
        second_tokens: most tokens of a pair's second piece.
        numbers: how many plain numbers come with a pair.
        judged_sha256: of the file of judged exchanges beside it; empty where there is none.
        judged_shares: what they count in each z-score.
        fitted_on: names of the transcripts that it was fitted on; empty where they have none.
        measured: figures on data that nothing was fitted or chosen on, as text.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    encoder: str = Field(min_length=1)
    data: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    may_ship: bool
    sha256: str
    outputs: list[str] = Field(min_length=1)
    offsets: list[float] = Field(default_factory=list)
    first_tokens: int = Field(ge=1)
    second_tokens: int = Field(ge=1)
    numbers: int = Field(ge=0)
    judged_sha256: str = ""
    judged_shares: list[float] = Field(default_factory=list)
    fitted_on: list[str] = Field(default_factory=list)
    measured: dict[str, str] = Field(default_factory=dict)


def new_network(
    encoder: Path, numbers: int, outputs: int, first_tokens: int, second_tokens: int
) -> tuple[PairNetwork, PairTokens]:
    """Return a network that has learnt nothing yet, and what cuts its pairs into tokens.

    Args:
        encoder: folder of the encoder, in the form of transformers.
    """
    model = AutoModel.from_pretrained(encoder, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(encoder, local_files_only=True)
    network = PairNetwork(model, numbers, outputs, RANK)
    return network, PairTokens(tokenizer, first_tokens, second_tokens)


def save_network(network: PairNetwork, folder: Path) -> str:
    """Write what was learnt, in half precision, and return the file's SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: each.half().contiguous() for name, each in network.learnt().items()}
    content = safetensors.torch.save(halves)
    (folder / WEIGHTS).write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def read_card(folder: Path) -> NetworkCard:
    """Return the card of a folder.

    Raises:
        InvalidInput: there is none, or it is damaged.
    """
    try:
        return NetworkCard.model_validate_json((folder / CARD).read_bytes())
    except (OSError, ValidationError) as error:
        raise InvalidInput(
            f"The folder `{folder}` holds no talk model: {error}",
            field=FIELD,
            fix="Make one with `python -m training.train_talk_moves`.",
        ) from error


def load_network(folder: Path, encoder: Path, card: NetworkCard) -> tuple[PairNetwork, PairTokens]:
    """Load a network as it serves: its changes are in the encoder.

    Args:
        folder: with the weights.
        encoder: folder of the encoder that the card names.
        card: of the folder.

    Raises:
        InvalidInput: the weights are not those of the card, or do not fit the encoder.
    """
    content = _weights(folder)
    if (digest := hashlib.sha256(content).hexdigest()) != card.sha256:
        raise _unfit(folder, f"their checksum is {digest}, and the card says {card.sha256}")
    network, tokens = new_network(
        encoder, card.numbers, len(card.outputs), card.first_tokens, card.second_tokens
    )
    try:
        learnt = {name: each.float() for name, each in safetensors.torch.load(content).items()}
        if missing := set(network.learnt()) ^ set(learnt):
            raise _unfit(folder, f"{len(missing)} of them are missing or too many")
        network.load_state_dict(learnt, strict=False)
    except (SafetensorError, RuntimeError) as error:
        raise _unfit(folder, error) from error
    network.merge()
    network.eval()
    return network, tokens


def _weights(folder: Path) -> bytes:
    try:
        return (folder / WEIGHTS).read_bytes()
    except OSError as error:
        raise _unfit(folder, error) from error


def _unfit(folder: Path, reason: object) -> InvalidInput:
    return InvalidInput(
        f"The weights in `{folder}` cannot be used: {reason}.",
        field=FIELD,
        fix="Fetch the folder again, or make it with `python -m training.train_talk_moves`.",
    )
