"""Real translation models of two layers, fitted in seconds to a handful of sentence pairs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from transformers import (
    M2M100Config,
    M2M100ForConditionalGeneration,
    M2M100Tokenizer,
    MarianConfig,
    MarianMTModel,
    MarianTokenizer,
)

SPANISH: Mapping[str, str] = {
    "three quarters of a pizza": "tres cuartos de una pizza",
    "half of the cake": "la mitad del pastel",
    "Open your books.": "Abrid los libros.",
    "Who can tell me?": "¿Quién me lo dice?",
}
"""What the models can say; of anything else they make something up."""

SHAPE: Mapping[str, Any] = {
    "d_model": 32,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": 128,
    "dropout": 0.0,
    "attention_dropout": 0.0,
    "activation_dropout": 0.0,
    "encoder_layerdrop": 0.0,
    "decoder_layerdrop": 0.0,
}
ENOUGH = 0.01
MOST_STEPS = 400
THREADS = 1


def make_marian(folder: Path, pairs: Mapping[str, str] = SPANISH) -> Path:
    """Make a Marian model from English into Spanish; return its folder."""
    folder.mkdir(parents=True)
    vocabulary = _vocabulary(folder, pairs)
    vocabulary["<pad>"] = len(vocabulary)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), "utf-8")
    tokenizer = MarianTokenizer(
        str(folder / "source.spm"),
        str(folder / "target.spm"),
        str(folder / "vocab.json"),
        source_lang="en",
        target_lang="es",
    )
    padding = vocabulary["<pad>"]
    tokens: dict[str, Any] = {
        "pad_token_id": padding,
        "decoder_start_token_id": padding,
        "eos_token_id": 0,
    }
    size: dict[str, Any] = {"vocab_size": len(vocabulary), "decoder_vocab_size": len(vocabulary)}
    torch.manual_seed(7)
    model = MarianMTModel(MarianConfig(**SHAPE, **tokens, **size, forced_eos_token_id=0))
    batch = tokenizer(
        list(pairs), text_target=list(pairs.values()), return_tensors="pt", padding=True
    )
    _fit(model, batch, padding)
    return _saved(folder, model, tokenizer)


def make_m2m100(folder: Path, pairs: Mapping[str, str] = SPANISH) -> Path:
    """Make a model of many languages that was fitted to one pair; return its folder."""
    folder.mkdir(parents=True)
    pieces = list(_vocabulary(folder, pairs))
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = [*special, *(piece for piece in pieces if piece not in special)]
    encoder = {piece: number for number, piece in enumerate(vocabulary)}
    (folder / "vocab.json").write_text(json.dumps(encoder), "utf-8")
    tokenizer = M2M100Tokenizer(
        str(folder / "vocab.json"), str(folder / "source.spm"), src_lang="en", tgt_lang="es"
    )
    size = len(encoder) + len(tokenizer.lang_code_to_id) + tokenizer.num_madeup_words
    tokens: dict[str, Any] = {
        "pad_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 2,
        "bos_token_id": 0,
    }
    torch.manual_seed(7)
    model = M2M100ForConditionalGeneration(M2M100Config(**SHAPE, **tokens, vocab_size=size))
    batch = tokenizer(
        list(pairs), text_target=list(pairs.values()), return_tensors="pt", padding=True
    )
    _fit(model, batch, 1)
    return _saved(folder, model, tokenizer)


def _vocabulary(folder: Path, pairs: Mapping[str, str]) -> dict[str, int]:
    """Train the pieces of both languages; source.spm and target.spm are the same file."""
    corpus = folder / "corpus.txt"
    corpus.write_text("\n".join([*pairs, *pairs.values()]), "utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus),
        model_prefix=str(folder / "both"),
        vocab_size=90,
        hard_vocab_limit=False,
        bos_id=-1,
        eos_id=0,
        unk_id=1,
        minloglevel=2,
    )
    for name in ("source.spm", "target.spm"):
        shutil.copy(folder / "both.model", folder / name)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "both.model"))
    return {pieces.id_to_piece(number): number for number in range(pieces.get_piece_size())}


def _batch(tokenizer: Any, pairs: Mapping[str, str]) -> Any:
    return tokenizer(
        list(pairs), text_target=list(pairs.values()), return_tensors="pt", padding=True
    )


def _fit(model: Any, batch: Any, padding: int) -> None:
    """Fit the model until it repeats its pairs. One thread is faster than two for so little."""
    threads = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    labels = batch["labels"].masked_fill(batch["labels"] == padding, -100)
    optimiser = torch.optim.AdamW(model.parameters(), lr=8e-3)
    for _ in range(MOST_STEPS):
        loss = model(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels
        ).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if loss.item() < ENOUGH:
            break
    torch.set_num_threads(threads)


def _saved(folder: Path, model: Any, tokenizer: Any) -> Path:
    ready = folder / folder.name
    model.eval().save_pretrained(ready)
    tokenizer.save_pretrained(ready)
    return ready
