"""Loads models of `transformers` for summaries: from a folder, the cache, or the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from transformers.utils.logging import disable_progress_bar

from lessons.errors import InvalidInput, Unavailable


def load_model(kind: Any, model: str, field: str, example: str) -> tuple[Any, Any, str]:
    """Return a model on its device, its tokenizer, and its name.

    Args:
        kind: class of `transformers` that it is loaded by.
        model: path of a folder, or hub id. The hub is asked only for what is not on disk, and never
            under HF_HUB_OFFLINE=1.
        field: the setting that names it.
        example: of a model that would do.

    Raises:
        InvalidInput: no such folder, or one that does not hold such a model.
        Unavailable: the model is not on disk and the hub cannot be reached.
    """
    path = Path(model).expanduser()
    local = path.is_dir()
    if not local and (path.is_absolute() or model.startswith((".", "~"))):
        raise InvalidInput(
            f"There is no folder `{model}`.",
            field=field,
            fix=f"Give a folder or a hub id: {example}.",
        )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    number_type = torch.bfloat16 if device == "cuda" else torch.float32
    # It would stand among the lines of a process's log.
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(model)
        weights = kind.from_pretrained(model, dtype=number_type)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        if local:
            raise InvalidInput(
                f"The folder `{model}` does not hold such a model: {error}",
                field=field,
                fix=f"It needs config.json, the weights and the tokenizer, as of {example}.",
            ) from error
        raise Unavailable(
            f"The model `{model}` is not on disk and the model hub has none, or is out of reach.",
            field=field,
            fix=f"Use a hub id such as {example}, or download it and give the folder's path.",
        ) from error
    return weights.to(device).eval(), tokenizer, path.name if local else model
