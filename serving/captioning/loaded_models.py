"""What the models process says about itself: whether it is ready, and one line about it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from lessons.errors import Unavailable
from serving.captioning.caption_load import CaptionLoad


class _Accuracy(BaseModel):
    word_error_rate: float
    data: str


class LoadedCaptions(BaseModel):
    """The captioner as `GET /models` tells of it; without an engine while it is starting."""

    state: Literal["starting", "ready", "failed"]
    reason: str
    engine: str | None = None
    model: str | None = None
    device: str | None = None
    accuracy: _Accuracy | None = None
    load: CaptionLoad | None = None

    def is_ready(self) -> bool:
        """Return whether windows are taken.

        Raises:
            Unavailable: there will be no captions until somebody acts on the reason.
        """
        if self.state == "failed":
            raise Unavailable(f"No captions: {self.reason}")
        return self.state == "ready"

    def describe(self) -> str:
        """Say in one line which engine captions, where, how often it errs and why it was chosen."""
        errors = "not measured"
        if self.accuracy is not None:
            errors = f"{100 * self.accuracy.word_error_rate:.0f} % on {self.accuracy.data}"
        return (
            f"captions by {self.engine} {self.model} on {self.device}, "
            f"word error rate {errors}. {self.reason}"
        )


class LoadedModels(BaseModel):
    """The body of `GET /models`."""

    captions: LoadedCaptions
