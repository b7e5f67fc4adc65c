"""Loading models of talk by name, with every way it can fail told in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lessons.errors import InvalidInput
from models.embeddings.loading import load_encoder, not_installed
from models.talk_moves.exchanges import FOLDER, OUTPUTS, ExchangeModel
from models.talk_moves.interface import STUDENT_MOVES, TEACHER_MOVES, TalkMoveModel
from models.talk_moves.judged import load_judged
from models.talk_moves.rules import RuleMoves

if TYPE_CHECKING:
    from models.talk_moves.running import RunningNetwork

RULES = "rules"
"""Name of the talk moves that come with Lectern."""

FIELD = "talk_moves"


def load_talk_moves(model: str = RULES, device: str = "cpu") -> TalkMoveModel:
    """Return a model of talk moves.

    Args:
        model: `rules`, or the folder of a network by `training.train_talk_moves moves`, which is
            for research only.
        device: of PyTorch, such as `cuda`, for a network.

    Raises:
        InvalidInput: no such model, or the `embeddings` extra is not installed.
        Unavailable: the network's encoder is not on disk and the hub cannot be reached.
    """
    if model == RULES:
        return RuleMoves()
    folder = Path(model).expanduser()
    if not folder.is_dir():
        raise InvalidInput(
            f"There is no model of talk moves `{model}`.",
            field=FIELD,
            fix=f"Say `{RULES}`, or give the folder of one that "
            "`python -m training.train_talk_moves moves --output FOLDER` made. None that was "
            "fitted comes with Lectern: the data that it takes is for non-commercial use.",
        )
    # torch is heavy, and rules do without it.
    from models.talk_moves.network_moves import NetworkMoves

    return NetworkMoves(_network(folder, (*TEACHER_MOVES, *STUDENT_MOVES), device))


def load_exchanges(folder: Path = FOLDER, device: str = "cpu") -> ExchangeModel:
    """Return the model of uptake, focusing and being on task.

    Args:
        folder: of the network; by default of the one that ships.
        device: as of `load_talk_moves`.

    Raises:
        InvalidInput, Unavailable: as `load_talk_moves`.
    """
    network = _network(folder, OUTPUTS, device)
    try:
        judged = load_judged(folder, network.card.judged_sha256)
    except ValueError as error:
        raise InvalidInput(
            f"The judged exchanges in `{folder}` cannot be used: {error}.",
            field=FIELD,
            fix="Fetch the folder again, or make it with "
            "`python -m training.train_talk_moves exchanges`.",
        ) from error
    return ExchangeModel(network, judged, load_encoder(network.card.encoder, device))


def _network(folder: Path, outputs: tuple[str, ...], device: str) -> RunningNetwork:
    try:
        from models.talk_moves.running import RunningNetwork
    except ModuleNotFoundError as error:
        raise not_installed(error) from error
    network = RunningNetwork(folder, device)
    if tuple(network.card.outputs) != outputs:
        raise InvalidInput(
            f"The model in `{folder}` tells {', '.join(network.card.outputs)}.",
            field=FIELD,
            fix=f"One is wanted that tells {', '.join(outputs)}.",
        )
    return network
