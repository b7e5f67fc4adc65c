"""The translation models of an installation: loaded together, chosen by the pair of languages."""

from __future__ import annotations

from collections.abc import Sequence

from lessons.errors import InvalidInput
from models.translation.interface import TranslationEngine, TranslationModel

FIELD = "translation_models"
"""The setting that names the models."""


class TranslationModels:
    """Several models as one. One call at a time.

    Args:
        engines: where two offer a pair, the first one is used.
    """

    def __init__(self, engines: Sequence[TranslationEngine]) -> None:
        self._engines = tuple(engines)

    @property
    def loaded(self) -> tuple[TranslationModel, ...]:
        """What they are."""
        return tuple(engine.loaded for engine in self._engines)

    def engine_for(self, source: str, target: str) -> TranslationEngine | None:
        """Return the engine for a pair of languages; None where no model offers it."""
        offering = (one for one in self._engines if one.loaded.offers(source, target))
        return next(offering, None)


def load_translation(models: Sequence[str], threads: int) -> TranslationModels:
    """Load the models.

    Args:
        models: paths of folders or hub ids.
        threads: that they may use on the CPU.

    Raises:
        InvalidInput: one does not exist or is none, or the `translation` extra is not installed.
        Unavailable: one is not on disk and the hub cannot be reached.
    """
    # torch and transformers are heavy, and only who translates has them.
    try:
        from models.translation.loading import use_threads
        from models.translation.transformers_engine import TransformersEngine
    except ModuleNotFoundError as error:
        raise not_installed(error) from error
    use_threads(threads)
    return TranslationModels([TransformersEngine(model) for model in models])


def not_installed(error: ImportError) -> InvalidInput:
    """Return what to tell where a library of the `translation` extra is missing."""
    missing = f"`{error.name}`" if error.name else "a library"
    return InvalidInput(
        f"Translation needs {missing}, which is not installed.",
        field=FIELD,
        fix="Run: pip install 'lectern[translation]'.",
    )
