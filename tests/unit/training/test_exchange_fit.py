"""Fitting exchanges: what is written tells what was fitted, and names what it was fitted on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from models.embeddings.loading import load_encoder
from models.talk_moves.exchanges import Z_SCORES
from models.talk_moves.loading import load_exchanges
from models.talk_moves.network_file import read_card
from tests.unit.models.talk_moves.tiny_encoder import build_encoder
from tests.unit.training.talk_files import write_talk
from training.exchange_fit import PARTS, fit_exchanges
from training.exchange_scores import score_exchanges
from training.judged_fit import fit_judged
from training.pair_training import Plan
from training.talk_sets import read_focusing, read_uptake
from training.talk_splits import fold_of


def test_what_is_written_is_what_was_measured(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    data, encoder = write_talk(tmp_path / "data", times=8), build_encoder(tmp_path / "encoder")
    folder = tmp_path / "exchanges"
    measured = fit_exchanges(data, Plan(epochs=2, batch=16), str(encoder), folder)
    labelled = read_uptake(data) + read_focusing(data)
    held_out = [one for one in labelled if fold_of(one.transcript, PARTS) == 0]
    model = load_exchanges(folder)
    assert model.fitted_on == {one.transcript for one in labelled} - {
        one.transcript for one in held_out
    }
    again = score_exchanges(held_out, model.values([one.exchange for one in held_out]))
    # Half precision on disk; of so few questions all have one score, and nothing correlates.
    assert {name: figure.value for name, figure in again.items()} == pytest.approx(
        {name: float(told.split()[0]) for name, told in measured.items()}, abs=0.02, nan_ok=True
    )
    assert read_card(folder).measured == measured


def test_judged_exchanges_learn_what_comes_back(tmp_path: Path) -> None:
    encoder = load_encoder(str(build_encoder(tmp_path / "encoder")))
    rated = read_uptake(write_talk(tmp_path / "data", times=8))
    scores = np.full((len(rated), Z_SCORES), np.nan)
    scores[:, 0] = [one.uptake for one in rated]
    judged = fit_judged([one.exchange for one in rated[:48]], scores[:48], encoder)
    told = judged.values([one.exchange for one in rated[48:]], encoder)
    assert np.corrcoef(told[:, 0], scores[48:, 0])[0, 1] > 0.9
    assert not told[:, 1:].any()
