"""Which model serves: the baseline, unless the temporal one's card says that it beats it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from pydantic import ValidationError

from lessons.errors import InvalidInput
from models.engagement.baseline import shipped_baseline
from models.engagement.interface import EngagementModel
from models.engagement.temporal import Comparison, TemporalCard, TemporalModel

Wanted = Literal["auto", "baseline", "temporal"]
"""Which model an operator wants: by proof alone, or one in any case."""

MARGIN = 0.02
"""Macro-F1 by which the lower end of the interval must lie above the baseline."""


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """The model that serves, and why, in words for an operator."""

    model: EngagementModel
    reason: str


def choose_model(wanted: Wanted = "auto", threads: int = 1) -> ChosenModel:
    """Return the model that serves.

    Args:
        wanted: `auto` lets the temporal model serve by proof alone; `temporal` without it, unless
            its files are damaged or gone.
        threads: that it may use.

    Raises:
        InvalidInput: the baseline's own file is damaged: then nothing can serve.
    """
    if wanted == "baseline":
        return ChosenModel(shipped_baseline(), "the baseline serves: it was asked for")
    try:
        against = objection(shipped_card().comparison) if wanted == "auto" else None
        if against is not None:
            return ChosenModel(shipped_baseline(), f"the baseline serves: {against}")
        model = shipped_temporal(threads)
    except FileNotFoundError:
        return ChosenModel(shipped_baseline(), "the baseline serves: no temporal model is there")
    except InvalidInput as error:
        return ChosenModel(shipped_baseline(), f"the baseline serves: {error}")
    proof = "it beats the baseline on learners held out"
    reason = proof if wanted == "auto" else "it was asked for"
    return ChosenModel(model, f"the temporal model serves: {reason}")


def objection(comparison: Comparison | None) -> str | None:
    """Return what speaks against the temporal model, or None where it may serve.

    It must win by a margin on learners of known kinds, and must not lose on kinds that it never
    saw, nor where a modality is missing.
    """
    if comparison is None:
        return "the temporal model was never compared with it"
    gain = comparison.held_out
    if gain.low < MARGIN:
        return f"the temporal model's gain of {gain.value:.3f} is not surely above {MARGIN}"
    if comparison.unseen.value < 0:
        return "the temporal model loses on kinds of learners that it never saw"
    losing = [name for name, each in comparison.missing.items() if each.value < 0]
    if losing:
        return f"the temporal model loses where this is missing: {', '.join(losing)}"
    return None


def shipped_card() -> TemporalCard:
    """Return the card of the temporal model that comes with Lectern.

    Raises:
        InvalidInput: it is damaged.
        FileNotFoundError: none comes with it.
    """
    try:
        return TemporalCard.model_validate_json(_file("temporal.json"))
    except ValidationError as error:
        raise InvalidInput(
            f"The card is damaged: {error}",
            field="temporal.json",
            fix="Write it with `python -m training.train_engagement --write`.",
        ) from error


def shipped_temporal(threads: int = 1) -> TemporalModel:
    """Return the temporal model that comes with Lectern, whether it serves or not.

    Raises:
        InvalidInput: card or network is damaged, or they do not belong together.
        FileNotFoundError: none comes with it.
    """
    return TemporalModel(shipped_card(), _file("temporal.onnx"), threads)


def _file(name: str) -> bytes:
    return files("models.engagement").joinpath(name).read_bytes()
