"""Fits a network of pairs on one machine: batches of like length, a warm-up, progress, pauses.

How fast it learns falls with the share of passes or of time that is spent, whichever is further, so
that a run that must end by the clock ends as well as a whole one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from models.talk_moves.pair_network import PairNetwork
from models.talk_moves.pairs import PairTokens, TokenPair

Loss = Callable[[Tensor, Tensor], Tensor]
"""Outputs and targets of a batch in, its mean loss out."""

WARM_UP = 0.06
LARGEST_GRADIENT = 1.0
WEIGHT_DECAY = 0.01
BUCKET_BATCHES = 40
"""So many batches are drawn together and sorted by length."""

PAUSE_S = 120.0
"""Time between two lines of progress, each with the state kept on disk."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a network is fitted.

    Attributes:
        epochs: passes over all pairs.
        minutes: it ends after so much time even so.
        state: file that a run which was cut off goes on from; None: it is not kept.
        resting: layers of the encoder, the lowest ones, whose changes stay as they are: without a
            way back through them a step takes two thirds of the time.
    """

    epochs: float = 1.0
    batch: int = 32
    rate: float = 1e-3
    minutes: float = float("inf")
    seed: int = 20_261_126
    state: Path | None = None
    resting: int = 0


class Fitting:
    """One fit of what a network may learn.

    Args:
        title: what the lines of progress begin with.
    """

    def __init__(self, network: PairNetwork, tokens: PairTokens, plan: Plan, title: str) -> None:
        self._network, self._tokens, self._plan, self._title = network, tokens, plan, title
        self._learnt = [each for each in network.parameters() if each.requires_grad]
        self._optimiser = torch.optim.AdamW(self._learnt, lr=plan.rate, weight_decay=WEIGHT_DECAY)
        self._step, self._spent_s = 0, 0.0
        self._recent: list[float] = []

    def run(self, pairs: Sequence[TokenPair], targets: Tensor, loss: Loss) -> None:
        """Fit; the network is left as it serves, without dropout."""
        steps = max(int(self._plan.epochs * len(pairs) / self._plan.batch), 1)
        self._resume()
        told = time.monotonic()
        began = told - self._spent_s
        self._network.train()
        resting = self._network.rest(self._plan.resting)
        for rows in _batches(pairs, self._plan, self._step, steps):
            self._spent_s = time.monotonic() - began
            done = max(self._step / steps, self._spent_s / 60 / self._plan.minutes)
            if done >= 1:
                break
            self._learn([pairs[row] for row in rows], targets[rows], loss, _pace(done))
            if time.monotonic() - told > PAUSE_S:
                told = time.monotonic()
                self._pause(steps)
        self._pause(steps)
        resting.remove()
        self._network.eval()

    def _learn(self, pairs: list[TokenPair], targets: Tensor, loss: Loss, pace: float) -> None:
        self._optimiser.param_groups[0]["lr"] = self._plan.rate * pace
        value = loss(self._network(*self._tokens.batch(pairs)), targets)
        self._optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(self._learnt, LARGEST_GRADIENT)
        self._optimiser.step()
        self._recent.append(value.item())
        self._step += 1

    def _pause(self, steps: int) -> None:
        """Tell how far it is, and keep that on disk."""
        mean = float(np.mean(self._recent)) if self._recent else float("nan")
        self._recent.clear()
        print(
            f"{self._title}: step {self._step} of {steps}, {self._spent_s:.0f} s, loss {mean:.3f}",
            flush=True,
        )
        if self._plan.state is None:
            return
        unfinished = self._plan.state.with_suffix(".unfinished")
        state = {
            "learnt": self._network.learnt(),
            "optimiser": self._optimiser.state_dict(),
            "step": self._step,
            "spent_s": self._spent_s,
        }
        torch.save(state, unfinished)
        unfinished.replace(self._plan.state)

    def _resume(self) -> None:
        if self._plan.state is None or not self._plan.state.is_file():
            return
        state = torch.load(self._plan.state, weights_only=True)
        self._network.load_state_dict(state["learnt"], strict=False)
        self._optimiser.load_state_dict(state["optimiser"])
        self._step, self._spent_s = state["step"], state["spent_s"]
        print(f"{self._title}: goes on from step {self._step}", flush=True)


def _pace(done: float) -> float:
    """Return the share of the full rate: up in the warm-up, then down to nothing."""
    return min(done / WARM_UP + 0.02, (1 - done) / (1 - WARM_UP), 1.0)


def _batches(
    pairs: Sequence[TokenPair], plan: Plan, skipped: int, steps: int
) -> Iterator[list[int]]:
    """Yield rows of batches, the same ones in every run of a seed, without those that are done."""
    draw = np.random.default_rng(plan.seed)
    step = 0
    while step < steps:
        rows = draw.permutation(len(pairs))
        size = plan.batch * BUCKET_BATCHES
        for start in range(0, len(rows), size):
            bucket = sorted(rows[start : start + size], key=lambda row: len(pairs[row]))
            cuts = range(0, len(bucket), plan.batch)
            for cut in draw.permutation(cuts):
                if step >= steps:
                    return
                step += 1
                if step > skipped:
                    yield [int(row) for row in bucket[cut : cut + plan.batch]]
