"""Fits the temporal network on whole lessons, with modalities dropped, and exports it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.engagement.baseline import BaselineWeights
from models.engagement.interface import Array
from models.engagement.scaling import Scaling
from models.engagement.states import STATES
from training.calibration import best_temperature
from training.engagement_augmentation import drawn_drops, with_modalities_dropped
from training.engagement_rows import NO_TRUTH, LearnerRows
from training.temporal_network import HISTORY, ServedNetwork, TemporalNetwork

EPOCHS = 16
BATCH = 16
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
SMOOTHING = 0.02


@dataclass(frozen=True, slots=True)
class FittedNetwork:
    """A network and what it needs.

    Attributes:
        losses: log loss of each epoch on the learners for calibration.
    """

    network: TemporalNetwork
    scaling: Scaling
    temperature: float
    losses: Sequence[float]


def fit_network(
    train: Sequence[LearnerRows],
    calibration: Sequence[LearnerRows],
    baseline: BaselineWeights,
    seed: int,
    epochs: int = EPOCHS,
) -> FittedNetwork:
    """Fit on some learners, from the baseline's regression on, and keep what is best on others.

    The same learners and seed give the same network on the same machine.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    scaling = Scaling.of(baseline.features, baseline.logarithmic, baseline.mean, baseline.deviation)
    network = TemporalNetwork(len(scaling.features), len(STATES))
    network.start_from(
        torch.tensor([baseline.bias[state] for state in STATES]),
        torch.tensor([baseline.weights[state] for state in STATES]),
        torch.tensor([baseline.absent[state] for state in STATES]),
    )
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    batches = epochs * -(-len(train) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=batches)
    generator = np.random.default_rng(seed)
    held, truth = _held_for_calibration(scaling, calibration)
    losses, best = list[float](), dict[str, Tensor]()
    for _ in range(epochs):
        for batch in _batches(train, scaling, generator):
            _step(network, batch, optimiser)
            schedule.step()
        logits = _logits(network, held)
        losses.append(float(nn.functional.cross_entropy(torch.from_numpy(logits), truth)))
        if losses[-1] == min(losses):
            best = {name: each.clone() for name, each in network.state_dict().items()}
    network.load_state_dict(best)
    network.eval()
    temperature = best_temperature(_logits(network, held), truth.numpy())
    return FittedNetwork(network, scaling, round(temperature, 4), losses)


_Batch = tuple[Tensor, Tensor, Tensor]


def _batches(
    train: Sequence[LearnerRows], scaling: Scaling, generator: np.random.Generator
) -> Iterator[_Batch]:
    order = generator.permutation(len(train))
    for start in range(0, len(order), BATCH):
        chosen = [train[place] for place in order[start : start + BATCH]]
        drops = drawn_drops(len(chosen), generator)
        blanked = [
            np.where(drop, np.float32(np.nan), each.values)
            for each, drop in zip(chosen, drops, strict=True)
        ]
        yield _padded(blanked, [each.truth for each in chosen], scaling)


def _padded(
    values: Sequence[Array], truths: Sequence[NDArray[np.int64]], scaling: Scaling
) -> _Batch:
    """Return whole lessons side by side; where one has ended, there is nothing and no truth."""
    longest = max(len(each) for each in values)
    block = np.full((len(values), longest, values[0].shape[1]), np.nan, np.float32)
    truth = np.full((len(values), longest), NO_TRUTH, np.int64)
    for place, (each, right) in enumerate(zip(values, truths, strict=True)):
        block[place, : len(each)] = each
        truth[place, : len(each)] = right
    scaled, there = scaling.apply(block)
    return torch.from_numpy(scaled), torch.from_numpy(there), torch.from_numpy(truth)


def _step(network: TemporalNetwork, batch: _Batch, optimiser: torch.optim.Optimizer) -> None:
    scaled, there, truth = batch
    network.train()
    logits = network(scaled, there)
    loss = nn.functional.cross_entropy(
        logits.flatten(0, 1), truth.flatten(), ignore_index=NO_TRUTH, label_smoothing=SMOOTHING
    )
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()


def _held_for_calibration(
    scaling: Scaling, calibration: Sequence[LearnerRows]
) -> tuple[list[_Batch], Tensor]:
    batches = [
        _padded([with_modalities_dropped(each.values)], [each.truth], scaling)
        for each in calibration
    ]
    return batches, torch.cat([truth.flatten() for *_, truth in batches])


def _logits(network: TemporalNetwork, batches: Sequence[_Batch]) -> Array:
    network.eval()
    with torch.no_grad():
        logits = [network(scaled, there).flatten(0, 1) for scaled, there, _ in batches]
    return torch.cat(logits).numpy()


def export_network(fitted: FittedNetwork, path: Path) -> None:
    """Write what serves as ONNX: windows of any number of learners in, probabilities out."""
    served = ServedNetwork(fitted.network, fitted.temperature).eval()
    shape = (2, HISTORY, len(fitted.scaling.features))
    sizes = {0: torch.export.Dim("learners", min=1), 1: torch.export.Dim("windows", min=1)}
    program = torch.onnx.export(
        served,
        (torch.zeros(shape), torch.ones(shape)),
        input_names=["scaled", "there"],
        output_names=["probabilities"],
        dynamic_shapes=(sizes, sizes),
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch exported nothing")
    program.save(str(path), external_data=False)
    strip_notes(path)


def strip_notes(path: Path) -> None:
    """Take the exporter's notes out of a network: they hold paths of the machine it was made on."""
    model = onnx.load(path)
    graph = model.graph
    nodes = [*graph.node, *(node for function in model.functions for node in function.node)]
    values = [*graph.input, *graph.output, *graph.value_info]
    for part in (model, graph, *model.functions, *nodes, *values, *graph.initializer):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    onnx.save(model, path)
