"""Networks of pairs: what they read, what is kept of them, and how a damaged file is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from lessons.errors import InvalidInput
from models.talk_moves.interface import STUDENT_MOVES, TEACHER_MOVES, Said, Turn
from models.talk_moves.loading import load_exchanges, load_talk_moves
from models.talk_moves.network_file import CARD, WEIGHTS, NetworkCard, new_network, save_network
from models.talk_moves.pair_network import LowRank, PairNetwork
from models.talk_moves.running import RunningNetwork, network_outputs
from models.talk_moves.turns_as_pairs import MOVE_NUMBERS, Pair, pair_of_turn
from tests.unit.models.talk_moves.tiny_encoder import build_encoder

MOVES = [*TEACHER_MOVES, *STUDENT_MOVES]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return build_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def network(encoder: Path) -> PairNetwork:
    torch.manual_seed(2)
    network, _ = new_network(encoder, MOVE_NUMBERS, len(MOVES), 12, 12)
    for module in network.modules():
        if isinstance(module, LowRank):
            torch.nn.init.normal_(module.up, std=0.1)
    return network.eval()


@pytest.fixture
def folder(network: PairNetwork, encoder: Path, tmp_path: Path) -> Path:
    digest = save_network(network, tmp_path)
    card = NetworkCard(
        name="tiny",
        version="tiny-1",
        encoder=str(encoder),
        data="none",
        licence="Apache-2.0",
        may_ship=True,
        sha256=digest,
        outputs=MOVES,
        first_tokens=12,
        second_tokens=12,
        numbers=MOVE_NUMBERS,
    )
    (tmp_path / CARD).write_text(card.model_dump_json(), "utf-8")
    return tmp_path


TURNS = [
    Turn("Why is it the area?", "tutor", (Said("it is two", "learner"),)),
    Turn("yes", "learner"),
    Turn("because the area is two and two is one and one is two", "learner", (Said("?", "tutor"),)),
    Turn("", "tutor"),
]


def test_what_was_learnt_is_in_the_encoder_once_it_serves(
    network: PairNetwork, folder: Path, encoder: Path
) -> None:
    pairs = [pair_of_turn(turn) for turn in TURNS]
    _, tokens = new_network(encoder, MOVE_NUMBERS, len(MOVES), 12, 12)
    fitted = network_outputs(network, tokens, tokens.of(pairs))
    running = RunningNetwork(folder)
    assert running.outputs(pairs) == pytest.approx(fitted, abs=2e-2)  # Half precision on disk.
    assert (folder / WEIGHTS).stat().st_size < 200_000


def test_a_batch_tells_of_each_turn_what_it_tells_of_it_alone(folder: Path) -> None:
    model = load_talk_moves(str(folder))
    together = model.classify(TURNS * 20)
    for turn, found in zip(TURNS, together[-4:], strict=True):
        (alone,) = model.classify([turn])
        assert alone.move == found.move
        assert list(alone.chances.values()) == pytest.approx(list(found.chances.values()), abs=1e-4)
        assert tuple(found.chances) == (TEACHER_MOVES if turn.role == "tutor" else STUDENT_MOVES)
        assert sum(found.chances.values()) == pytest.approx(1)
    assert model.classify([]) == []


def test_offsets_weigh_up_what_is_shown_and_leave_the_chances(folder: Path) -> None:
    card = json.loads((folder / CARD).read_text("utf-8"))
    before = load_talk_moves(str(folder)).classify(TURNS)
    card["offsets"] = [0.0] * len(MOVES)
    card["offsets"][3] = 50.0
    (folder / CARD).write_text(json.dumps(card), "utf-8")
    after = load_talk_moves(str(folder)).classify(TURNS)
    assert after[0].move == "restating"
    assert after[0].chances == before[0].chances
    assert after[1].move == before[1].move


def test_long_texts_are_cut_to_the_end_of_the_first_and_both_ends_of_the_second(
    encoder: Path,
) -> None:
    _, tokens = new_network(encoder, 0, 1, 2, 3)
    numbers = np.zeros(0, np.float32)
    (cut,) = tokens.of([Pair("why what is it", "one two three add cat", numbers)])
    (short,) = tokens.of([Pair("is it", "one two cat", numbers)])
    assert (cut.first, cut.second) == (short.first, short.second)
    ids, second, mask, _ = tokens.batch([cut, short])
    assert ids.shape == (2, 8)
    assert second[0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert mask.sum() == 16


def test_damaged_and_foreign_folders_are_told_apart(folder: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no model of talk moves `nothing`.*non-commercial"):
        load_talk_moves("nothing")
    with pytest.raises(InvalidInput, match="One is wanted that tells uptake"):
        load_exchanges(folder)
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes() + b"0")
    with pytest.raises(InvalidInput, match="checksum"):
        load_talk_moves(str(folder))
    (folder / WEIGHTS).unlink()
    with pytest.raises(InvalidInput, match="cannot be used"):
        load_talk_moves(str(folder))
    (folder / CARD).write_text("{}", "utf-8")
    with pytest.raises(InvalidInput, match=r"holds no talk model"):
        load_talk_moves(str(folder))
