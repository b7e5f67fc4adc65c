"""An encoder of BERT's kind, built in a moment: untrained, small, with a small vocabulary."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizer

WORDS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] : teacher student why what is it because the area yes no cat "
    "one two three add"
)


def build_encoder(folder: Path) -> Path:
    """Write the encoder into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS.split()) + "\n", "utf-8")
    torch.manual_seed(1)
    configuration = BertConfig(
        vocab_size=len(WORDS.split()),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(configuration).save_pretrained(folder)
    BertTokenizer(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder
