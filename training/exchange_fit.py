"""Fits uptake, focusing and on task of exchanges, and measures them on lessons held out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from features.talk.overlap import OVERLAP
from models.embeddings.loading import encoder_folder, load_encoder
from models.talk_moves.exchanges import OUTPUTS, Z_SCORES, blended
from models.talk_moves.judged import JudgedExchanges
from models.talk_moves.network_file import CARD, NetworkCard, new_network, save_network
from models.talk_moves.pair_network import PairNetwork
from models.talk_moves.pairs import PairTokens, TokenPair
from models.talk_moves.running import network_outputs
from models.talk_moves.turns_as_pairs import pairs_of_exchanges
from training.exchange_scores import score_exchanges
from training.judged_fit import SHARES, fit_judged
from training.pair_training import Fitting, Plan
from training.talk_sets import LabelledExchange, read_focusing, read_uptake
from training.talk_splits import fold_of

FIRST_TOKENS, SECOND_TOKENS = 40, 72
PARTS = 3
"""Transcripts are cut into so many parts, of which one is held out."""

CHANCE_WEIGHT = 0.5
NAME = "exchanges-minilm"
DATA = (
    "Uptake (Demszky et al. 2021) and funneling and focusing questions (Alic et al. 2022), of "
    "transcripts of the National Center for Teacher Effectiveness, grades 4 and 5"
)
LICENCE = "Apache-2.0; the data is under the MIT licence"


def fit_exchanges(data: Path, plan: Plan, encoder: str, output: Path) -> dict[str, str]:
    """Fit on two thirds of the transcripts, report on the others, and write the network.

    Nothing is chosen on the others, and what is written is what was measured.

    Args:
        output: folder of the network; what a run that was cut off had reached is kept beside it.

    Returns:
        the figures, by name.

    Raises:
        NotFound, InvalidInput, Unavailable: the data or the encoder is not there, or unusable.
    """
    labelled = read_uptake(data) + read_focusing(data)
    held_out = [one for one in labelled if fold_of(one.transcript, PARTS) == 0]
    others = [one for one in labelled if fold_of(one.transcript, PARTS) > 0]
    torch.manual_seed(plan.seed)
    network, tokens = new_network(
        encoder_folder(encoder), len(OVERLAP), len(OUTPUTS), FIRST_TOKENS, SECOND_TOKENS
    )
    Fitting(network, tokens, plan, "exchanges").run(
        _tokens_of(tokens, others), _targets(others), _loss
    )
    plain = load_encoder(encoder)
    judged = fit_judged(
        [each.exchange for each in others], _targets(others).numpy()[:, :Z_SCORES], plain
    )
    told = blended(
        network_outputs(network, tokens, _tokens_of(tokens, held_out)),
        judged.values([each.exchange for each in held_out], plain),
        np.asarray(SHARES, np.float32),
    )
    figures = score_exchanges(held_out, told).items()
    measured = {name: str(figure) for name, figure in figures}
    fitted_on = sorted({one.transcript for one in others})
    _write(network, judged, output, encoder, fitted_on, measured)
    return measured


def _write(
    network: PairNetwork,
    judged: JudgedExchanges,
    output: Path,
    encoder: str,
    fitted_on: list[str],
    measured: dict[str, str],
) -> None:
    digest = save_network(network, output)
    judged_digest = judged.save(output)
    card = NetworkCard(
        name=NAME,
        version=f"exchanges-{digest[:8]}-{judged_digest[:8]}",
        encoder=encoder,
        data=DATA,
        licence=LICENCE,
        may_ship=True,
        sha256=digest,
        outputs=list(OUTPUTS),
        first_tokens=FIRST_TOKENS,
        second_tokens=SECOND_TOKENS,
        numbers=len(OVERLAP),
        judged_sha256=judged_digest,
        judged_shares=SHARES,
        fitted_on=fitted_on,
        measured=measured,
    )
    (output / CARD).write_text(card.model_dump_json(indent=1) + "\n", "utf-8")


def _tokens_of(tokens: PairTokens, labelled: Sequence[LabelledExchange]) -> list[TokenPair]:
    return tokens.of(pairs_of_exchanges([each.exchange for each in labelled]))


def _targets(labelled: Sequence[LabelledExchange]) -> Tensor:
    """Return what is to be told, shape (exchanges, outputs); NaN where nobody rated it."""
    rows = [[getattr(each, name) for name in OUTPUTS] for each in labelled]
    return torch.tensor(np.asarray(rows, np.float32))


def _loss(values: Tensor, targets: Tensor) -> Tensor:
    """Return the squared error of z-scores and the cross-entropy of chances, of what was rated."""
    rated = ~targets.isnan()
    known = targets.nan_to_num()
    squares = (values - known).square()[:, :Z_SCORES]
    entropies = functional.binary_cross_entropy_with_logits(
        values[:, Z_SCORES:], known[:, Z_SCORES:], reduction="none"
    )
    losses = torch.cat((squares, CHANCE_WEIGHT * entropies), dim=1) * rated
    return losses.sum() / rated.sum().clamp(min=1)
