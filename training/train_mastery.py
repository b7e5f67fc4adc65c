"""Fits the mastery model and says how well it foretells the next answer of learners held out.

    python -m training.train_mastery                       on simulated learners
    python -m training.train_mastery --write               and replace what ships in models/mastery
    python -m training.train_mastery --export FOLDER       on a tenant's own answers
    python -m training.train_mastery --export FOLDER --output FILE
                                                           for LECTERN_MASTERY_PARAMETERS=FILE

There is no public log of children's answers in this repository, and none is fitted on: what ships
was fitted on simulated learners, and its figures are the simulator's. FOLDER is a tenant's, as
`lectern export` writes it: <output>/tenant=<id>.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from lessons.errors import LecternError
from models.mastery.parameters import NAMES, Array, TracingParameters, shipped_parameters
from training.answer_sequences import Answers
from training.exported_answers import read_answers
from training.mastery_evaluation import (
    TRUTH,
    Split,
    draws_of,
    fit_objectives,
    scores_of,
    split_by_learner,
)
from training.mastery_report import ScoreTable, Trained, report
from training.population import share_within_interval
from training.prediction_scores import Score, score
from training.simulated_learners import SimulatedAnswers, World, simulate

FOLDER = Path(__file__).parents[1] / "models" / "mastery"
LEARNERS = 500
OBJECTIVES_PER_WORLD = 25
UNSEEN_PER_WORLD = 5
"""Objectives of each world that the shipped draws are not fitted on, but measured on."""

HELD_OUT = 0.2
SEED = 20_261_122
DECIMALS = 4


def train_on_simulation(
    learners: int = LEARNERS, objectives_per_world: int = OBJECTIVES_PER_WORLD
) -> Trained:
    """Fit on most simulated learners and measure on the rest."""
    simulated = simulate(learners, objectives_per_world, SEED)
    split = split_by_learner(simulated.answers, HELD_OUT, SEED)
    unseen = {
        objective
        for world in World
        for objective in _of_world(simulated, world)[-UNSEEN_PER_WORLD:]
    }
    fits = fit_objectives(split.train, range(len(simulated.worlds)))
    draws = draws_of({each: fit for each, fit in fits.items() if each not in unseen})
    parameters = _named(
        "simulated",
        f"{learners} simulated learners, no people: {len(draws)} objectives of two invented worlds",
        draws,
    )
    tables = []
    for world in World:
        known = [each for each in _of_world(simulated, world) if each not in unseen]
        new = [each for each in _of_world(simulated, world) if each in unseen]
        name = f"{world.value.capitalize()} world"
        tables.append(
            _table(
                f"{name}, objectives fitted on other learners",
                simulated,
                _on(split, known),
                {each: fits[each] for each in known},
                None,
            )
        )
        tables.append(
            _table(
                f"{name}, objectives that nothing was fitted on",
                simulated,
                _on(split, new),
                {each: fits[each] for each in new},
                parameters,
            )
        )
    traced = _of_world(simulated, World.TRACING)
    return Trained(
        parameters, tables, _interval(simulated, split, parameters, sorted(unseen & set(traced)))
    )


def train_on_export(folder: Path) -> Trained:
    """Fit on most of a tenant's learners and measure on the rest.

    Raises:
        InvalidInput: there is no export, or it holds too little.
    """
    answers = read_answers(folder)
    split = split_by_learner(answers, HELD_OUT, SEED)
    fits = fit_objectives(split.train, np.unique(split.train.objective).tolist())
    held_out = Split(split.train, split.test.of_objectives(list(fits)))
    parameters = _named(
        "own",
        f"{len(np.unique(answers.learner))} learners of one tenant, {len(answers.right)} first "
        f"answers on {len(fits)} objectives",
        draws_of(fits),
    )
    scores = scores_of(held_out, fits, shipped_parameters())
    title = "Learners held out, objectives fitted on the others"
    return Trained(parameters, [ScoreTable(title, len(held_out.test.right), scores)], None)


def _named(kind: str, data: str, draws: Array) -> TracingParameters:
    """Name parameters after their content, so that records are traced anew when it changes."""
    rounded = draws.round(DECIMALS).clip(10.0**-DECIMALS)
    digest = hashlib.sha256(rounded.tobytes()).hexdigest()[:8]
    return TracingParameters.from_draws(f"{kind}-{digest}", data, rounded)


def _table(
    title: str,
    simulated: SimulatedAnswers,
    split: Split,
    fits: dict[int, Array],
    shipped: TracingParameters | None,
) -> ScoreTable:
    scores = scores_of(split, fits, shipped) | {TRUTH: _ceiling(simulated, split.test)}
    return ScoreTable(title, len(split.test.right), scores)


def _of_world(simulated: SimulatedAnswers, world: World) -> list[int]:
    return [number for number, each in enumerate(simulated.worlds) if each is world]


def _on(split: Split, objectives: list[int]) -> Split:
    """Return the split with the answers on some objectives only."""
    return Split(split.train.of_objectives(objectives), split.test.of_objectives(objectives))


def _ceiling(simulated: SimulatedAnswers, test: Answers) -> Score:
    answers = simulated.answers
    chosen = np.isin(answers.learner, np.unique(test.learner))
    chosen &= np.isin(answers.objective, np.unique(test.objective))
    return score(answers.learner[chosen], answers.right[chosen], simulated.chance[chosen])


def _interval(
    simulated: SimulatedAnswers, split: Split, parameters: TracingParameters, objectives: list[int]
) -> tuple[float, float]:
    """Return how often the interval holds what the true parameters give, and its mean width."""
    measured = [
        share_within_interval(
            parameters, simulated.tracing[objective], split.test.of_objective(objective)
        )
        for objective in objectives
    ]
    shares, widths = zip(*measured, strict=True)
    return float(np.mean(shares)), float(np.mean(widths))


def write_parameters(trained: Trained, path: Path) -> None:
    """Write parameters, and what was measured with them."""
    parameters = trained.parameters
    content = {
        "version": parameters.version,
        "data": parameters.data,
        "columns": list(NAMES),
        "draws": np.column_stack([getattr(parameters, name) for name in NAMES]).tolist(),
        "measured": [asdict(table) for table in trained.tables],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def write_card(trained: Trained, path: Path) -> None:
    """Put the figures into the card, between its two marks."""
    begin, end = "<!-- figures -->\n", "<!-- /figures -->"
    head, _, rest = path.read_text("utf-8").partition(begin)
    tail = rest.partition(end)[2]
    path.write_text(f"{head}{begin}{report(trained)}{end}{tail}", "utf-8")


def main() -> None:
    """Train, print the figures, and write what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train_mastery",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--write", action="store_true", help="replace what ships")
    parser.add_argument("--export", type=Path, metavar="FOLDER", help="a tenant's export")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write parameters there")
    arguments = parser.parse_args()
    if arguments.write and arguments.export:
        parser.error("what ships is fitted on simulated learners only: leave --write out")
    try:
        trained = train_on_export(arguments.export) if arguments.export else train_on_simulation()
    except LecternError as error:
        sys.exit(f"error: {error}")
    print(report(trained))
    if arguments.write:
        write_parameters(trained, FOLDER / "parameters.json")
        write_card(trained, FOLDER / "card.md")
    if arguments.output:
        write_parameters(trained, arguments.output)


if __name__ == "__main__":
    main()
