"""Where a model lies that was named by path or hub id: on disk first, and only then on the hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

from lessons.errors import InvalidInput, Unavailable


def model_folder(model: str, *, field: str, example: str, files: Sequence[str]) -> Path:
    """Return the folder that holds a model.

    Args:
        model: path of a folder, or hub id. The hub is asked only for what is not on disk, and
            never under HF_HUB_OFFLINE=1.
        field: the setting that names the model, for errors.
        example: a hub id that would do, for errors.
        files: what of a repository is downloaded, as patterns.

    Raises:
        InvalidInput: no such model.
        Unavailable: it is not on disk and the hub cannot be reached.
    """
    path = Path(model).expanduser()
    if path.is_dir():
        return path
    if path.is_absolute() or model.startswith((".", "~")):
        raise InvalidInput(
            f"There is no folder `{model}`.",
            field=field,
            fix=f"Give the path of a folder with a model, or a hub id such as {example}.",
        )
    return _hub_folder(model, field, example, list(files))


def _hub_folder(model: str, field: str, example: str, files: list[str]) -> Path:
    """Return the cached snapshot of a hub model; the hub is asked only where there is none."""
    for from_disk in (True, False):
        try:
            return Path(snapshot_download(model, local_files_only=from_disk, allow_patterns=files))
        except (HFValidationError, RepositoryNotFoundError) as error:
            raise InvalidInput(
                f"There is no model `{model}`.",
                field=field,
                fix=f"Use a hub id such as {example}, or the path of a folder.",
            ) from error
        except (OSError, ValueError) as error:  # Not on disk, or the hub is out of reach.
            reason = error
    raise Unavailable(
        f"The model `{model}` is not on disk and the model hub cannot be reached.",
        field=field,
        fix="Download it where there is a network, and give the folder's path.",
    ) from reason
