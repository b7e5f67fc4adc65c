"""Pairs of texts as tensors: the first one's end, the second one's beginning and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.talk_moves.turns_as_pairs import Pair


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A pair as tokens, cut to what the network reads."""

    first: list[int]
    second: list[int]
    numbers: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.first) + len(self.second)


class PairTokens:
    """Cuts texts into tokens.

    Args:
        tokenizer: of the encoder, BERT's kind.
        first: most tokens of the first piece: its last ones.
        second: most tokens of the second piece: two thirds from its beginning, one from its end,
            where a question often is.
    """

    def __init__(self, tokenizer: Any, first: int, second: int) -> None:
        self._tokenizer, self._first, self._second = tokenizer, first, second

    def of(self, pairs: Sequence[Pair]) -> list[TokenPair]:
        """Return the pairs as tokens."""
        ones = self._ids([pair.first for pair in pairs])
        twos = self._ids([pair.second for pair in pairs])
        return [
            TokenPair(one[-self._first :], _both_ends(two, self._second), pair.numbers)
            for one, two, pair in zip(ones, twos, pairs, strict=True)
        ]

    def batch(self, pairs: Sequence[TokenPair]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return tokens, which are the second piece's, which are none, and the numbers."""
        begin, end = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id
        longest = max(len(pair) for pair in pairs) + 3
        ids = np.full((len(pairs), longest), self._tokenizer.pad_token_id, np.int64)
        second, mask = np.zeros_like(ids), np.zeros_like(ids)
        for row, pair in enumerate(pairs):
            tokens = [begin, *pair.first, end, *pair.second, end]
            ids[row, : len(tokens)] = tokens
            second[row, len(pair.first) + 2 : len(tokens)] = 1
            mask[row, : len(tokens)] = 1
        numbers = np.stack([pair.numbers for pair in pairs])
        return (
            torch.from_numpy(ids),
            torch.from_numpy(second),
            torch.from_numpy(mask),
            torch.from_numpy(numbers),
        )

    def _ids(self, texts: list[str]) -> list[list[int]]:
        if not texts:
            return []
        ids: list[list[int]] = self._tokenizer(
            texts, add_special_tokens=False, return_attention_mask=False, verbose=False
        )["input_ids"]
        return ids


def _both_ends(tokens: list[int], most: int) -> list[int]:
    if len(tokens) <= most:
        return tokens
    end = most // 3
    return [*tokens[: most - end], *tokens[-end:]]
