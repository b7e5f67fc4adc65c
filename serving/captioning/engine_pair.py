"""The captioner's model, and the smaller one that takes over where the first cannot keep up."""

from __future__ import annotations

from dataclasses import dataclass

from models.captions.interface import Capabilities, CaptionEngine, CaptionWindow
from serving.captioning.ladder import Rung


@dataclass(frozen=True, slots=True)
class EnginePair:
    """A model and, where one is configured, a smaller one of the same engine."""

    main: CaptionEngine
    smaller: CaptionEngine | None = None

    def model_for(self, window: CaptionWindow, rung: Rung) -> str:
        """Return the name of the model that takes a window on a rung: partials change first."""
        if self.smaller is None:
            return self.main.capabilities.model
        least = Rung.SMALLER_FINALS if window.final else Rung.SMALLER_PARTIALS
        able = _knows(self.smaller.capabilities, self.main.capabilities, window.language)
        chosen = self.smaller if able and rung >= least else self.main
        return chosen.capabilities.model

    def named(self, model: str) -> CaptionEngine:
        """Return the engine with the model of this name."""
        if self.smaller is not None and model == self.smaller.capabilities.model:
            return self.smaller
        return self.main

    def close(self) -> None:
        """Free both."""
        self.main.close()
        if self.smaller is not None:
            self.smaller.close()


def _knows(smaller: Capabilities, main: Capabilities, language: str | None) -> bool:
    """Whether the smaller model can take a window; to detect languages it must know them all."""
    if language is not None:
        return language in smaller.languages
    return set(smaller.languages) >= set(main.languages)
