"""Fits the talk moves of teachers and learners, one network for both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.embeddings.loading import encoder_folder
from models.talk_moves.interface import STUDENT_MOVES, TEACHER_MOVES, Role
from models.talk_moves.network_file import CARD, NetworkCard, new_network, save_network
from models.talk_moves.pair_network import PairNetwork
from models.talk_moves.pairs import PairTokens, TokenPair
from models.talk_moves.running import network_outputs
from models.talk_moves.turns_as_pairs import MOVE_NUMBERS, pair_of_turn
from training.move_scores import score_moves
from training.pair_training import Fitting, Plan
from training.talk_sets import LabelledTurn, read_moves
from training.talk_splits import Sides, split_moves

FIRST_TOKENS, SECOND_TOKENS = 36, 32
ROLES: dict[Role, tuple[str, ...]] = {"tutor": TEACHER_MOVES, "learner": STUDENT_MOVES}
KEPT_NONE = {"tutor": 0.35, "learner": 0.6}
"""Share of the sentences without a move that are fitted on: they teach least, and are the most."""

DATA = "TalkMoves (Suresh et al. 2022), fitted on its training sentences but those held out"
LICENCE = "CC BY-NC-SA 4.0"
Floats = NDArray[np.float32]


def fit_moves(data: Path, plan: Plan, encoder: str, output: Path) -> dict[str, str]:
    """Fit on most transcripts, choose offsets on some, and report on others.

    Returns:
        the figures, by name.

    Raises:
        NotFound, InvalidInput, Unavailable: the data or the encoder is not there, or unusable.
    """
    sets = {role: read_moves(data, role) for role in ROLES}
    sides = {role: split_moves(turns) for role, turns in sets.items()}
    torch.manual_seed(plan.seed)
    network, tokens = new_network(
        encoder_folder(encoder),
        MOVE_NUMBERS,
        len(TEACHER_MOVES) + len(STUDENT_MOVES),
        FIRST_TOKENS,
        SECOND_TOKENS,
    )
    pairs, targets = _rows_to_fit(sets, sides, tokens, plan.seed)
    print(f"{len(pairs)} sentences to fit on", flush=True)
    Fitting(network, tokens, plan, "talk moves").run(pairs, targets, _loss)
    offsets: list[float] = []
    measured: dict[str, str] = {}
    for role, turns in sets.items():
        chosen = _offsets(
            _chances(network, tokens, turns, sides[role].choose[::2], role),
            _labels(turns, sides[role].choose[::2]),
        )
        reported = _chances(network, tokens, turns, sides[role].report, role)
        score = score_moves(
            _labels(turns, sides[role].report), (reported + chosen).argmax(1), ROLES[role]
        )
        offsets += [round(float(each), 4) for each in chosen]
        measured |= {f"{role}: {name}": str(value) for name, value in score.items()}
    _save(network, output, encoder, offsets, measured)
    return measured


def _rows_to_fit(
    sets: dict[Role, list[LabelledTurn]], sides: dict[Role, Sides], tokens: PairTokens, seed: int
) -> tuple[list[TokenPair], Tensor]:
    draw = np.random.default_rng(seed)
    turns, targets = [], []
    for role, labelled in sets.items():
        for row in sides[role].fit:
            one = labelled[row]
            if one.label == 0 and draw.random() > KEPT_NONE[role]:
                continue
            turns.append(one.turn)
            targets.append(one.label + (len(TEACHER_MOVES) if role == "learner" else 0))
    return tokens.of([pair_of_turn(turn) for turn in turns]), torch.tensor(targets)


def _loss(values: Tensor, targets: Tensor) -> Tensor:
    """Return the cross-entropy of each turn among the moves of its role."""
    teachers = len(TEACHER_MOVES)
    columns = torch.arange(values.shape[1])
    own = (columns < teachers) == (targets < teachers).unsqueeze(1)
    return functional.cross_entropy(values.masked_fill(~own, -1e4), targets, label_smoothing=0.0)


def _chances(
    network: PairNetwork,
    tokens: PairTokens,
    turns: Sequence[LabelledTurn],
    rows: list[int],
    role: Role,
) -> Floats:
    """Return logarithms of chances, shape (rows, moves of the role)."""
    pairs = tokens.of([pair_of_turn(turns[row].turn) for row in rows])
    found = torch.from_numpy(network_outputs(network, tokens, pairs))
    teachers = len(TEACHER_MOVES)
    own = found[:, :teachers] if role == "tutor" else found[:, teachers:]
    return np.asarray(functional.log_softmax(own, 1))


def _labels(turns: Sequence[LabelledTurn], rows: list[int]) -> NDArray[np.int64]:
    return np.asarray([turns[row].label for row in rows])


def _offsets(chances: Floats, labels: NDArray[np.int64]) -> Floats:
    """Return what to add to each move's logarithm for the best macro-F1, one after the other."""
    moves = chances.shape[1]
    offsets = np.zeros(moves, np.float32)
    steps = np.arange(-2.0, 2.01, 0.2, dtype=np.float32)
    for _ in range(3):
        for move in range(moves):
            tried = []
            for step in steps:
                changed = offsets.copy()
                changed[move] = step
                tried.append(_macro(labels, (chances + changed).argmax(1), moves))
            offsets[move] = steps[int(np.argmax(tried))]
    return offsets


def _macro(labels: NDArray[np.int64], told: NDArray[np.int64], moves: int) -> float:
    table = np.zeros((moves, moves))
    np.add.at(table, (labels, told), 1)
    hits = table.diagonal()
    return float(np.mean(2 * hits / np.maximum(table.sum(0) + table.sum(1), 1)))


def _save(
    network: PairNetwork,
    output: Path,
    encoder: str,
    offsets: list[float],
    measured: dict[str, str],
) -> None:
    digest = save_network(network, output)
    card = NetworkCard(
        name="talk-moves-research",
        version=f"talkmoves-{digest[:8]}",
        encoder=encoder,
        data=DATA,
        licence=LICENCE,
        may_ship=False,
        sha256=digest,
        outputs=[*TEACHER_MOVES, *STUDENT_MOVES],
        offsets=offsets,
        first_tokens=FIRST_TOKENS,
        second_tokens=SECOND_TOKENS,
        numbers=MOVE_NUMBERS,
        measured=measured,
    )
    (output / CARD).write_text(card.model_dump_json(indent=1) + "\n", "utf-8")
