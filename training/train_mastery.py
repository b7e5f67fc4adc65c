"""Fits the mastery model and says how well it foretells the next answer of learners held out.

    python -m training.train_mastery            fit on simulated learners and print the figures
    python -m training.train_mastery --write    and put parameters and card into models/mastery

There is no public log of children's answers in this repository, and none is fitted on: what ships
was fitted on simulated learners, and its figures are the simulator's.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from models.mastery.parameters import NAMES, TracingParameters
from training.answer_sequences import Answers
from training.mastery_evaluation import (
    TRUTH,
    Split,
    draws_of,
    fit_objectives,
    scores_of,
    split_by_learner,
)
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
VERSION = "simulated-1"
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class WorldFigures:
    """What was measured in one world.

    Attributes:
        answers: held-out answers on objectives that were fitted.
        known: scores on those.
        unseen_answers: held-out answers on objectives that the shipped draws know nothing of.
        unseen: scores on those.
        within: share of estimates whose interval holds what the true parameters give.
        width: mean width of the interval. Both only where there are true parameters.
    """

    answers: int
    known: Mapping[str, Score]
    unseen_answers: int
    unseen: Mapping[str, Score]
    within: float | None
    width: float | None


@dataclass(frozen=True, slots=True)
class Trained:
    """Fitted draws and everything that was measured."""

    parameters: TracingParameters
    figures: Mapping[World, WorldFigures]


def train(learners: int = LEARNERS, objectives_per_world: int = OBJECTIVES_PER_WORLD) -> Trained:
    """Fit on most simulated learners and measure on the rest."""
    simulated = simulate(learners, objectives_per_world, SEED)
    split = split_by_learner(simulated.answers, HELD_OUT, SEED)
    unseen = {
        objective
        for world in World
        for objective in _of_world(simulated, world)[-UNSEEN_PER_WORLD:]
    }
    fits = fit_objectives(split.train, range(len(simulated.worlds)))
    seen = {objective: fit for objective, fit in fits.items() if objective not in unseen}
    data = (
        f"{learners} simulated learners, no people: {len(seen)} objectives of two invented worlds"
    )
    draws = draws_of(seen).round(DECIMALS)
    parameters = TracingParameters.from_draws(VERSION, data, draws)
    figures = {}
    for world in World:
        known = [each for each in _of_world(simulated, world) if each not in unseen]
        new = [each for each in _of_world(simulated, world) if each in unseen]
        within, width = _interval(simulated, split, parameters, new)
        known_split, new_split = _on(split, known), _on(split, new)
        figures[world] = WorldFigures(
            len(known_split.test.right),
            scores_of(known_split, {each: fits[each] for each in known}, None)
            | {TRUTH: _ceiling(simulated, known_split.test)},
            len(new_split.test.right),
            scores_of(new_split, {each: fits[each] for each in new}, parameters)
            | {TRUTH: _ceiling(simulated, new_split.test)},
            within,
            width,
        )
    return Trained(parameters, figures)


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
) -> tuple[float | None, float | None]:
    measured = [
        share_within_interval(
            parameters, simulated.tracing[objective], split.test.of_objective(objective)
        )
        for objective in objectives
        if simulated.worlds[objective] is World.TRACING
    ]
    if not measured:
        return None, None
    return float(np.mean([share for share, _ in measured])), float(
        np.mean([width for _, width in measured])
    )


def report(trained: Trained) -> str:
    """Return the figures as a Markdown table per world."""
    lines: list[str] = []
    for world, figures in trained.figures.items():
        for title, answers, scores in (
            ("objectives fitted on other learners", figures.answers, figures.known),
            ("objectives that nothing was fitted on", figures.unseen_answers, figures.unseen),
        ):
            lines += [
                f"\n{world.value.capitalize()} world, {title}: {answers} answers of held-out "
                "learners\n",
                "| next-answer model | AUC (95 % over learners) | log loss |",
                "|---|---|---|",
            ]
            lines += [
                f"| {name} | {each.auc:.3f} ({each.low:.3f} to {each.high:.3f}) "
                f"| {each.log_loss:.3f} |"
                for name, each in scores.items()
            ]
        if figures.within is not None:
            lines.append(
                f"\nThe 90 % interval of the shipped draws holds the estimate of the true "
                f"parameters in {figures.within:.0%} of the cases; its mean width is "
                f"{figures.width:.2f}."
            )
    return "\n".join(lines).strip() + "\n"


def write(trained: Trained, folder: Path) -> None:
    """Write parameters and figures, and the figures into the card between its two marks."""
    parameters = trained.parameters
    content = {
        "version": parameters.version,
        "data": parameters.data,
        "columns": list(NAMES),
        "draws": np.column_stack([getattr(parameters, name) for name in NAMES]).tolist(),
        "measured": {world.value: asdict(each) for world, each in trained.figures.items()},
    }
    (folder / "parameters.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    card = folder / "card.md"
    begin, end = "<!-- figures -->\n", "<!-- /figures -->"
    head, _, rest = card.read_text("utf-8").partition(begin)
    tail = rest.partition(end)[2]
    card.write_text(f"{head}{begin}{report(trained)}{end}{tail}", "utf-8")


def main() -> None:
    """Train, print the figures, and write what ships where that is wanted."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train_mastery",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--write", action="store_true", help="replace what ships")
    arguments = parser.parse_args()
    trained = train()
    print(report(trained))
    if arguments.write:
        write(trained, FOLDER)


if __name__ == "__main__":
    main()
