"""Fitting networks of pairs: they learn, and a run that was cut off ends as an undisturbed one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from models.talk_moves.network_file import new_network
from models.talk_moves.pair_network import PairNetwork
from models.talk_moves.pairs import PairTokens, TokenPair
from models.talk_moves.running import network_outputs
from models.talk_moves.turns_as_pairs import Pair
from tests.unit.models.talk_moves.tiny_encoder import build_encoder
from training.pair_training import Fitting, Plan

PLAN = Plan(epochs=20, batch=16, rate=3e-3)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_encoder(tmp_path_factory.mktemp("encoder"))


def _network(encoder: Path) -> tuple[PairNetwork, PairTokens, list[TokenPair], Tensor]:
    torch.set_num_threads(1)  # As training does; two threads of tiny steps wait for each other.
    torch.manual_seed(3)
    network, tokens = new_network(encoder, 0, 2, 8, 8)
    words = ("one", "two", "three", "cat", "area")
    draw = np.random.default_rng(4)
    labels = draw.integers(0, 2, 64)
    pairs = [
        Pair(
            " ".join(draw.choice(words, 4)),
            "why is it" if label else "yes",
            np.zeros(0, np.float32),
        )
        for label in labels
    ]
    return network, tokens, tokens.of(pairs), torch.tensor(labels)


def _loss(values: Tensor, targets: Tensor) -> Tensor:
    return functional.cross_entropy(values, targets)


def test_it_learns_and_leaves_the_encoder_itself_alone(encoder: Path) -> None:
    network, tokens, pairs, targets = _network(encoder)
    own = {name: each.clone() for name, each in network.state_dict().items() if "base" in name}
    Fitting(network, tokens, PLAN, "test").run(pairs, targets, _loss)
    told = network_outputs(network, tokens, pairs).argmax(1)
    assert (told == targets.numpy()).mean() > 0.95
    assert own
    assert all(torch.equal(own[name], network.state_dict()[name]) for name in own)
    assert not network.training


def test_it_ends_by_the_clock(encoder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network, tokens, pairs, targets = _network(encoder)
    Fitting(network, tokens, replace(PLAN, minutes=1e-9), "test").run(pairs, targets, _loss)
    assert "step 0 of 80" in capsys.readouterr().out


def test_a_run_that_was_cut_off_goes_on_where_it_was(
    encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = replace(PLAN, epochs=2, state=tmp_path / "state.pt")
    network, tokens, pairs, targets = _network(encoder)
    Fitting(network, tokens, plan, "test").run(pairs, targets, _loss)
    done = network_outputs(network, tokens, pairs)
    again, _, _, _ = _network(encoder)
    Fitting(again, tokens, plan, "test").run(pairs, targets, _loss)
    assert "goes on from step 8" in capsys.readouterr().out
    assert network_outputs(again, tokens, pairs) == pytest.approx(done, abs=1e-5)


def test_resting_layers_stay_as_they_are(encoder: Path) -> None:
    network, tokens, pairs, targets = _network(encoder)
    before = {name: each.clone() for name, each in network.learnt().items()}
    Fitting(network, tokens, replace(PLAN, epochs=2, resting=1), "test").run(pairs, targets, _loss)
    changed = {
        name for name, each in network.learnt().items() if not torch.equal(each, before[name])
    }
    assert not any(".layer.0." in name for name in changed)
    assert any(".layer.1." in name for name in changed)
    learning = network.train()
    learning(*tokens.batch(pairs)).sum().backward()
    assert learning.encoder.encoder.layer[0].output.dense.down.grad is not None
