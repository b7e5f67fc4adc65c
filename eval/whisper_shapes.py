"""Whisper models of the real shapes with made-up weights: right in cost, worthless in accuracy.

Weights that are wholly random never end a text, so that a decoder runs to its limit of 448 tokens
and costs many times what it should. Here the decoder's positions are set so that a model says the
same few words, whatever it hears, and then ends: the encoder, the attention, the projection on the
whole vocabulary and the alignment of words do the work that they do in a real model.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration

PROMPT_TOKENS = 4
"""Start of transcript, language, task, no timestamps."""
LOGIT = 25.0
"""By how much the token that is meant stands out: with 50,000 others it gets more than 0.99."""
POSITION_NORM = 1000.0
"""Far above what the layers add, so that the position alone decides on the token."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a Whisper model, as its published `config.json` has them."""

    name: str
    width: int
    encoder_layers: int
    decoder_layers: int
    heads: int
    mel_bins: int = 80
    vocabulary: int = 51_865


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("self-check", 64, 2, 2, 2, vocabulary=2_500),
        Shape("tiny", 384, 4, 4, 6),
        Shape("base", 512, 6, 6, 8),
        Shape("small", 768, 12, 12, 12),
        Shape("large-v3-turbo", 1280, 32, 4, 20, mel_bins=128, vocabulary=51_866),
    )
}


def write_shape(shape: Shape, folder: Path, said_tokens: int) -> Path:
    """Write a CTranslate2 model of this shape that says so many tokens; return its folder."""
    from ctranslate2.converters.transformers import WhisperLoader

    target = folder / shape.name
    tokenizer = _tokenizer(shape.vocabulary)
    spec: Any = WhisperLoader().get_model_spec(_model(shape, tokenizer, said_tokens))
    spec.register_vocabulary([tokenizer.id_to_token(number) for number in range(shape.vocabulary)])
    spec.config.suppress_ids = spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [tokenizer.token_to_id(f"<|{code}|>") for code in _LANGUAGE_CODES]
    spec.config.alignment_heads = [(shape.decoder_layers - 1, head) for head in range(2)]
    spec.validate()
    spec.optimize(quantization="float16")
    target.mkdir(parents=True)
    spec.save(str(target))
    tokenizer.save(str(target / "tokenizer.json"))
    features = {"feature_size": shape.mel_bins}
    (target / "preprocessor_config.json").write_text(json.dumps(features), "ascii")
    return target


def _tokenizer(size: int) -> Tokenizer:
    """A byte-level tokenizer with as many entries as the shape's vocabulary has."""
    names = ["endoftext", "startoftranscript", *_LANGUAGE_CODES, "translate", "transcribe"]
    names += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    names += [f"{step * 0.02:.2f}" for step in range(1501)]
    entries = sorted(pre_tokenizers.ByteLevel.alphabet())
    # CTranslate2 takes a model for multilingual if its vocabulary has the empty token.
    entries.append("")
    entries += [f"Ġword{number}" for number in range(size - len(entries) - len(names))]
    vocabulary = {entry: number for number, entry in enumerate(entries)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(f"<|{name}|>", special=True, normalized=False) for name in names]
    )
    return tokenizer


def _model(shape: Shape, tokenizer: Tokenizer, said_tokens: int) -> WhisperForConditionalGeneration:
    import torch
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=tokenizer.get_vocab_size(),
            d_model=shape.width,
            encoder_layers=shape.encoder_layers,
            decoder_layers=shape.decoder_layers,
            encoder_attention_heads=shape.heads,
            decoder_attention_heads=shape.heads,
            encoder_ffn_dim=4 * shape.width,
            decoder_ffn_dim=4 * shape.width,
            num_mel_bins=shape.mel_bins,
            dropout=0.0,
            pad_token_id=0,
            bos_token_id=0,
            eos_token_id=0,
            decoder_start_token_id=0,
        )
    )
    end = int(tokenizer.token_to_id("<|endoftext|>") or 0)
    words = [int(tokenizer.token_to_id(f"Ġword{number}") or 0) for number in range(said_tokens)]
    with torch.no_grad():
        decoder = model.model.decoder
        length = LOGIT / math.sqrt(shape.width)
        directions = torch.nn.functional.normalize(torch.randn(decoder.embed_tokens.weight.shape))
        decoder.embed_tokens.weight.copy_(directions * length)
        meant = [words[0]] * (PROMPT_TOKENS - 1) + words
        meant += [end] * (len(decoder.embed_positions.weight) - len(meant))
        decoder.embed_positions.weight.copy_(directions[torch.tensor(meant)] * POSITION_NORM)
    return model
