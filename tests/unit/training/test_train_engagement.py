"""Training from end to end, on a handful of simulated lessons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.engagement import FEATURES, Modality
from models.engagement.baseline import BaselineModel, baseline_weights
from models.engagement.selection import objection, shipped_card
from models.engagement.temporal import TemporalCard, TemporalModel
from training import engagement_scores, train_engagement
from training.engagement_augmentation import drawn_drops
from training.engagement_baseline import fit_baseline
from training.engagement_report import WARNING
from training.engagement_rows import histories, lesson_rows, without
from training.simulated_lessons.lesson import simulate_lesson
from training.simulated_lessons.programs import TRAINING_PROGRAMS
from training.temporal_fit import FittedNetwork, export_network, fit_network
from training.train_engagement import Learners, check_parity, simulate_learners, train, write


@pytest.fixture(scope="module")
def learners() -> Learners:
    return simulate_learners(lessons=2, seed=7)


def test_what_is_trained_is_written_with_its_figures_and_its_warning(
    learners: Learners, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engagement_scores, "RESAMPLES", 5)
    trained = train(learners, seed=7, epochs=1, folder=tmp_path)
    assert trained.text.startswith(WARNING)
    assert "no people" in trained.card.data
    assert "touch device" in trained.text or "ordinary" in trained.text
    (tmp_path / "card.md").write_text("Above\n<!-- figures -->\nold\n<!-- /figures -->\n", "utf-8")
    write(trained, tmp_path)
    text = (tmp_path / "card.md").read_text("utf-8")
    assert WARNING in text
    assert "old" not in text
    card = TemporalCard.model_validate_json((tmp_path / "temporal.json").read_bytes())
    assert card.comparison is not None
    assert objection(card.comparison) is not None, "one epoch on two lessons may not serve"
    values = learners.calibration[0].values
    temporal = TemporalModel(card, (tmp_path / "temporal.onnx").read_bytes())
    baseline = BaselineModel(baseline_weights((tmp_path / "baseline.json").read_text("utf-8")))
    for model in (temporal, baseline):
        chances = model.probabilities(histories(values, model.history))
        assert chances == pytest.approx(model.over_lesson(values), abs=1e-4)


def test_a_network_that_says_something_else_after_export_is_not_written(
    learners: Learners, tmp_path: Path
) -> None:
    weights = fit_baseline(learners.train, learners.calibration, "simulated")
    fitted = fit_network(learners.train, learners.calibration, weights, seed=7, epochs=1)
    path = tmp_path / "temporal.onnx"
    export_network(fitted, path)
    assert str(Path(__file__).parents[3]).encode() not in path.read_bytes()
    served = TemporalModel(
        train_engagement._card(fitted, "simulated", path.read_bytes()), path.read_bytes()
    )
    check_parity(fitted, served, learners.calibration[0])
    hotter: FittedNetwork = replace(fitted, temperature=fitted.temperature * 2)
    with pytest.raises(ArithmeticError, match="differs from torch"):
        check_parity(hotter, served, learners.calibration[0])


def test_rows_hold_what_was_true_of_their_windows() -> None:
    lesson = simulate_lesson("one", TRAINING_PROGRAMS, 11)
    for rows in lesson_rows(lesson):
        truth = lesson.truth[rows.participant_id]
        places = [window.start_ms // 5_000 for window in rows.windows]
        assert rows.truth.tolist() == truth[places].tolist()
        assert rows.values.shape == (len(places), len(FEATURES))


def test_a_modality_that_is_taken_away_leaves_the_others(learners: Learners) -> None:
    (changed,) = without(learners.train[:1], [Modality.CAMERA, Modality.SPEECH])
    kept = [each.modality is Modality.INTERACTION for each in FEATURES]
    gone = [each.modality in {Modality.CAMERA, Modality.SPEECH} for each in FEATURES]
    assert np.isnan(changed.values[:, gone]).all()
    assert np.array_equal(changed.values[:, kept], learners.train[0].values[:, kept], True)


def test_every_combination_of_modalities_is_dropped_now_and_then() -> None:
    drops = drawn_drops(2_000, np.random.default_rng(1))
    of = {each: [one.modality is each for one in FEATURES].index(True) for each in Modality}
    seen = {
        tuple(bool(row[of[each]]) for each in Modality if each is not Modality.CONTEXT)
        for row in drops
    }
    assert len(seen) == 8
    assert not drops[:, of[Modality.CONTEXT]].any()


def test_what_ships_says_that_it_knows_no_people() -> None:
    card = shipped_card()
    assert "no people" in card.data
    text = (train_engagement.FOLDER / "card.md").read_text("utf-8")
    assert card.version in text
    assert WARNING in text
