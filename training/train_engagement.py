"""Fits the engagement models on simulated lessons, measures both, and says which one serves.

    python -m training.train_engagement                    fit, measure and print
    python -m training.train_engagement --write            and replace what ships
    python -m training.train_engagement --output FOLDER    and write the weights there

The lessons are simulated: programs of behaviour, no people. No log of children's lessons whose
states somebody knows is at hand, so every figure is the simulator's, and none is an accuracy on
children. The temporal model serves only where it beats the baseline by a margin on learners held
out, does not lose on kinds of learners that it never saw, and not where a modality is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from models.engagement.baseline import BaselineModel, BaselineWeights
from models.engagement.selection import objection
from models.engagement.temporal import TemporalCard, TemporalModel
from training.engagement_baseline import fit_baseline
from training.engagement_evaluation import (
    Held,
    LessonModel,
    by_group,
    by_missing,
    compared,
    told_by,
)
from training.engagement_report import Table, report
from training.engagement_rows import LearnerRows, histories, simulated_rows
from training.engagement_scores import scores_of
from training.simulated_lessons.programs import TRAINING_PROGRAMS
from training.simulated_lessons.unseen_programs import UNSEEN_PROGRAMS
from training.temporal_fit import EPOCHS, FittedNetwork, export_network, fit_network
from training.temporal_network import HISTORY

FOLDER = Path(__file__).parents[1] / "models" / "engagement"
NAME = "causal-convolutions-over-windows"
LICENCE = "Apache-2.0"
LESSONS = 80
SEED = 20_261_126
LARGEST_DIFFERENCE = 1e-4
"""Between what torch and onnxruntime say; more, and nothing is written."""


@dataclass(frozen=True, slots=True)
class Trained:
    """Both models, and what was measured with them.

    Attributes:
        network: the ONNX file's content.
        text: the report in Markdown.
    """

    baseline: BaselineWeights
    card: TemporalCard
    network: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Learners:
    """Learners of simulated lessons, nobody in two of the parts."""

    train: Sequence[LearnerRows]
    calibration: Sequence[LearnerRows]
    held: Held


def simulate_learners(lessons: int, seed: int) -> Learners:
    """Simulate lessons for fitting, and others to calibrate and to measure on."""
    few = max(2, lessons // 4)
    return Learners(
        simulated_rows(lessons, TRAINING_PROGRAMS, seed),
        simulated_rows(few, TRAINING_PROGRAMS, seed + 1),
        Held(
            simulated_rows(max(2, lessons // 3), TRAINING_PROGRAMS, seed + 2),
            simulated_rows(max(2, lessons // 3), UNSEEN_PROGRAMS, seed + 3),
        ),
    )


def train(learners: Learners, seed: int, epochs: int, folder: Path) -> Trained:
    """Fit both models and compare them.

    Args:
        folder: where the network is written on its way.

    Raises:
        ArithmeticError: onnxruntime says something else than torch.
    """
    data = (
        f"{len(learners.train)} simulated learners, no people: {len(TRAINING_PROGRAMS)} programs "
        "of behaviour"
    )
    weights = fit_baseline(learners.train, learners.calibration, data)
    fitted = fit_network(learners.train, learners.calibration, weights, seed, epochs)
    path = folder / "temporal.onnx"
    export_network(fitted, path)
    network = path.read_bytes()
    baseline = BaselineModel(weights)
    card = _card(fitted, data, network)
    temporal = TemporalModel(card, network)
    check_parity(fitted, temporal, learners.calibration[0])
    card = card.model_copy(update={"comparison": compared(temporal, baseline, learners.held)})
    return Trained(weights, card, network, _report(card, baseline, temporal, learners.held))


def _card(fitted: FittedNetwork, data: str, network: bytes) -> TemporalCard:
    digest = hashlib.sha256(network).hexdigest()
    scaling = fitted.scaling
    return TemporalCard(
        name=NAME,
        version=f"simulated-{digest[:8]}",
        data=data,
        licence=LICENCE,
        sha256=digest,
        history=HISTORY,
        features=list(scaling.features),
        logarithmic=scaling.logarithmic.tolist(),
        mean=[round(float(each), 6) for each in scaling.mean],
        deviation=[round(float(each), 6) for each in scaling.deviation],
    )


def check_parity(fitted: FittedNetwork, served: TemporalModel, rows: LearnerRows) -> None:
    """Let what serves pass where it says, window by window, the same as what was fitted.

    Raises:
        ArithmeticError: it does not.
    """
    scaled, there = fitted.scaling.apply(rows.values[np.newaxis])
    with torch.no_grad():
        logits = fitted.network(torch.from_numpy(scaled), torch.from_numpy(there))[0]
    expected = torch.softmax(logits / fitted.temperature, dim=1).numpy()
    told = served.probabilities(histories(rows.values, HISTORY))
    difference = float(np.abs(told - expected).max())
    if difference > LARGEST_DIFFERENCE:
        raise ArithmeticError(f"onnxruntime differs from torch by {difference:.2g}")


def _report(
    card: TemporalCard, baseline: BaselineModel, temporal: TemporalModel, held: Held
) -> str:
    models: Mapping[str, LessonModel] = {"baseline": baseline, "temporal model": temporal}
    parts = {"Learners of known kinds": held.known, "Learners of unseen kinds": held.unseen}
    tables = [
        Table(
            title,
            {name: scores_of(told_by(model, rows)) for name, model in models.items()},
        )
        for title, rows in parts.items()
    ]
    for name, model in models.items():
        tables.append(Table(f"{name.capitalize()}, by group", by_group(model, held.everybody)))
        tables.append(Table(f"{name.capitalize()}, by missing", by_missing(model, held.everybody)))
    against = objection(card.comparison)
    verdict = f"the baseline serves: {against}" if against else "the temporal model serves"
    versions = f"baseline {baseline.version}, temporal model {card.version}"
    return report(f"{card.data} ({versions})", card.comparison, verdict, tables)


def write(trained: Trained, folder: Path) -> None:
    """Write the weights, and the figures into the card where there is one."""
    baseline = json.dumps(trained.baseline.model_dump(), separators=(",", ":"))
    (folder / "baseline.json").write_text(baseline.replace("],", "],\n") + "\n", "utf-8")
    (folder / "temporal.onnx").write_bytes(trained.network)
    (folder / "temporal.json").write_text(trained.card.model_dump_json(indent=1) + "\n", "utf-8")
    card = folder / "card.md"
    if card.exists():
        begin, end = "<!-- figures -->\n", "<!-- /figures -->"
        head, _, rest = card.read_text("utf-8").partition(begin)
        card.write_text(f"{head}{begin}{trained.text}{end}{rest.partition(end)[2]}", "utf-8")


def main() -> None:
    """Train, print the figures, and write what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train_engagement",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--lessons", type=int, default=LESSONS, help="to fit on (%(default)s)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of the network (%(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="of lessons and fit (%(default)s)")
    parser.add_argument("--write", action="store_true", help="replace what ships")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write the weights there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        learners = simulate_learners(arguments.lessons, arguments.seed)
        trained = train(learners, arguments.seed, arguments.epochs, Path(scratch))
    print(trained.text)
    if arguments.write:
        write(trained, FOLDER)
    if arguments.output:
        arguments.output.mkdir(parents=True, exist_ok=True)
        write(trained, arguments.output)


if __name__ == "__main__":
    main()
