"""Which model serves: the temporal one by proof alone, and the baseline whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons.errors import InvalidInput
from models.engagement import selection
from models.engagement.baseline import BaselineModel
from models.engagement.selection import choose_model, objection, shipped_card
from models.engagement.temporal import Comparison, Gain, TemporalModel

WINS = Gain(value=0.05, low=0.03, high=0.07)
LOSES = Gain(value=-0.01, low=-0.03, high=0.01)
UNSURE = Gain(value=0.05, low=0.01, high=0.09)


def _comparison(held_out: Gain = WINS, unseen: Gain = WINS, missing: Gain = WINS) -> Comparison:
    return Comparison(held_out=held_out, unseen=unseen, missing={"speech": WINS, "camera": missing})


@pytest.mark.parametrize(
    ("comparison", "objected"),
    [
        (_comparison(), None),
        (None, "never compared"),
        (_comparison(held_out=UNSURE), "not surely above"),
        (_comparison(unseen=LOSES), "never saw"),
        (_comparison(missing=LOSES), "missing: camera"),
    ],
)
def test_the_temporal_model_has_to_win_everywhere(
    comparison: Comparison | None, objected: str | None
) -> None:
    told = objection(comparison)
    assert told is None if objected is None else objected in (told or "")


def test_what_serves_is_what_the_card_says() -> None:
    chosen = choose_model()
    against = objection(shipped_card().comparison)
    assert isinstance(chosen.model, BaselineModel if against else TemporalModel)
    assert (against or "temporal model serves") in chosen.reason


def test_an_operator_may_order_a_model_without_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "objection", lambda _: "it was beaten")
    assert isinstance(choose_model("auto").model, BaselineModel)
    ordered = choose_model("temporal")
    assert isinstance(ordered.model, TemporalModel)
    assert "asked for" in ordered.reason
    monkeypatch.setattr(selection, "objection", lambda _: None)
    assert isinstance(choose_model("baseline").model, BaselineModel)


def test_an_order_for_a_model_that_is_gone_leaves_the_baseline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _replaced(monkeypatch, "temporal.onnx", None)
    assert isinstance(choose_model("temporal").model, BaselineModel)


@pytest.mark.parametrize("missing", ["temporal.json", "temporal.onnx"])
def test_without_a_temporal_model_the_baseline_serves(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "objection", lambda _: None)
    _replaced(monkeypatch, missing, None)
    chosen = choose_model()
    assert isinstance(chosen.model, BaselineModel)
    assert "no temporal model" in chosen.reason


def test_a_network_that_its_card_does_not_know_never_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selection, "objection", lambda _: None)
    _replaced(monkeypatch, "temporal.onnx", b"something else")
    chosen = choose_model()
    assert isinstance(chosen.model, BaselineModel)
    assert "checksum" in chosen.reason


def test_a_damaged_card_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    _replaced(monkeypatch, "temporal.json", b"{}")
    with pytest.raises(InvalidInput, match="card is damaged"):
        shipped_card()
    assert isinstance(choose_model().model, BaselineModel)


def test_what_ships_stays_small() -> None:
    folder = Path(selection.__file__).parent
    sizes = [path.stat().st_size for path in folder.iterdir() if path.suffix in {".onnx", ".json"}]
    assert sum(sizes) < 5_000_000


def _replaced(monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None) -> None:
    """Have one of the shipped files be another, or gone."""
    real = selection._file

    def read(asked: str) -> bytes:
        if asked != name:
            return real(asked)
        if content is None:
            raise FileNotFoundError(asked)
        return content

    monkeypatch.setattr(selection, "_file", read)
