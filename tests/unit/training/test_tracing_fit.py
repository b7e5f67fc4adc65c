from __future__ import annotations

import numpy as np
import pytest

from models.mastery.parameters import TracingParameters
from training.answer_sequences import Answers, padded
from training.mastery_evaluation import FACTORS, FITTED, MAJORITY, scores_of, split_by_learner
from training.population import foretold_by_population
from training.simulated_learners import simulate
from training.tracing_fit import fit_tracing, foretold


def test_fitting_finds_the_truth_of_simulated_learners_again() -> None:
    simulated = simulate(learners=800, objectives_per_world=2, seed=3)
    for objective in (0, 1):
        fit = fit_tracing(simulated.answers.of_objective(objective))
        assert fit.parameters == pytest.approx(simulated.tracing[objective], abs=0.08)
        assert fit.parameters[4] == pytest.approx(simulated.tracing[objective][4], abs=0.01)


def test_fitting_and_serving_foretell_the_same() -> None:
    """The arrays of EM and the tracer that serves are two writings of one model."""
    simulated = simulate(learners=40, objectives_per_world=1, seed=5)
    answers = simulated.answers.of_objective(0)
    truth = simulated.tracing[0]
    alone = TracingParameters.from_draws("truth", "", truth[np.newaxis, :])
    assert foretold(truth, answers) == pytest.approx(foretold_by_population(alone, answers))


def test_each_round_of_fitting_makes_the_answers_likelier(monkeypatch: pytest.MonkeyPatch) -> None:
    simulated = simulate(learners=100, objectives_per_world=1, seed=7)
    answers = simulated.answers.of_objective(1)
    reached = []
    for rounds in (1, 2, 4, 8):
        monkeypatch.setattr("training.tracing_fit.ITERATIONS", rounds)
        reached.append(fit_tracing(answers).log_likelihood)
    assert reached == sorted(reached)
    assert reached[-1] > reached[0]


def test_learners_held_out_are_foretold_better_than_by_the_baselines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("training.prediction_scores.RESAMPLES", 40)
    simulated = simulate(learners=300, objectives_per_world=3, seed=11)
    split = split_by_learner(simulated.answers.of_objectives(range(3)), 0.3, seed=1)
    assert not set(split.train.learner) & set(split.test.learner)
    fits = {each: fit_tracing(split.train.of_objective(each)).parameters for each in range(3)}
    scores = scores_of(split, fits, None)
    assert scores[MAJORITY].auc == 0.5
    assert scores[FITTED].low > 0.6
    assert scores[FITTED].log_loss < scores[FACTORS].log_loss


def test_answers_are_laid_out_by_learner_and_time() -> None:
    answers = Answers.ordered(
        np.array([1, 0, 1, 1]),
        np.array([0, 0, 0, 1]),
        np.array([5.0, 1.0, 2.0, 9.0]),
        np.array([1.0, 0.0, 0.0, 1.0]),
    )
    rows = padded(answers)
    assert rows.right.tolist() == [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    assert rows.gap.tolist() == [[0.0, 0.0], [0.0, 3.0], [0.0, 0.0]]
    assert rows.present.tolist() == [[True, False], [True, True], [True, False]]
