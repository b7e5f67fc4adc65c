"""Loading a translation model of `transformers`, with every way it can fail told in plain words."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from lessons.errors import InvalidInput
from models.model_folders import model_folder
from models.translation.selection import FIELD, not_installed

EXAMPLE = "Helsinki-NLP/opus-mt-en-es"

FILES = ("*.json", "*.spm", "*.model", "*.txt", "*.safetensors", "pytorch_model.bin")
"""What of a repository is downloaded: weights for PyTorch, and the tokenizer."""


@dataclass(frozen=True, slots=True)
class LoadedWeights:
    """A model on its device, with its tokenizer."""

    name: str
    model: Any
    tokenizer: Any
    device: str
    compute_type: str


def load_weights(model: str) -> LoadedWeights:
    """Load a sequence-to-sequence model: on the GPU in float16 where there is one, else on the CPU.

    Args:
        model: path of a folder in the form of `transformers`, or hub id. The hub is asked only for
            what is not on disk, and never under HF_HUB_OFFLINE=1.

    Raises:
        InvalidInput: no such model, or a folder that does not hold one.
        Unavailable: the model is not on disk and the hub cannot be reached.
    """
    folder = model_folder(model, field=FIELD, example=EXAMPLE, files=FILES)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    number_type = torch.float16 if device == "cuda" else torch.float32
    try:
        with warnings.catch_warnings():
            # Marian normalises punctuation with sacremoses where that is there, and warns if not.
            warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            weights = AutoModelForSeq2SeqLM.from_pretrained(
                folder, local_files_only=True, dtype=number_type
            )
    except ImportError as error:  # Of what a tokenizer needs beside, such as sentencepiece.
        raise not_installed(error) from error
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise InvalidInput(
            f"The folder `{folder}` holds no translation model: {error}",
            field=FIELD,
            fix="It needs config.json, the weights and the tokenizer of a sequence-to-sequence "
            f"model, such as {EXAMPLE}.",
        ) from error
    name = folder.name if Path(model).expanduser().is_dir() else model
    return LoadedWeights(name, weights.to(device).eval(), tokenizer, device, _name_of(number_type))


def _name_of(number_type: torch.dtype) -> str:
    return str(number_type).removeprefix("torch.")


def use_threads(number: int) -> None:
    """Keep PyTorch in this process to so many threads, so that captions have the other cores."""
    torch.set_num_threads(number)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
