"""The caption engine that is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from lessons.errors import InvalidInput, Unavailable
from serving.api.models import read_models
from serving.web.services import Services


@dataclass(frozen=True, slots=True)
class LoadedEngine:
    """What the models process runs.

    Attributes:
        engine, model, version: their names, as captions state them.
        languages: ISO 639-1 codes that it transcribes.
        parallel_windows: windows that it works on at the same time.
    """

    engine: str
    model: str
    version: str
    languages: tuple[str, ...]
    parallel_windows: int

    @property
    def name(self) -> str:
        """Engine and model in one word, such as `pocketsphinx/en-us`."""
        return f"{self.engine}/{self.model}"

    def require_language(self, language: str) -> None:
        """Refuse a language that the model does not transcribe.

        Raises:
            InvalidInput: names those that it does.
        """
        if language not in self.languages:
            raise InvalidInput(
                f"{self.name} does not transcribe {language!r}.",
                field="language",
                fix=f"Languages of the loaded model: {', '.join(self.languages)}.",
            )


async def loaded_engine(services: Services) -> LoadedEngine:
    """Return the engine that is loaded.

    Raises:
        Unavailable: none is, or the models process does not answer.
    """
    captions = (await read_models(services)).captions
    told = captions.model_dump()
    if "engine" not in told:
        raise Unavailable(captions.reason, fix="It may be starting; try again.")
    return LoadedEngine(
        told["engine"],
        told["model"],
        told["version"],
        tuple(told["languages"]),
        told["parallel_windows"],
    )
