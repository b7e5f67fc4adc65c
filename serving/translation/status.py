"""How far the translator of a models process is, and the way to it once it is up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal, Protocol

from lessons.errors import InvalidInput, Unavailable
from models.translation.interface import TranslationModel
from serving.translation.wire import (
    LoadedTranslation,
    LoadedTranslationModel,
    Original,
    Translation,
)

STARTING_RETRY_SECONDS = 2


class TranslationService(Protocol):
    """Whatever translates texts."""

    async def translate(self, originals: Sequence[Original]) -> list[Translation]:
        """Translate texts; one outcome each, in their order.

        Raises:
            Unavailable: not now; the same texts may succeed later.
        """
        ...


class TranslationStatus:
    """What the translator is doing. One thread sets it, the endpoint's thread reads it."""

    def __init__(self) -> None:
        self._state: Literal["off", "starting", "ready", "failed"] = "off"
        self._reason = "No translation model is configured: LECTERN_TRANSLATION_MODELS is unset."
        self._models: tuple[TranslationModel, ...] = ()
        self._service: TranslationService | None = None

    def starting(self, models: Sequence[str]) -> None:
        """Say which models are being loaded."""
        self._state, self._reason = "starting", f"Loading {', '.join(models)}."

    def failed(self, reason: str) -> None:
        """Say why there will be no translations until somebody acts on it."""
        self._state, self._reason = "failed", reason

    def ready(self, service: TranslationService, models: Sequence[TranslationModel]) -> None:
        """Take texts from now on."""
        self._service, self._models = service, tuple(models)
        names = ", ".join(model.model for model in models)
        self._state, self._reason = "ready", f"Captions are translated by {names}."

    @property
    def service(self) -> TranslationService:
        """The translator.

        Raises:
            InvalidInput: there is none, and will be none until somebody acts on the reason.
            Unavailable: it is starting.
        """
        if self._service is not None:
            return self._service
        if self._state == "starting":
            raise Unavailable(self._reason, retry_after_seconds=STARTING_RETRY_SECONDS)
        raise InvalidInput(self._reason, field="LECTERN_TRANSLATION_MODELS")

    def report(self) -> LoadedTranslation:
        """Return the state, the reason and, once loaded, the pairs of languages."""
        return LoadedTranslation(
            state=self._state,
            reason=self._reason,
            models=[LoadedTranslationModel.model_validate(asdict(one)) for one in self._models],
        )
