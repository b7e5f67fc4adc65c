"""A sentence encoder with low-rank changes and a head, over two pieces of text read together.

The changes are those of Hu et al. 2021 ("LoRA"): a matrix of rank r beside each linear layer, so
that what was learnt is some hundred thousand numbers and the encoder is the one that everybody has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

RANK = 16
SCALE = 2.0
HIDDEN = 192
DROPOUT = 0.1
POOLER = "pooler"
"""A layer of BERT that sentence encoders do not use."""


class LowRank(nn.Module):
    """A linear layer that stays as it is, with a change of low rank beside it that is learnt."""

    def __init__(self, base: nn.Linear, rank: int) -> None:
        super().__init__()
        self.base = base
        self.down = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, values: Tensor) -> Tensor:
        """Return the layer's output with the change."""
        changed: Tensor = self.base(values) + SCALE * (values @ self.down.T @ self.up.T)
        return changed

    def merged(self) -> nn.Linear:
        """Put the change into the layer, which then costs no more than before."""
        with torch.no_grad():
            self.base.weight += SCALE * (self.up @ self.down)
        return self.base


class PairNetwork(nn.Module):
    """Both pieces in one pass; the mean of each one's tokens, and plain numbers, into a head.

    Args:
        encoder: a transformer of BERT's kind; its own weights stay as they are.
        numbers: how many plain numbers come with a pair.
        outputs: how many it gives.
        rank: of the changes.
    """

    def __init__(self, encoder: Any, numbers: int, outputs: int, rank: int = RANK) -> None:
        super().__init__()
        self.encoder = encoder
        for each in encoder.parameters():
            each.requires_grad_(False)
        for parent, name, layer in list(_linear_layers(encoder)):
            setattr(parent, name, LowRank(layer, rank))
        width = 3 * encoder.config.hidden_size + numbers
        self.head = nn.Sequential(
            nn.Linear(width, HIDDEN), nn.GELU(), nn.Dropout(DROPOUT), nn.Linear(HIDDEN, outputs)
        )

    def forward(self, ids: Tensor, second: Tensor, mask: Tensor, numbers: Tensor) -> Tensor:
        """Return the outputs, shape (pairs, outputs).

        Args:
            ids: tokens, shape (pairs, tokens).
            second: 1 at the tokens of the second piece, else 0; the same shape.
            mask: 1 at tokens, 0 at padding; the same shape.
            numbers: shape (pairs, numbers).
        """
        states = self.encoder(
            input_ids=ids, token_type_ids=second, attention_mask=mask
        ).last_hidden_state
        one = _mean(states, mask * (1 - second))
        two = _mean(states, mask * second)
        outputs: Tensor = self.head(torch.cat((one, two, one * two, numbers), dim=1))
        return outputs

    def learnt(self) -> dict[str, Tensor]:
        """Return what is learnt, by name: the changes and the head."""
        wanted = {name for name, each in self.named_parameters() if each.requires_grad}
        return {name: each for name, each in self.state_dict().items() if name in wanted}

    def rest(self, layers: int) -> RemovableHandle:
        """Let no gradient reach the encoder's lowest layers until the handle is removed."""
        lower = self.encoder.encoder.layer[layers - 1] if layers else self.encoder.embeddings
        handle: RemovableHandle = lower.register_forward_hook(
            lambda _module, _inputs, states: states.detach()
        )
        return handle

    def merge(self) -> None:
        """Put the changes into the encoder, for good."""
        for parent, name, layer in list(_changed_layers(self.encoder)):
            setattr(parent, name, layer.merged())


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1)


def _linear_layers(module: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Linear]]:
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            yield module, name, child
        elif name != POOLER:
            yield from _linear_layers(child)


def _changed_layers(module: nn.Module) -> Iterator[tuple[nn.Module, str, LowRank]]:
    for name, child in module.named_children():
        if isinstance(child, LowRank):
            yield module, name, child
        else:
            yield from _changed_layers(child)
