"""The temporal network: dilated causal convolutions over a learner's windows, and a straight road.

Source: Bai, Kolter and Koltun 2018, "An Empirical Evaluation of Generic Convolutional and Recurrent
Networks for Sequence Modeling" (TCN).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTH = 40
KERNEL = 3
DILATIONS = (1, 2, 4, 8)
HISTORY = 1 + (KERNEL - 1) * sum(DILATIONS)
"""Windows that reach the newest output: 31 of five seconds."""

DROPOUT = 0.2


class _CausalBlock(nn.Module):
    """A convolution over what was, added to what came in."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self._past = (KERNEL - 1) * dilation
        self._convolution = nn.Conv1d(WIDTH, WIDTH, KERNEL, dilation=dilation)
        self._mix = nn.Conv1d(WIDTH, WIDTH, 1)
        self._dropout = nn.Dropout(DROPOUT)

    def forward(self, hidden: Tensor) -> Tensor:
        past = nn.functional.pad(hidden, (self._past, 0))
        seen = nn.functional.gelu(self._convolution(past))
        added: Tensor = hidden + self._dropout(self._mix(seen))
        return added


class TemporalNetwork(nn.Module):
    """Logits of states at every window.

    Missing values come in as 0 with a mask beside them. Windows before the lesson, in which nothing
    is there, are held at zero all the way, so that a history that begins early and one that begins
    with the lesson give the same. The straight road from the newest window to the logits is the
    baseline's own form, so that depth only has to add to it.

    Args:
        features: that it reads.
        states: that it tells apart.
    """

    def __init__(self, features: int, states: int) -> None:
        super().__init__()
        self._enter = nn.Conv1d(2 * features, WIDTH, 1)
        self._blocks = nn.ModuleList(_CausalBlock(dilation) for dilation in DILATIONS)
        self._leave = nn.Conv1d(WIDTH, states, 1)
        self._straight = nn.Conv1d(2 * features, states, 1)

    def start_from(self, bias: Tensor, weights: Tensor, absent: Tensor) -> None:
        """Begin as a logistic regression of the newest window: the depth adds nothing yet.

        Args:
            bias: shape (states,).
            weights, absent: shape (states, features), on scaled values and on their absence.
        """
        with torch.no_grad():
            self._straight.weight.copy_(torch.cat([weights, -absent], dim=1).unsqueeze(2))
            self._straight.bias.copy_(bias + absent.sum(dim=1))  # type: ignore[union-attr]
            self._leave.weight.zero_()
            self._leave.bias.zero_()  # type: ignore[union-attr]  # both have one

    def forward(self, scaled: Tensor, there: Tensor) -> Tensor:
        """Return logits.

        Args:
            scaled, there: shape (learners, windows, features), as `Scaling.apply` gives them.

        Returns:
            shape (learners, windows, states).
        """
        seen = torch.cat([scaled, there], dim=2).transpose(1, 2)
        in_lesson = there.amax(dim=2).unsqueeze(1)
        hidden = nn.functional.gelu(self._enter(seen)) * in_lesson
        for block in self._blocks:
            hidden = block(hidden) * in_lesson
        logits: Tensor = self._leave(hidden) + self._straight(seen)
        return logits.transpose(1, 2)


class ServedNetwork(nn.Module):
    """What is exported: probabilities at every window, at a temperature."""

    def __init__(self, network: TemporalNetwork, temperature: float) -> None:
        super().__init__()
        self._network = network
        self._temperature = temperature

    def forward(self, scaled: Tensor, there: Tensor) -> Tensor:
        """Return probabilities, shape (learners, windows, states)."""
        return torch.softmax(self._network(scaled, there) / self._temperature, dim=2)
