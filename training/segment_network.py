"""The network of segments: words and cues of each utterance, and dilated convolutions around it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTH = 48
KERNEL = 3
DILATIONS = (1, 2, 4, 8)
DROPOUT = 0.3
OUTPUTS = 4
"""Whether a segment begins, and what the row is part of: talk, an unknown or a known problem."""


class _Block(nn.Module):
    """A convolution over rows around, added to what came in."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self._around = nn.Conv1d(WIDTH, WIDTH, KERNEL, dilation=dilation, padding=dilation)
        self._mix = nn.Conv1d(WIDTH, WIDTH, 1)
        self._dropout = nn.Dropout(DROPOUT)

    def forward(self, hidden: Tensor) -> Tensor:
        added: Tensor = hidden + self._dropout(self._mix(nn.functional.gelu(self._around(hidden))))
        return added


class SegmentNetwork(nn.Module):
    """Logits of every row of lessons.

    Args:
        features: that it reads of a row.
        vocabulary: words that it knows; the number after the last one stands for none.
    """

    def __init__(self, features: int, vocabulary: int) -> None:
        super().__init__()
        self.nothing = vocabulary
        self._enter = nn.Conv1d(features, WIDTH, 1)
        self._words = nn.Embedding(vocabulary + 1, WIDTH, padding_idx=vocabulary)
        nn.init.normal_(self._words.weight, 0.0, 0.02)
        with torch.no_grad():
            self._words.weight[vocabulary] = 0.0
        self._dropout = nn.Dropout(DROPOUT)
        self._blocks = nn.ModuleList(_Block(dilation) for dilation in DILATIONS)
        self._leave = nn.Conv1d(WIDTH, OUTPUTS, 1)

    def forward(self, scaled: Tensor, words: Tensor, there: Tensor) -> Tensor:
        """Return logits.

        Args:
            scaled: shape (lessons, rows, features).
            words: shape (lessons, rows, words), their numbers.
            there: shape (lessons, rows), 0 after a lesson's last row.

        Returns:
            shape (lessons, rows, `OUTPUTS`).
        """
        # The same as `said`, several times as fast, and nothing that ONNX knows.
        said = nn.functional.embedding_bag(
            words.flatten(0, 1), self._words.weight, mode="sum", padding_idx=self.nothing
        )
        return self.logits(scaled, said.view(*words.shape[:2], WIDTH), there)

    def said(self, words: Tensor) -> Tensor:
        """Return the sum of what each row's words stand for, shape (lessons, rows, width)."""
        summed: Tensor = self._words(words).sum(dim=2)
        return summed

    def logits(self, scaled: Tensor, said: Tensor, there: Tensor) -> Tensor:
        """Return logits, see `forward`."""
        mask = there.unsqueeze(1)
        entered = self._enter(scaled.transpose(1, 2)) + said.transpose(1, 2)
        hidden = self._dropout(nn.functional.gelu(entered)) * mask
        for block in self._blocks:
            hidden = block(hidden) * mask
        logits: Tensor = self._leave(hidden).transpose(1, 2)
        return logits


class ServedNetwork(nn.Module):
    """What is exported: logits of every row of lessons, as many as come in one call."""

    def __init__(self, network: SegmentNetwork) -> None:
        super().__init__()
        self._network = network

    def forward(self, scaled: Tensor, words: Tensor, there: Tensor) -> Tensor:
        """Return logits, shape (lessons, rows, `OUTPUTS`), of what `SegmentNetwork` takes."""
        return self._network.logits(scaled, self._network.said(words), there)
