"""Which caption engine a machine gets, and why, in words that the start line can show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import ctranslate2
import httpx
from huggingface_hub import CachedRepoInfo, constants, scan_cache_dir
from huggingface_hub.errors import CacheNotFound

from lessons.errors import InvalidInput, Unavailable
from models.captions import faster_whisper_engine, pocketsphinx_engine
from models.captions.faster_whisper_engine import FasterWhisperEngine
from models.captions.interface import CaptionEngine
from models.captions.pocketsphinx_engine import PocketsphinxEngine
from models.captions.whisper_loading import NEEDED_FILES, WhisperOptions

HUB_TIMEOUT_S = 2.0
"""How long to wait for the model hub before doing without it, in seconds."""
LARGEST_ON_CPU_BYTES = 500_000_000
"""Weights (float16) that a CPU still runs in real time: Whisper `small`."""
HUB_MODEL = {"cpu": "base", "cuda": "large-v3-turbo"}
"""What is fetched from the hub where nothing is configured."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine to use.

    Attributes:
        engine: `faster-whisper` or `pocketsphinx`.
        model: its model's name, path or hub id.
        reason: why this one, as a clause that ends no sentence: `no Whisper model is on disk ...`.
        build: loads it; may take seconds, or minutes where weights are downloaded.
    """

    engine: str
    model: str
    reason: str
    build: Callable[[], CaptionEngine]


def choose_engine(
    *,
    engine: str = "auto",
    model: str | None = None,
    device: str = "auto",
    compute_type: str = "auto",
    beam_size: int | None = None,
    language: str = "en",
    parallel_calls: int | None = None,
) -> Choice:
    """Choose the configured model, else a Whisper on disk or on the hub, else the offline engine.

    Raises:
        InvalidInput: no such engine, or a model that the engine does not have.
        Unavailable: faster-whisper is asked for without a model, and none can be found.
    """
    if engine not in ("auto", faster_whisper_engine.ENGINE, pocketsphinx_engine.ENGINE):
        raise InvalidInput(
            f"There is no caption engine `{engine}`.",
            field="caption_engine",
            fix="Use auto, faster-whisper or pocketsphinx.",
        )
    if engine == pocketsphinx_engine.ENGINE:
        return _offline(model, "it is configured")
    whisper = partial(
        _whisper,
        device=device,
        compute_type=compute_type,
        beam_size=beam_size,
        parallel_calls=parallel_calls,
    )
    if model:
        return whisper(model, "it is configured", download=not constants.HF_HUB_OFFLINE)
    target = "cuda" if device != "cpu" and ctranslate2.get_cuda_device_count() else "cpu"
    on_disk = _largest_sensible(_cached_whispers(language), target)
    if on_disk:
        return whisper(on_disk, "it is on disk already", download=False)
    unreachable = _why_hub_is_unreachable()
    if unreachable is None:
        name = HUB_MODEL[target] + (".en" if (target, language) == ("cpu", "en") else "")
        return whisper(name, "the model hub is reachable", download=True)
    if engine == faster_whisper_engine.ENGINE:
        raise Unavailable(
            f"No Whisper model is on disk and {unreachable}.",
            field="caption_model",
            fix="Set it to the path of a CTranslate2 Whisper folder, or use the offline engine.",
        )
    return _offline(None, f"no Whisper model is on disk and {unreachable}")


def _offline(model: str | None, reason: str) -> Choice:
    if model not in (None, pocketsphinx_engine.MODEL):
        raise InvalidInput(
            f"pocketsphinx has no model `{model}`.",
            field="caption_model",
            fix=f"Leave it unset, or use {pocketsphinx_engine.MODEL}.",
        )
    return Choice(pocketsphinx_engine.ENGINE, pocketsphinx_engine.MODEL, reason, PocketsphinxEngine)


def _whisper(
    model: str,
    reason: str,
    *,
    device: str,
    compute_type: str,
    beam_size: int | None,
    parallel_calls: int | None,
    download: bool,
) -> Choice:
    options = WhisperOptions(model, device, compute_type, beam_size, download, parallel_calls)
    build = partial(FasterWhisperEngine, options)
    return Choice(faster_whisper_engine.ENGINE, model, reason, build)


def _cached_whispers(language: str) -> list[CachedRepoInfo]:
    """Return the CTranslate2 Whisper models in the hub's cache that know the language."""
    try:
        repos = scan_cache_dir(constants.HF_HUB_CACHE).repos
    except CacheNotFound:
        return []
    return [repo for repo in repos if _is_whisper(repo) and _knows(repo, language)]


def _is_whisper(repo: CachedRepoInfo) -> bool:
    files = {file.file_name for revision in repo.revisions for file in revision.files}
    return "whisper" in repo.repo_id.lower() and files.issuperset(NEEDED_FILES)


def _knows(repo: CachedRepoInfo, language: str) -> bool:
    return language == "en" or not repo.repo_id.endswith(".en")


def _largest_sensible(repos: Iterable[CachedRepoInfo], device: str) -> str | None:
    """Return the largest model that the device keeps up with, else the smallest there is."""
    by_size = sorted(repos, key=lambda repo: repo.size_on_disk)
    sensible = [
        repo for repo in by_size if device == "cuda" or repo.size_on_disk <= LARGEST_ON_CPU_BYTES
    ]
    if sensible:
        return sensible[-1].repo_id
    return by_size[0].repo_id if by_size else None


def _why_hub_is_unreachable() -> str | None:
    """Return why nothing can be fetched from the hub, as a clause; None where it answers."""
    if constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE is set"
    try:
        httpx.head(constants.ENDPOINT, timeout=HUB_TIMEOUT_S)
    except httpx.HTTPError:
        return f"the model hub {constants.ENDPOINT} cannot be reached"
    return None
