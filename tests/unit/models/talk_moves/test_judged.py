"""Judged exchanges: the likest ones count most, and a file is what was written or is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from lessons.errors import InvalidInput
from models.embeddings.interface import Encoder
from models.embeddings.loading import load_encoder
from models.talk_moves.exchanges import FOLDER, Z_SCORES, blended
from models.talk_moves.interface import Exchange
from models.talk_moves.judged import FILE, JudgedExchanges, load_judged
from models.talk_moves.loading import load_exchanges
from models.talk_moves.network_file import read_card


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def judged() -> JudgedExchanges:
    return load_judged(FOLDER, read_card(FOLDER).judged_sha256)


def test_taking_up_tells_more_uptake_than_passing_over(
    judged: JudgedExchanges, encoder: Encoder
) -> None:
    said = "I got twelve because I multiplied the three by the four."
    values = judged.values(
        [
            Exchange(said, "So you multiplied three by four. Why did you multiply them?"),
            Exchange(said, "Sit down, please."),
        ],
        encoder,
    )
    assert values.shape == (2, Z_SCORES)
    assert values[0, 0] > values[1, 0] + 0.5
    assert values[0, 1] > values[1, 1] + 0.5


def test_an_exchange_tells_alone_what_it_tells_among_others(
    judged: JudgedExchanges, encoder: Encoder
) -> None:
    exchanges = [Exchange("It is the area.", "Why?"), Exchange("", ""), Exchange("I agree", "Okay")]
    together = judged.values(exchanges, encoder)
    alone = np.concatenate([judged.values([each], encoder) for each in exchanges])
    assert together == pytest.approx(alone, abs=1e-4)
    assert judged.values([], encoder).shape == (0, Z_SCORES)


def test_z_scores_are_averaged_and_chances_are_the_networks() -> None:
    network = np.asarray([[1, 2, 3, 4, 5]], np.float32)
    shares = np.asarray([0.75, 0.5, 0], np.float32)
    told = blended(network, np.asarray([[5, 4, 9]], np.float32), shares)
    assert told.tolist() == [[4, 3, 3, 4, 5]]
    assert network[0, 0] == 1


def test_a_file_that_is_damaged_or_not_there_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "exchanges"
    shutil.copytree(FOLDER, folder)
    (folder / FILE).write_bytes((folder / FILE).read_bytes() + b"0")
    with pytest.raises(InvalidInput, match=r"judged exchanges.*checksum"):
        load_exchanges(folder)
    (folder / FILE).unlink()
    with pytest.raises(InvalidInput, match=r"judged exchanges.*cannot be read"):
        load_exchanges(folder)
