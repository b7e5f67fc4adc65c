"""Which caption engines the settings ask for; the captioner and `lectern process` read it here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field

from lessons.errors import InvalidInput
from serving.settings import Settings

if TYPE_CHECKING:
    from models.captions.selection import Choice

FASTER_WHISPER = "faster-whisper"


class EngineConfiguration(BaseModel):
    """An engine, and the smaller model that it falls back to under load."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: str = "auto"
    model: str | None = None
    smaller_model: str | None = None
    device: str = "auto"
    compute_type: str = "auto"
    beam_size: int | None = Field(default=None, ge=1)
    parallel_calls: int | None = Field(default=None, ge=1)
    language: str = "en"

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the settings ask for."""
        return cls(
            engine=settings.caption_engine,
            model=settings.caption_model,
            smaller_model=settings.caption_smaller_model,
            device=settings.caption_device,
            compute_type=settings.caption_compute_type,
            beam_size=settings.caption_beam_size,
            parallel_calls=settings.caption_parallel_calls,
            language=settings.caption_language,
        )

    def choose(self) -> Choice:
        """Choose the engine.

        Raises:
            InvalidInput: no such engine, or a model that the engine does not have.
            Unavailable: faster-whisper is asked for without a model, and none can be found.
        """
        # The engines' libraries are heavy, and only who runs one needs them.
        from models.captions.selection import choose_engine

        return choose_engine(
            engine=self.engine,
            model=self.model,
            device=self.device,
            compute_type=self.compute_type,
            beam_size=self.beam_size,
            language=self.language,
            parallel_calls=self.parallel_calls,
        )

    def choose_smaller(self, main: Choice) -> Choice | None:
        """Choose the smaller model; None where none is set.

        Raises:
            InvalidInput: it is the same model, or the main engine has one model only.
        """
        if self.smaller_model is None:
            return None
        if main.engine != FASTER_WHISPER or main.model == self.smaller_model:
            raise InvalidInput(
                f"`{self.smaller_model}` is no smaller model for {main.engine} {main.model}.",
                field="LECTERN_CAPTION_SMALLER_MODEL",
                fix="Name a smaller Whisper model beside a larger one, or unset it.",
            )
        changed = {"engine": FASTER_WHISPER, "model": self.smaller_model}
        return self.model_copy(update=changed).choose()
