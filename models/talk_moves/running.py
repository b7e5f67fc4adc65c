"""A network of pairs as it serves: loaded from its folder, many pairs in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.embeddings.loading import encoder_folder
from models.talk_moves.network_file import load_network, read_card
from models.talk_moves.pair_network import PairNetwork
from models.talk_moves.pairs import PairTokens, TokenPair
from models.talk_moves.turns_as_pairs import Pair

Array = NDArray[np.float32]

BATCH = 32
"""Pairs of one pass; those of like length go together."""


class RunningNetwork:
    """A network that serves. One call at a time.

    Args:
        folder: with its card and its weights.
        device: of PyTorch, such as `cuda`.

    Raises:
        InvalidInput: it holds no such network, or the encoder is not installed.
        Unavailable: the encoder is not on disk and the hub cannot be reached.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        self.card = read_card(folder)
        encoder = encoder_folder(self.card.encoder)
        self._network, self._tokens = load_network(folder, encoder, self.card)
        self._network.to(device)

    def outputs(self, pairs: Sequence[Pair]) -> Array:
        """Return the outputs, shape (pairs, outputs of the card)."""
        if not pairs:
            return np.zeros((0, len(self.card.outputs)), np.float32)
        return network_outputs(self._network, self._tokens, self._tokens.of(pairs))


def network_outputs(network: PairNetwork, tokens: PairTokens, pairs: Sequence[TokenPair]) -> Array:
    """Return a network's outputs for some pairs, at least one: shape (pairs, outputs)."""
    device = next(network.parameters()).device
    order = sorted(range(len(pairs)), key=lambda row: len(pairs[row]))
    parts = []
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            batch = [pairs[row] for row in order[start : start + BATCH]]
            fed = (each.to(device) for each in tokens.batch(batch))
            parts.append(network(*fed).cpu().numpy())
    found: Array = np.empty((len(pairs), parts[0].shape[1]), np.float32)
    found[order] = np.concatenate(parts)
    return found
