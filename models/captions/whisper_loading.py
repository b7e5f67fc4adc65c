"""Loading a Whisper model, with every way it can fail told in plain words."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import httpx
from faster_whisper import WhisperModel, available_models, download_model
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)

from lessons.errors import InvalidInput, Unavailable

NEEDED_FILES = ("model.bin", "config.json", "tokenizer.json")
"""What a folder must hold; without tokenizer.json faster-whisper asks the hub for one."""

CALLS_ON_CUDA = 2
MOST_CALLS_ON_CPU = 4
BEAM_SIZES = {"cpu": 1, "cuda": 5}
PREFERRED_ON_CUDA = ("float16", "int8_float32", "float32")
"""From best to slowest: GPUs before Volta have no fast float16, so it is no choice."""


@dataclass(frozen=True, slots=True)
class WhisperOptions:
    """Which Whisper model, and how it runs.

    Attributes:
        model: name (`small.en`), path of a CTranslate2 folder, or hub id (`owner/name`).
        device: `auto`, `cpu` or `cuda`.
        compute_type: `auto` (float16 on cuda where it runs it, int8 on cpu) or a type that the
            device runs, such as `int8_float16`.
        beam_size: hypotheses kept while decoding a final; None: five on cuda, one on cpu, where the
            others cost a third more and heard nothing better (docs/captions-under-load.md).
        download: whether the hub may be asked for files that are not on disk.
        parallel_calls: calls that run at the same time, sharing one copy of the weights; None: two
            on cuda, so that one call's work on the CPU overlaps another's on the GPU; on cpu one
            for each core up to four, for a second core makes a single call hardly any faster.
        short_encoding: whether the encoder first reads no more than a window holds; None: on cpu,
            where that was measured.
    """

    model: str
    device: str = "auto"
    compute_type: str = "auto"
    beam_size: int | None = None
    download: bool = True
    parallel_calls: int | None = None
    short_encoding: bool | None = None

    def calls_on(self, device: str) -> int:
        """Return how many calls run at the same time on a device."""
        if self.parallel_calls is not None:
            return self.parallel_calls
        return CALLS_ON_CUDA if device == "cuda" else min(_cores(), MOST_CALLS_ON_CPU)

    def beams_on(self, device: str) -> int:
        """Return how many hypotheses are kept on a device."""
        return self.beam_size or BEAM_SIZES.get(device, BEAM_SIZES["cpu"])

    def encodes_short_on(self, device: str) -> bool:
        """Return whether windows are read short on a device (`short_encoding.py`)."""
        return device == "cpu" if self.short_encoding is None else self.short_encoding


def load_whisper(options: WhisperOptions) -> WhisperModel:
    """Load a model onto its device.

    Raises:
        InvalidInput: no such model, a folder that lacks files, or a compute type or device that
            this machine does not run.
        Unavailable: the model is not on disk and the hub cannot be reached.
    """
    device = _device(options.device)
    compute_type = _compute_type(options.compute_type, device)
    path = _folder(options)
    try:
        return WhisperModel(
            str(path),
            device=device,
            compute_type=compute_type,
            # Ray sets OMP_NUM_THREADS to 1 for its workers, which would be all that it uses.
            cpu_threads=max(_cores() // options.calls_on(device), 1),
            num_workers=options.calls_on(device),
        )
    except (ValueError, RuntimeError) as error:
        raise InvalidInput(
            f"The model in `{path}` cannot be loaded: {error}.",
            field="caption_model",
            fix="Convert it again with ct2-transformers-converter of the installed CTranslate2.",
        ) from error


def _cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


def _device(device: str) -> str:
    if device not in ("auto", "cpu", "cuda"):
        raise InvalidInput(
            f"There is no device `{device}`.", field="caption_device", fix="Use auto, cpu or cuda."
        )
    gpus = ctranslate2.get_cuda_device_count()
    if device == "cuda" and not gpus:
        raise InvalidInput(
            "This machine has no CUDA device that CTranslate2 can use.",
            field="caption_device",
            fix="Use cpu, or install the NVIDIA driver and the `gpu` extra.",
        )
    return ("cuda" if gpus else "cpu") if device == "auto" else device


def _compute_type(compute_type: str, device: str) -> str:
    supported = sorted(ctranslate2.get_supported_compute_types(device))
    if compute_type == "auto":
        wanted = PREFERRED_ON_CUDA if device == "cuda" else ("int8",)
        return next((one for one in wanted if one in supported), "default")
    if compute_type not in supported:
        raise InvalidInput(
            f"The device `{device}` does not run the compute type `{compute_type}`.",
            field="caption_compute_type",
            fix=f"Use auto, or one of: {', '.join(supported)}.",
        )
    return compute_type


def _folder(options: WhisperOptions) -> Path:
    """Return the folder of the model's files, downloaded if need be, and none missing."""
    path = Path(options.model).expanduser()
    if not path.is_dir():
        if path.is_absolute() or options.model.startswith((".", "~")):
            raise InvalidInput(
                f"There is no folder `{options.model}`.",
                field="caption_model",
                fix="Give the path of a folder with a CTranslate2 Whisper model.",
            )
        path = _hub_folder(options)
    missing = [name for name in NEEDED_FILES if not (path / name).is_file()]
    if missing:
        raise InvalidInput(
            f"The folder `{path}` lacks {', '.join(missing)}.",
            field="caption_model",
            fix="Convert the model with `ct2-transformers-converter --copy_files tokenizer.json "
            "preprocessor_config.json`.",
        )
    return path


def _hub_folder(options: WhisperOptions) -> Path:
    """Return the cached snapshot of a hub model; the hub is asked only where there is none."""
    try:
        return Path(download_model(options.model, local_files_only=True))
    except LocalEntryNotFoundError as error:
        if not options.download:
            raise _not_on_disk(options.model) from error
    except (HFValidationError, ValueError) as error:
        raise _no_such_model(options.model) from error
    try:
        return Path(download_model(options.model))
    except RepositoryNotFoundError as error:
        raise _no_such_model(options.model) from error
    except (HfHubHTTPError, LocalEntryNotFoundError, httpx.HTTPError) as error:
        raise _not_on_disk(options.model) from error


def _no_such_model(model: str) -> InvalidInput:
    return InvalidInput(
        f"There is no model `{model}`.",
        field="caption_model",
        fix="Use the path of a CTranslate2 Whisper folder, a hub id (`owner/name`), or one of: "
        f"{', '.join(available_models())}.",
    )


def _not_on_disk(model: str) -> Unavailable:
    return Unavailable(
        f"The model `{model}` is not on disk and the model hub cannot be reached.",
        field="caption_model",
        fix="Give the path of a CTranslate2 folder, or download the model where there is a "
        "network, or use the offline engine.",
    )
